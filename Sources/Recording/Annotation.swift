/// Something that was said about a point of a timeline. It changes nothing of what was done.
public struct Annotation: Hashable, Sendable {
  /// What for.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// A place to come back to; a replay can pause there.
    case marker
    /// A remark.
    case note
    /// The name of the branch that runs through the point.
    case branch
    /// A line of a session of a kind that this version does not know, as it was read; it is written again as it is.
    case unknown
  }

  /// The point that is meant, by its number in `Timeline.nodes`.
  public let point: Int
  /// What for.
  public let kind: Kind
  /// What was said; empty takes back what was said with this kind at the point before.
  public let text: String

  /// Says something about a point.
  public init(_ kind: Kind, _ text: String, at point: Int) {
    self.kind = kind
    self.text = text
    self.point = point
  }

  /// The longest text, in UTF-8 bytes, that a session's reader takes.
  public static let textLimit = 4_096
  /// The most annotations of a timeline; more are not taken.
  public static let countLimit = 1 << 20

  /// A text that does no harm on a terminal: without control characters and marks that turn the direction of writing.
  public static func plain(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    var length = 0
    for scalar in text.unicodeScalars {
      let harmless: Unicode.Scalar = isControl(scalar) ? " " : scalar
      length += UTF8.width(harmless)
      if length > textLimit { break }
      result.append(harmless)
    }
    return String(result)
  }

  /// Whether a terminal could take the character for anything but a character.
  public static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}

extension Timeline {
  /// What is said about a point now: without what was taken back, in the order in which it was said.
  public func annotations(at point: Int) -> [Annotation] {
    Self.inForce((annotationsByPoint[point] ?? []).map { annotations[$0] })
  }

  /// Says something about a point. An empty text takes back what was said with this kind there.
  ///
  /// - Parameters:
  ///   - kind: what for.
  ///   - text: what to say. Control characters become spaces, and it is cut off behind `Annotation.textLimit` bytes.
  ///   - point: the point; here without it.
  public mutating func annotate(_ kind: Annotation.Kind, _ text: String, at point: Int? = nil) {
    let point = point ?? here
    guard nodes.indices.contains(point), annotations.count < Annotation.countLimit else { return }
    annotationsByPoint[point, default: []].append(annotations.count)
    annotations.append(
      Annotation(kind, kind == .unknown ? text : Annotation.plain(text), at: point))
  }

  /// What is said now with one kind, at all points, by point.
  public func annotations(of kind: Annotation.Kind) -> [Annotation] {
    let found = Self.inForce(annotations.filter { $0.kind == kind })
    // Stable: what was said first of one point stays first.
    return found.enumerated().sorted { ($0.element.point, $0.offset) < ($1.element.point, $1.offset) }
      .map(\.element)
  }

  /// The name of the branch that ends at a leaf; nil when it was given none.
  ///
  /// A name belongs to the branch that ran through its point when it was given: looking back from the leaf, the last name before the place
  /// where the branch left an older one.
  public func branchName(of leaf: Int) -> String? {
    guard let point = pointThatNames(branch: leaf) else { return nil }
    return annotations(at: point).last { $0.kind == .branch }?.text
  }

  /// The point to which the name of the branch that ends at a leaf was given; nil when it has none.
  public func pointThatNames(branch leaf: Int) -> Int? {
    guard nodes.indices.contains(leaf) else { return nil }
    let named = Set(annotations.lazy.filter { $0.kind == .branch }.map(\.point))
    guard !named.isEmpty else { return nil }
    var point = leaf
    while true {
      if named.contains(point), annotations(at: point).contains(where: { $0.kind == .branch }) {
        return point
      }
      let parent = Int(points[point].parent)
      guard parent >= 0, points[parent].firstChild == point else { return nil }
      point = parent
    }
  }

  private static func inForce(_ said: [Annotation]) -> [Annotation] {
    var result: [Annotation] = []
    for annotation in said {
      // A branch has one name: a new one takes the place of the old one.
      if annotation.text.isEmpty || annotation.kind == .branch {
        result.removeAll { $0.kind == annotation.kind && $0.point == annotation.point }
      }
      if !annotation.text.isEmpty { result.append(annotation) }
    }
    return result
  }
}
