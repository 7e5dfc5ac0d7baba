/// Screens one after another, kept small: a row that was there before is kept once.
public struct ScreenBook {
  /// Cells of one look next to each other.
  struct Run: Hashable {
    var look: Int
    var text: String
  }

  /// A screen.
  struct Page {
    var rows: [Int]
    var label: String
    var marks: [String]
    var milliseconds: Int
  }

  /// Columns and rows of every screen.
  public let size: Size
  let theme: Theme
  /// The rows, each as runs of one look.
  private(set) var rows: [[Run]] = []
  private(set) var pages: [Page] = []
  private(set) var looks: [Style] = []
  private var rowNumbers: [[Run]: Int] = [:]
  private var lookNumbers: [Style: Int] = [:]

  /// An empty book.
  ///
  /// - Parameters:
  ///   - size: columns and rows of its screens.
  ///   - theme: what its roles look like.
  public init(size: Size, theme: Theme) {
    self.size = size
    self.theme = theme
  }

  /// How many screens there are.
  public var count: Int { pages.count }

  /// Adds a screen.
  ///
  /// - Parameters:
  ///   - surface: the screen; of the book's size.
  ///   - label: what it is, such as `step 12`.
  ///   - marks: what is said about it; a reader can jump from one screen with a mark to the next.
  ///   - milliseconds: how long it is shown when the book plays by itself.
  public mutating func add(_ surface: Surface, label: String, marks: [String] = [], milliseconds: Int) {
    var page = Page(rows: [], label: label, marks: marks, milliseconds: milliseconds)
    for y in 0..<size.height {
      let row = y < surface.height ? runs(surface, row: y) : []
      if let known = rowNumbers[row] {
        page.rows.append(known)
      } else {
        rowNumbers[row] = rows.count
        page.rows.append(rows.count)
        rows.append(row)
      }
    }
    pages.append(page)
  }

  private mutating func runs(_ surface: Surface, row y: Int) -> [Run] {
    var result: [Run] = []
    for run in surface.styleRuns(row: y) {
      let look = theme.style(for: run.style)
      let number = lookNumbers[look] ?? looks.count
      if number == looks.count {
        looks.append(look)
        lookNumbers[look] = number
      }
      var text = ""
      for x in run.x..<(run.x + run.width) {
        let cell = surface[x, y]
        // The second half of a wide character has no glyph of its own.
        if cell.width > 0 { text += cell.glyph }
      }
      // Different roles may look the same.
      if result.last?.look == number {
        result[result.count - 1].text += text
      } else {
        result.append(Run(look: number, text: text))
      }
    }
    return result
  }
}

/// Texts in HTML and in its scripts.
enum HTMLText {
  static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.append(character)
      }
    }
    return result
  }

  /// A string in a script: valid JSON in which nothing ends the script or begins a comment.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _
      where scalar.value < 0x20 || "<>&'".unicodeScalars.contains(scalar)
        || (0x7F..<0xA0).contains(scalar.value)
        || scalar.value == 0x2028 || scalar.value == 0x2029:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
