/// What a user writes to name a model or a scenario: `NAME`, `FILE` or `FILE:NAME`.
///
/// A text is a file when it contains a `/` or ends in `.step`; everything else is the name of a file in the data directories.
public struct Reference: Hashable, Sendable {
  /// The path of a file, or the name of one in the data directories.
  public let file: String
  /// Whether `file` is a path.
  public let isPath: Bool
  /// Which model or scenario of the file; nil when the text names none.
  public let member: String?

  /// Reads a reference; every text is one.
  public init(_ text: String) {
    if let colon = text.lastIndex(of: ":") {
      let file = text[..<colon]
      let member = text[text.index(after: colon)...]
      if !file.isEmpty, !member.isEmpty, !member.contains("/"), !member.hasSuffix(Self.suffix) {
        self.init(file: String(file), member: String(member))
        return
      }
    }
    self.init(file: text, member: nil)
  }

  private init(file: String, member: String?) {
    self.file = file
    self.member = member
    isPath = file.contains("/") || file.hasSuffix(Self.suffix)
  }

  /// The folder of the file, with its `/` at the end; empty for a file in the present one, nil when `file` is no path.
  public var folder: String? {
    isPath ? Self.folder(of: file) : nil
  }

  static let suffix = ".step"

  /// The folder of a path with its `/` at the end; empty for a file in the present one.
  public static func folder(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
  }
}
