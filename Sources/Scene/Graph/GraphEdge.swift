/// That one object leads to another, and how.
public struct GraphEdge: Hashable, Sendable {
  /// How it leads there.
  public enum Kind: Hashable, Sendable {
    /// A field points there.
    case reference(field: String)
    /// It is in a container: on the list.
    case member(field: String, key: Int64?)
    /// A unit of the target's count belongs to the source.
    case counted(field: String, word: String, units: Int)
  }

  /// What this step did to it.
  public enum Change: Hashable, Sendable {
    /// Nothing.
    case none
    /// It came.
    case added
    /// It went.
    case removed
  }

  /// Where it begins.
  public let source: ObjectIdentity
  /// Where it ends.
  public let target: ObjectIdentity
  /// How it leads there.
  public let kind: Kind
  /// What this step did to it.
  public let change: Change

  /// What it is, in a word or two.
  public var label: String {
    switch kind {
    case .reference(let field): field
    case .member(let field, let key): key.map { "\(field)[\($0)]" } ?? field
    case .counted(let field, _, let units): units == 1 ? "+1 \(field)" : "+\(units) \(field)"
    }
  }
}
