/// JSON written by hand, so that the order of fields and the bytes are the same everywhere and always.
package enum JSON {
  /// A string in quotes.
  package static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// A field with a text.
  package static func field(_ name: String, _ text: String) -> String { "\"\(name)\":\(quoted(text))" }
  /// A field with a number.
  package static func field(_ name: String, _ number: Int) -> String { "\"\(name)\":\(number)" }
  /// A field with a truth value.
  package static func field(_ name: String, _ isSo: Bool) -> String { "\"\(name)\":\(isSo)" }
  /// A field with a list of values that are JSON already.
  package static func field(_ name: String, _ items: [String]) -> String { "\"\(name)\":\(list(items))" }
  /// An object of fields that are JSON already.
  package static func object(_ fields: [String]) -> String { "{\(fields.joined(separator: ","))}" }
  /// A list of values that are JSON already.
  package static func list(_ items: [String]) -> String { "[\(items.joined(separator: ","))]" }
}

/// Text of XML.
package enum XML {
  /// A text between tags or in an attribute. Characters that XML does not allow are replaced.
  package static func escaped(_ text: String) -> String {
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
