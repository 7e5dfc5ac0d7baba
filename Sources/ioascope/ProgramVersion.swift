/// The version that `--version` prints and files carry.
enum ProgramVersion {
  static let text = "0.1.0"
}
