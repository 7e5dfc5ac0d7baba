/// Linux error numbers by name (x86-64, `asm-generic/errno.h`).
public enum Errno {
  /// Name and number, by rising number.
  public static let all: [(name: String, number: Int64)] = [
    ("EPERM", 1), ("ENOENT", 2), ("EINTR", 4), ("EIO", 5), ("E2BIG", 7), ("EBADF", 9), ("EAGAIN", 11),
    ("ENOMEM", 12), ("EFAULT", 14), ("EBUSY", 16), ("EEXIST", 17), ("ENODEV", 19), ("EINVAL", 22),
    ("ENOTTY", 25),
    ("EFBIG", 27), ("ENOSPC", 28), ("EDEADLK", 35), ("ETIME", 62), ("EOVERFLOW", 75), ("EBADFD", 77),
    ("EOPNOTSUPP", 95), ("EADDRINUSE", 98), ("ETIMEDOUT", 110),
  ]

  /// The number of a name; `EDEADLOCK` is another name of `EDEADLK`.
  public static func number(of name: String) -> Int64? {
    if name == "EDEADLOCK" { return 35 }
    return all.first { $0.name == name }?.number
  }

  /// The name of a number, or the number itself.
  public static func name(of number: Int64) -> String {
    all.first { $0.number == number }?.name ?? String(number)
  }
}
