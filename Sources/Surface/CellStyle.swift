/// What a cell means. A `Theme` says what that looks like.
public struct CellStyle: Hashable, Sendable {
  /// What the text of the cell is.
  public var role: Role
  /// Emphasis on top of what the theme gives the role.
  public var emphasis: Emphasis
  /// The role whose background lies behind the text, for instance `.selection` behind a `.pin`; `nil` is the role's own.
  public var backgroundRole: Role?

  /// A style; without arguments, plain text.
  public init(role: Role = .text, emphasis: Emphasis = [], backgroundRole: Role? = nil) {
    self.role = role
    self.emphasis = emphasis
    self.backgroundRole = backgroundRole
  }

  /// Plain text.
  public static let plain = CellStyle()
}

extension CellStyle: CustomStringConvertible {
  /// As in a golden file: `pin+bold on selection`.
  public var description: String {
    let text = ([role.rawValue] + emphasis.names).joined(separator: "+")
    guard let backgroundRole else { return text }
    return "\(text) on \(backgroundRole.rawValue)"
  }
}
