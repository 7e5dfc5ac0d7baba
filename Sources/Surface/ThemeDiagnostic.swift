/// One thing that is wrong in a theme file, where, and what to do about it.
public struct ThemeDiagnostic: Hashable, Sendable {
  /// The file as the reader of themes called it.
  public var path: String
  /// From 1.
  public var line: Int
  /// In Unicode scalars, from 1.
  public var column: Int
  /// In Unicode scalars; at least 1.
  public var length: Int
  /// What is wrong, and what to do.
  public var message: String
  /// The line of the file.
  public var source: String
}

extension ThemeDiagnostic: CustomStringConvertible {
  /// `file:line:column: error: what, and what to do`, the line, and a caret beneath the place.
  public var description: String {
    let number = String(line)
    let margin = String(repeating: " ", count: number.count)
    var lead = ""
    for scalar in source.unicodeScalars.prefix(column - 1) {
      if scalar == "\t" {
        lead += "\t"
      } else {
        lead += String(repeating: " ", count: CharacterWidth.columns(of: scalar) ?? 0)
      }
    }
    let mark = "^" + String(repeating: "~", count: max(0, length - 1))
    return """
      \(path):\(line):\(column): error: \(message)
       \(number) | \(source)
       \(margin) | \(lead)\(mark)
      """
  }
}
