/// How a cell stands out beside its colours.
public struct Emphasis: OptionSet, Hashable, Sendable {
  /// The bits, as in the static members.
  public let rawValue: UInt8

  /// A set from its bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Heavier strokes, or a brighter colour, as the terminal likes.
  public static let bold = Emphasis(rawValue: 1)
  /// A line beneath.
  public static let underline = Emphasis(rawValue: 2)
  /// Foreground and background exchanged.
  public static let reverse = Emphasis(rawValue: 4)
  /// Slanted, where the terminal can.
  public static let italic = Emphasis(rawValue: 8)

  /// Each single emphasis with its name in a theme file, in a fixed order.
  static let named: [(name: String, value: Emphasis)] = [
    ("bold", .bold), ("underline", .underline), ("reverse", .reverse), ("italic", .italic),
  ]

  /// The names of the members, in a fixed order.
  public var names: [String] {
    Self.named.filter { contains($0.value) }.map(\.name)
  }
}
