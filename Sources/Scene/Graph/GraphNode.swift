import Machine

/// An object as the graph shows it.
public struct GraphNode: Hashable, Sendable {
  /// A field that the model says to show.
  public struct ShownField: Hashable, Sendable {
    /// The field's name.
    public let name: String
    /// Its value in words.
    public let text: String
    /// Whether it is zero, false or null: what a narrow view leaves out.
    public let isBlank: Bool
    /// Whether this step changed it.
    public let isChanged: Bool
    /// The object that it leads to.
    public let target: ObjectIdentity?
    /// Whether it is a reference, null or not.
    public let isReference: Bool
  }

  /// A refcount.
  public struct Count: Hashable, Sendable {
    /// The field's name.
    public let name: String
    /// How many units.
    public let value: Int64
    /// What this step added or took away.
    public let change: Int64
  }

  /// Whether the object is there.
  public enum Presence: Hashable, Sendable {
    /// As before.
    case present
    /// Made in this very step.
    case new
    /// Freed, but somebody still points to it.
    case tombstone
    /// Freed in this very step, and nobody points to it any more.
    case gone
  }

  /// Which object.
  public let identity: ObjectIdentity
  /// Its name, such as `device2`.
  public let name: String
  /// Its type's name.
  public let typeName: String
  /// Row of the graph, 0 at the top.
  public let layer: Int
  /// The model's word for what sort of thing it is.
  public let role: String
  /// Its fields to show, counts and locks aside.
  public let fields: [ShownField]
  /// Its reference counts.
  public let counts: [Count]
  /// Its locks; those of xarrays only while there is something to say about them.
  public let locks: [LockBadge]
  /// Whether it is there.
  public let presence: Presence
  /// Where globals hold it, such as `files[3]`.
  public let places: [String]
  /// The object inside which it is drawn; nil for one that stands for itself.
  public let owner: ObjectIdentity?
  /// Whether objects of its type are drawn inside others, even when this one has no owner now.
  public let isInner: Bool
  /// For an object that is in no container or is freed, what still leads to it: fields such as `vdev1.drvdata`, and local variables
  /// such as `T0: node`.
  public let pointers: [String]
  /// Its range in its owner's interval map.
  public let range: String?

  /// Whether this step changed anything about it.
  public var isChanged: Bool {
    presence == .new || presence == .gone || fields.contains(where: \.isChanged)
      || counts.contains { $0.change != 0 } || locks.contains { $0.isTakenNow || $0.isReleasedNow }
  }
}
