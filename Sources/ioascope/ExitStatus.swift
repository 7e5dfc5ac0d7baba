import ArgumentParser

/// The exit status of the program, after sysexits.h; the meaning of each is a contract with scripts.
enum ExitStatus {
  /// The answer is no: a property is violated, an expectation failed.
  static let no = ExitCode(1)
  /// The command line is wrong.
  static let usage = ExitCode(64)
  /// The content of a file is wrong.
  static let data = ExitCode(65)
  /// A file or a name leads nowhere.
  static let noInput = ExitCode(66)
  /// A defect of ours.
  static let defect = ExitCode(70)
  /// Reading or writing failed.
  static let inputOutput = ExitCode(74)
}
