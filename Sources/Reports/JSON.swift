import Recording

/// JSON written by hand, so that the bytes are the same everywhere and always.
enum JSON {
  static func quoted(_ text: String) -> String { SessionWriter.quoted(text) }
  static func field(_ name: String, _ text: String) -> String { "\"\(name)\":\(quoted(text))" }
  static func field(_ name: String, _ number: Int) -> String { "\"\(name)\":\(number)" }
  static func object(_ fields: [String]) -> String { "{\(fields.joined(separator: ","))}" }
  static func list(_ items: [String]) -> String { "[\(items.joined(separator: ","))]" }
}

/// Text of XML.
enum XML {
  /// A text between tags or in an attribute. Characters that XML does not allow are replaced.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF:
        result.unicodeScalars.append("\u{FFFD}")
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

/// Decimal fractions without a locale.
enum Decimals {
  /// A number that is not negative, rounded to so many digits behind the point.
  static func text(_ number: Double, _ digits: Int) -> String {
    var scale = 1
    for _ in 0..<digits { scale *= 10 }
    let value = Int((max(0, min(number, 1e12)) * Double(scale)).rounded())
    let fraction = String(value % scale)
    return "\(value / scale).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
  }
}
