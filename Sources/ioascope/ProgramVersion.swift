/// The version that `--version` prints and files carry.
enum ProgramVersion {
  static let text = "1.0.0"
  /// The day of that version, for the manual page.
  static let date = "2026-11-25"
}
