/// The directions in which a line character leaves its cell. Lines that meet join by uniting their arms.
public struct LineArms: OptionSet, Hashable, Sendable {
  /// The bits, as in the static members.
  public let rawValue: UInt8

  /// A set from its bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// To the left neighbour.
  public static let left = LineArms(rawValue: 1)
  /// To the right neighbour.
  public static let right = LineArms(rawValue: 2)
  /// To the cell above.
  public static let up = LineArms(rawValue: 4)
  /// To the cell below.
  public static let down = LineArms(rawValue: 8)

  /// Indexed by the bits: down, up, right, left.
  private static let glyphs: [String] = [
    " ", "─", "─", "─", "│", "┘", "└", "┴", "│", "┐", "┌", "┬", "│", "┤", "├", "┼",
  ]

  /// The box-drawing character.
  var unicode: String { Self.glyphs[Int(rawValue & 15)] }

  /// The nearest in ASCII.
  var ascii: String {
    if isEmpty { return " " }
    if isSubset(of: [.left, .right]) { return "-" }
    if isSubset(of: [.up, .down]) { return "|" }
    return "+"
  }

  /// The arms of a glyph that some line drew, or `nil` for any other. In ASCII a `+` has all four.
  init?(glyph: String, glyphs: GlyphSet) {
    switch glyphs {
    case .unicode:
      switch glyph {
      case "─": self = [.left, .right]
      case "│": self = [.up, .down]
      default:
        guard glyph != " ", let bits = Self.glyphs.firstIndex(of: glyph) else { return nil }
        self.init(rawValue: UInt8(bits))
      }
    case .ascii:
      switch glyph {
      case "-": self = [.left, .right]
      case "|": self = [.up, .down]
      case "+": self = [.left, .right, .up, .down]
      default: return nil
      }
    }
  }
}
