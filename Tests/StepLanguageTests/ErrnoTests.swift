import Foundation
import StepLanguage
import Testing

@Suite struct ErrnoTests {
  @Test func numbersAreThoseOfLinux() {
    #expect(Errno.number(of: "ESRCH") == 3)
    #expect(Errno.number(of: "EACCES") == 13)
    #expect(Errno.number(of: "EHWPOISON") == 133)
    #expect(Errno.number(of: "ERESTARTSYS") == 512)
    #expect(Errno.number(of: "EWOULDBLOCK") == 11 && Errno.name(of: 11) == "EAGAIN")
    #expect(Errno.number(of: "EDEADLOCK") == 35 && Errno.name(of: 35) == "EDEADLK")
    #expect(Errno.number(of: "ENONSENSE") == nil)
    #expect(Errno.name(of: 41) == "41", "Linux has no name for 41")
  }

  @Test func everyNameLeadsToItsNumberAndBack() {
    for (name, number) in Errno.all {
      #expect(Errno.number(of: name) == number)
      #expect(Errno.name(of: number) == name)
    }
    #expect(Errno.all.map(\.number) == Errno.all.map(\.number).sorted())
    // 1 to 133 without 41 and 58, which have no name of their own.
    let numbers: [Int64] = Errno.all.map(\.number).filter { $0 < 200 }
    let expected: [Int64] = Array(1...133).filter { $0 != 41 && $0 != 58 }
    #expect(numbers == expected)
  }

  /// The C library of the machine that runs this agrees wherever it has a text for a number.
  @Test func theCLibraryKnowsTheSameNumbers() {
    let known: [(String, Int32)] = [
      ("EPERM", EPERM), ("ESRCH", ESRCH), ("ENXIO", ENXIO), ("EACCES", EACCES), ("EXDEV", EXDEV),
      ("EROFS", EROFS),
      ("EPIPE", EPIPE), ("ERANGE", ERANGE), ("ENAMETOOLONG", ENAMETOOLONG), ("ENOSYS", ENOSYS),
      ("ENODATA", ENODATA),
      ("EPROTO", EPROTO), ("EILSEQ", EILSEQ), ("ENOTSOCK", ENOTSOCK), ("EMSGSIZE", EMSGSIZE),
      ("ENOBUFS", ENOBUFS),
      ("ECONNRESET", ECONNRESET), ("EALREADY", EALREADY), ("EINPROGRESS", EINPROGRESS), ("ESTALE", ESTALE),
      ("ECANCELED", ECANCELED), ("EOWNERDEAD", EOWNERDEAD), ("ENOTRECOVERABLE", ENOTRECOVERABLE),
    ]
    for (name, number) in known { #expect(Errno.number(of: name) == Int64(number), "\(name)") }
  }
}
