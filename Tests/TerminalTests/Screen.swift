import Surface

/// What a terminal would show for the bytes that it was sent: enough of xterm for what ncurses sends to one.
struct Screen {
  /// Each cell's character; empty in the right half of a wide one.
  private(set) var cells: [[String]]
  private(set) var size: Size
  /// DEC private modes that are set: 1049 is the alternate screen, 25 the cursor, 1002 the mouse.
  private(set) var modes: Set<Int> = [25]
  /// How often the alternate screen was entered.
  private(set) var entries = 0
  private var x = 0
  private var y = 0
  private var saved = (x: 0, y: 0)
  private var top = 0
  private var bottom: Int
  private var mainCells: [[String]]
  private var last = " "
  private var state = State.text
  private var parameters = ""
  private var partial: [UInt8] = []

  private enum State { case text, escape, control, charset, string }

  init(size: Size) {
    self.size = size
    cells = Self.blank(size)
    mainCells = cells
    bottom = size.height - 1
  }

  var lines: [String] {
    cells.map { row in
      var line = row.joined()
      while line.last == " " { line.removeLast() }
      return line
    }
  }

  var text: String { lines.joined(separator: "\n") }
  var isAlternate: Bool { modes.contains(1049) }
  var isCursorVisible: Bool { modes.contains(25) }
  var hasMouse: Bool { modes.contains(1002) }

  private static func blank(_ size: Size) -> [[String]] {
    Array(repeating: Array(repeating: " ", count: size.width), count: size.height)
  }

  mutating func resize(_ new: Size) {
    func fit(_ old: [[String]]) -> [[String]] {
      var result = Self.blank(new)
      for y in 0..<min(new.height, old.count) {
        for x in 0..<min(new.width, old[y].count) { result[y][x] = old[y][x] }
      }
      return result
    }
    cells = fit(cells)
    mainCells = fit(mainCells)
    size = new
    (top, bottom) = (0, new.height - 1)
    (x, y) = (min(x, new.width - 1), min(y, new.height - 1))
  }

  mutating func feed(_ bytes: some Sequence<UInt8>) {
    for byte in bytes {
      switch state {
      case .text: text(byte)
      case .escape: escape(byte)
      case .charset: state = .text
      case .string: if byte == 7 || byte == 0x5C { state = .text }
      case .control:
        if byte >= 0x40, byte <= 0x7E {
          state = .text
          control(Character(Unicode.Scalar(byte)))
        } else {
          parameters.unicodeScalars.append(Unicode.Scalar(byte))
        }
      }
    }
  }

  private mutating func text(_ byte: UInt8) {
    switch byte {
    case 0x1B: state = .escape
    case 0x0D: x = 0
    case 0x0A, 0x0B, 0x0C: lineFeed()
    case 0x08: x = max(0, x - 1)
    case 0x09: x = min(size.width - 1, (x / 8 + 1) * 8)
    case 0..<0x20: break
    default:
      partial.append(byte)
      if let whole = String(validating: partial, as: UTF8.self) {
        partial = []
        print(whole)
      } else if partial.count == 4 {
        partial = []
      }
    }
  }

  private mutating func print(_ text: String) {
    guard let scalar = text.unicodeScalars.first else { return }
    let columns = CharacterWidth.columns(of: scalar) ?? 1
    if columns == 0 {
      if x > 0 { cells[y][x - 1] += text }
      return
    }
    if x + columns > size.width {
      x = 0
      lineFeed()
    }
    cells[y][x] = text
    if columns == 2 { cells[y][x + 1] = "" }
    x += columns
    last = text
  }

  private mutating func lineFeed() {
    if y == bottom { scroll(1) } else { y = min(size.height - 1, y + 1) }
  }

  private mutating func scroll(_ count: Int, from first: Int? = nil) {
    let first = first ?? top
    let blank = Array(repeating: " ", count: size.width)
    for _ in 0..<min(abs(count), bottom - first + 1) {
      cells.remove(at: count > 0 ? first : bottom)
      cells.insert(blank, at: count > 0 ? bottom : first)
    }
  }

  private mutating func escape(_ byte: UInt8) {
    state = .text
    switch byte {
    case UInt8(ascii: "["):
      parameters = ""
      state = .control
    case UInt8(ascii: "("), UInt8(ascii: ")"): state = .charset
    case UInt8(ascii: "]"), UInt8(ascii: "P"): state = .string
    case UInt8(ascii: "7"): saved = (x, y)
    case UInt8(ascii: "8"): (x, y) = saved
    case UInt8(ascii: "M"): if y == top { scroll(-1) } else { y = max(0, y - 1) }
    case UInt8(ascii: "D"): lineFeed()
    default: break
    }
  }

  private mutating func control(_ final: Character) {
    if let mark = parameters.first, mark == "?" || mark == ">" {
      guard mark == "?", final == "h" || final == "l" else { return }
      for mode in parameters.dropFirst().split(separator: ";").compactMap({ Int($0) }) {
        set(mode, final == "h")
      }
      return
    }
    let numbers = parameters.split(separator: ";", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    let first = numbers.first ?? 0
    let count = max(1, first)
    let second = numbers.count > 1 ? numbers[1] : 0
    switch final {
    case "A": y = max(0, y - count)
    case "B": y = min(size.height - 1, y + count)
    case "C": x = min(size.width - 1, x + count)
    case "D": x = max(0, x - count)
    case "G": x = min(size.width - 1, count - 1)
    case "d": y = min(size.height - 1, count - 1)
    case "H", "f": (y, x) = (min(size.height, count) - 1, min(size.width, max(1, second)) - 1)
    case "J":
      let from = first == 0 ? y * size.width + x : 0
      let to = first == 1 ? y * size.width + x : size.width * size.height - 1
      if from <= to { for place in from...to { cells[place / size.width][place % size.width] = " " } }
    case "K":
      let (from, to) = (first == 0 ? min(x, size.width) : 0, first == 1 ? x : size.width - 1)
      if from <= to { for place in from...to { cells[y][place] = " " } }
    case "X": for place in x..<min(size.width, x + count) { cells[y][place] = " " }
    case "P":
      for _ in 0..<min(count, size.width - x) {
        cells[y].remove(at: x)
        cells[y].append(" ")
      }
    case "@":
      for _ in 0..<min(count, size.width - x) {
        cells[y].insert(" ", at: x)
        cells[y].removeLast()
      }
    case "L": scroll(-count, from: y)
    case "M": scroll(count, from: y)
    case "S": scroll(count)
    case "T": scroll(-count)
    case "b": for _ in 0..<count { print(last) }
    case "r":
      (top, bottom) = (count - 1, (second == 0 ? size.height : min(second, size.height)) - 1)
      (x, y) = (0, 0)
    default: break
    }
  }

  private mutating func set(_ mode: Int, _ on: Bool) {
    if mode == 1049 {
      guard on != isAlternate else { return }
      if on {
        entries += 1
        saved = (x, y)
        mainCells = cells
        cells = Self.blank(size)
      } else {
        cells = mainCells
        (x, y) = saved
      }
    }
    if on { modes.insert(mode) } else { modes.remove(mode) }
  }
}
