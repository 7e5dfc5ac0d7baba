public import Surface

/// One thing that the user did at the terminal.
///
/// Each has a name (`ctrl-p`, `shift-tab`, `f1`, `space`, `left-press@3,4`, `resize@80x24`), so that the key table,
/// scripts and recorded sessions are text.
public enum Keystroke: Hashable, Sendable {
  /// A character, as typed: capitals are their own keys.
  case character(Character)
  /// Control with a character, in lower case. What a terminal sends for ctrl-i, ctrl-m and ctrl-h arrives as
  /// `tab`, `enter` and `backspace`.
  case control(Character)
  /// Alt (meta) with a character.
  case alt(Character)
  /// The arrow up.
  case up
  /// The arrow down.
  case down
  /// The arrow left.
  case left
  /// The arrow right.
  case right
  /// Shift and the arrow up.
  case shiftUp
  /// Shift and the arrow down.
  case shiftDown
  /// Shift and the arrow left.
  case shiftLeft
  /// Shift and the arrow right.
  case shiftRight
  /// Home.
  case home
  /// End.
  case end
  /// Page up.
  case pageUp
  /// Page down.
  case pageDown
  /// Enter or return.
  case enter
  /// Escape.
  case escape
  /// Tab.
  case tab
  /// Shift and tab.
  case backTab
  /// Backspace.
  case backspace
  /// Delete.
  case delete
  /// Insert.
  case insert
  /// A function key, from 1.
  case function(Int)
  /// Text that was pasted as a whole, where the terminal tells it from typing.
  case paste(String)
  /// The mouse.
  case mouse(MouseEvent)
  /// The terminal has a new size.
  case resize(Size)
}

extension Keystroke {
  /// The keys that have a name and nothing else.
  private static let named: [(name: String, key: Keystroke)] = [
    ("up", .up), ("down", .down), ("left", .left), ("right", .right), ("shift-up", .shiftUp),
    ("shift-down", .shiftDown), ("shift-left", .shiftLeft), ("shift-right", .shiftRight), ("home", .home),
    ("end", .end), ("page-up", .pageUp), ("page-down", .pageDown), ("enter", .enter), ("esc", .escape),
    ("tab", .tab), ("shift-tab", .backTab), ("backspace", .backspace), ("delete", .delete),
    ("insert", .insert),
  ]

  /// The most that a terminal may number.
  private static let mostFunctionKeys = 63

  /// The name that `init(name:)` reads.
  public var name: String {
    switch self {
    case .character(let character): Self.name(of: character)
    case .control(let character): "ctrl-" + Self.name(of: character)
    case .alt(let character): "alt-" + Self.name(of: character)
    case .function(let number): "f\(number)"
    case .paste(let text): "paste@" + Self.escaped(text)
    case .mouse(let event): event.name
    case .resize(let size): "resize@\(size.width)x\(size.height)"
    default: Self.named.first { $0.key == self }?.name ?? ""
    }
  }

  /// The keystroke of a name; `nil` when there is none of this name.
  ///
  /// A single character names itself; `space` is a blank. After `ctrl-` letters may be of either case.
  public init?(name: String) {
    if let named = Self.named.first(where: { $0.name == name }) {
      self = named.key
    } else if let character = Self.character(named: name) {
      self = .character(character)
    } else if name.hasPrefix("ctrl-"), let character = Self.character(named: name.dropFirst(5)) {
      guard let lower = character.lowercased().first else { return nil }
      self = .control(lower)
    } else if name.hasPrefix("alt-"), let character = Self.character(named: name.dropFirst(4)) {
      self = .alt(character)
    } else if name.hasPrefix("f"), let number = Self.number(name.dropFirst()),
      (1...Self.mostFunctionKeys) ~= number
    {
      self = .function(number)
    } else if name.hasPrefix("resize@"), let (width, height) = Self.pair(name.dropFirst(7), separatedBy: "x")
    {
      self = .resize(Size(width: width, height: height))
    } else if name.hasPrefix("paste@") {
      guard let text = Self.unescaped(name.dropFirst(6)) else { return nil }
      self = .paste(text)
    } else if let event = MouseEvent(name: name) {
      self = .mouse(event)
    } else {
      return nil
    }
  }

  /// Text as a word of letters and digits, all other bytes as `%` and two hexadecimal digits.
  private static func escaped(_ text: String) -> String {
    text.utf8.map { byte in
      let scalar = Unicode.Scalar(byte)
      if byte < 128, scalar.properties.isAlphabetic || (48...57).contains(byte) { return String(scalar) }
      return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }

  private static func unescaped(_ text: some StringProtocol) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      else {
        return nil
      }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func name(of character: Character) -> String {
    character == " " ? "space" : String(character)
  }

  private static func character(named name: some StringProtocol) -> Character? {
    if name == "space" { return " " }
    guard name.count == 1, let character = name.first, character != " ", !character.isNewline else {
      return nil
    }
    return character
  }

  /// Decimal digits only: no sign, no blank, one way to write a number.
  static func number(_ text: some StringProtocol) -> Int? {
    guard !text.isEmpty, text.allSatisfy({ ("0"..."9").contains($0) }), text == "0" || text.first != "0"
    else {
      return nil
    }
    return Int(text)
  }

  /// Two numbers with a separator between them.
  static func pair(_ text: some StringProtocol, separatedBy separator: Character) -> (Int, Int)? {
    let parts = text.split(separator: separator, omittingEmptySubsequences: false)
    guard parts.count == 2, let first = number(parts[0]), let second = number(parts[1]) else { return nil }
    return (first, second)
  }
}

extension Keystroke: CustomStringConvertible {
  /// The name.
  public var description: String { name }
}
