public import Surface

/// What the mouse did, and where.
public struct MouseEvent: Hashable, Sendable {
  /// What happened.
  public enum Kind: Hashable, Sendable {
    /// A button went down.
    case press(Button)
    /// A button went up.
    case release(Button)
    /// The mouse moved to another cell with a button down.
    case drag(Button)
    /// The wheel turned away from the user.
    case wheelUp
    /// The wheel turned towards the user.
    case wheelDown
  }

  /// A button.
  public enum Button: String, Hashable, Sendable, CaseIterable {
    /// The main one, whichever side it is on.
    case left
    /// The wheel.
    case middle
    /// The other one.
    case right
  }

  /// Keys that were held.
  public struct Modifiers: OptionSet, Hashable, Sendable {
    /// The bits, as in the static members.
    public let rawValue: UInt8

    /// A set from its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Shift.
    public static let shift = Modifiers(rawValue: 1)
    /// Control.
    public static let control = Modifiers(rawValue: 2)
    /// Alt, also called meta.
    public static let alt = Modifiers(rawValue: 4)

    /// Each modifier with the prefix of its name.
    static let named: [(prefix: String, value: Modifiers)] = [
      ("ctrl-", .control), ("alt-", .alt), ("shift-", .shift),
    ]
  }

  /// What happened.
  public var kind: Kind
  /// The cell, from the top left of the screen.
  public var position: Point
  /// Keys that were held.
  public var modifiers: Modifiers

  /// An event.
  public init(_ kind: Kind, at position: Point, modifiers: Modifiers = []) {
    self.kind = kind
    self.position = position
    self.modifiers = modifiers
  }
}

extension MouseEvent {
  /// The event as text: `left-press@3,4`, `ctrl-wheel-up@0,10`.
  public var name: String {
    let prefix = Modifiers.named.filter { modifiers.contains($0.value) }.map(\.prefix).joined()
    let what =
      switch kind {
      case .press(let button): "\(button.rawValue)-press"
      case .release(let button): "\(button.rawValue)-release"
      case .drag(let button): "\(button.rawValue)-drag"
      case .wheelUp: "wheel-up"
      case .wheelDown: "wheel-down"
      }
    return "\(prefix)\(what)@\(position.x),\(position.y)"
  }

  /// The event that `name` names; `nil` when it names none.
  public init?(name: String) {
    let halves = name.split(separator: "@", omittingEmptySubsequences: false)
    guard halves.count == 2, let (x, y) = Keystroke.pair(halves[1], separatedBy: ",") else { return nil }
    var what = halves[0]
    var modifiers: Modifiers = []
    for (prefix, value) in Modifiers.named where what.hasPrefix(prefix) {
      what = what.dropFirst(prefix.count)
      modifiers.insert(value)
    }
    let kind: Kind
    switch what {
    case "wheel-up": kind = .wheelUp
    case "wheel-down": kind = .wheelDown
    default:
      let words = what.split(separator: "-", omittingEmptySubsequences: false)
      guard words.count == 2, let button = Button(rawValue: String(words[0])) else { return nil }
      switch words[1] {
      case "press": kind = .press(button)
      case "release": kind = .release(button)
      case "drag": kind = .drag(button)
      default: return nil
      }
    }
    self.init(kind, at: Point(x: x, y: y), modifiers: modifiers)
  }
}
