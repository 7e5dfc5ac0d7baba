import StepLanguage

/// Reads whole sessions.
public enum SessionReader {
  /// Reads a session.
  ///
  /// A last line that is cut off is skipped and told in `warnings`; kinds of line that are not known are kept.
  ///
  /// - Throws: `DiagnosticError` when the file is no session, is of a later version, or a line is wrong.
  public static func read(name: String, text: String) throws -> Session {
    var parser = SessionParser(name: name)
    var header: Session.Header?
    var entries: [(line: Int, entry: Session.Entry)] = []
    func take(_ item: SessionParser.Item) {
      switch item {
      case .header(let first): header = first
      case .entry(let entry, let line): entries.append((line, entry))
      case .broken: break
      }
    }
    var text = text
    try text.withUTF8 { try parser.feed($0, take) }
    let warning = try parser.finish(take)
    guard let header else {
      throw DiagnosticError([
        Diagnostic("this is no session: the first line should be its header", file: name)
      ])
    }
    return Session(header: header, entries: entries, warnings: warning.map { [$0] } ?? [])
  }
}
