import Surface

/// Breaks a text into lines at its blanks.
enum TextWrap {
  static func lines(of text: String, width: Int) -> [String] {
    var result: [String] = []
    var line = ""
    for word in text.split(whereSeparator: \.isWhitespace) {
      if !line.isEmpty,
        CharacterWidth.columns(of: line) + 1 + CharacterWidth.columns(of: String(word)) > width
      {
        result.append(line)
        line = ""
      }
      line += line.isEmpty ? String(word) : " \(word)"
    }
    if !line.isEmpty { result.append(line) }
    return result
  }
}
