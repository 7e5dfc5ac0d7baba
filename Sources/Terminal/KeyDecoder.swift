internal import CNcurses
internal import Interface
internal import Surface

/// From what ncurses reads to keystrokes: names for key codes, and control and alt for characters.
enum KeyDecoder {
  /// The keystroke of a character that was typed by itself; `nil` for one that means nothing.
  static func character(_ scalar: Unicode.Scalar) -> Keystroke? {
    switch scalar.value {
    case 0x09: .tab
    case 0x0A, 0x0D: .enter
    case 0x08, 0x7F: .backspace
    case 0x1B: .escape
    case 0x00: .control(" ")
    case 0x01...0x1A: .control(Character(Unicode.Scalar(UInt8(scalar.value + 0x60))))
    case 0x1C...0x1F: .control(Character(Unicode.Scalar(UInt8(scalar.value + 0x40))))
    case 0x80...0x9F: nil
    default: .character(Character(scalar))
    }
  }

  /// The keystroke of a character that followed an escape at once; `nil` when that is not alt with a character.
  static func alt(_ scalar: Unicode.Scalar) -> Keystroke? {
    if case .character(let character)? = character(scalar) { return .alt(character) }
    return nil
  }

  /// The keystroke of a key code, the mouse and the size aside; `nil` for one that we have no use for.
  static func key(_ code: UInt32) -> Keystroke? {
    switch Int32(bitPattern: code) {
    case KEY_UP: return .up
    case KEY_DOWN: return .down
    case KEY_LEFT: return .left
    case KEY_RIGHT: return .right
    case KEY_SR: return .shiftUp
    case KEY_SF: return .shiftDown
    case KEY_SLEFT: return .shiftLeft
    case KEY_SRIGHT: return .shiftRight
    case KEY_HOME, KEY_A1: return .home
    case KEY_END, KEY_C1: return .end
    case KEY_PPAGE, KEY_A3: return .pageUp
    case KEY_NPAGE, KEY_C3: return .pageDown
    case KEY_ENTER: return .enter
    case KEY_BACKSPACE: return .backspace
    case KEY_BTAB: return .backTab
    case KEY_DC: return .delete
    case KEY_IC: return .insert
    default:
      for number in 1...63 where code == ioa_function_key(Int32(number)) { return .function(number) }
      return nil
    }
  }

  /// The event of a mouse report in the SGR form, `ESC [ < code ; column ; row M`, or `m` for a release.
  /// `nil` for a report of something else.
  static func mouse(parameters: String, final: Character) -> MouseEvent? {
    let numbers = parameters.split(separator: ";", omittingEmptySubsequences: false).compactMap { Int($0) }
    guard numbers.count == 3, numbers[1] > 0, numbers[2] > 0, final == "M" || final == "m" else { return nil }
    let code = numbers[0]
    let kind: MouseEvent.Kind
    if code & 64 != 0 {
      switch code & 3 {
      case 0: kind = .wheelUp
      case 1: kind = .wheelDown
      default: return nil
      }
    } else {
      guard let button = [MouseEvent.Button.left, .middle, .right].dropFirst(code & 3).first else {
        return nil
      }
      kind = code & 32 != 0 ? .drag(button) : final == "M" ? .press(button) : .release(button)
    }
    var modifiers: MouseEvent.Modifiers = []
    if code & 4 != 0 { modifiers.insert(.shift) }
    if code & 8 != 0 { modifiers.insert(.alt) }
    if code & 16 != 0 { modifiers.insert(.control) }
    return MouseEvent(kind, at: Point(x: numbers[1] - 1, y: numbers[2] - 1), modifiers: modifiers)
  }
}
