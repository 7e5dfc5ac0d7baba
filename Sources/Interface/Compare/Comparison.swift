import Workbench
import Machine
import Recording
import StepLanguage
public import Surface

/// The same schedule under two models side by side, up to the step at which they part.
///
/// The left side takes the keys; the right side does what the left one did, as long as it can.
public struct Comparison {
  /// The side that takes the keys.
  public private(set) var left: AppState
  /// The side that follows.
  public private(set) var right: AppState
  /// For points of the left side at which the right one had done the same, where that one stood then.
  private var partners: [Int: Int] = [:]
  /// Where the two part on the left side's present branch: the left side's step, and how.
  public private(set) var parting: (step: Int, how: String)?

  /// Two states of the same scenario under two models.
  public init(left: AppState, right: AppState) {
    self.left = left
    self.right = right
    follow()
  }

  /// Gives both sides another state's theme, keys and marks.
  public mutating func takeLooks(of state: AppState) {
    left.takeLooks(of: state)
    right.takeLooks(of: state)
  }

  /// The size that each side is told.
  public static func halfSize(of size: Size) -> Size {
    Size(width: max(1, (size.width - 1) / 2), height: max(1, size.height - 1))
  }

  /// What becomes of both sides when something happens.
  public mutating func reduce(_ action: AppAction) -> AppEffect? {
    var own = action
    switch action {
    case .resized(let size): own = .resized(Self.halfSize(of: size))
    case .key(.resize(let size)): own = .resized(Self.halfSize(of: size))
    default: break
    }
    let effect = Interface.reduce(&left, own)
    if case .resized = own { _ = Interface.reduce(&right, own) }
    right.takeLooks(of: left)
    follow()
    return effect
  }

  /// Brings the right side to where the left one is: the same actions after the set-up, until one is not possible or does something else.
  ///
  /// The set-ups are left out: each model does its own, and an earlier difference there would hide the later ones.
  private mutating func follow() {
    parting = nil
    var other = right.timeline
    let path = left.timeline.path
    // From the last point on of which it is known where the right side stands.
    let first = min(left.timeline.nodes[left.setupEnd].depth, path.count - 1)
    partners[path[first]] = right.setupEnd
    var start = path.count - 1
    while start > first, partners[path[start]] == nil { start -= 1 }
    other.go(to: partners[path[start]] ?? right.setupEnd)
    for depth in path.indices where depth > start {
      let node = path[depth]
      guard let record = left.timeline.nodes[node].record else { continue }
      do throws(Timeline.Refusal) {
        let done = try other.perform(record.action)
        let ours = told(record, left.timeline.situation(at: node).world)
        let theirs = told(done, other.world)
        if ours != theirs {
          parting = (depth, "here '\(ours)', there '\(theirs)'")
          break
        }
        partners[node] = other.here
      } catch {
        parting = (depth, "there the step is not possible")
        break
      }
    }
    right.show(other)
  }

  /// A step in a word: the statement's text, or what began.
  private func told(_ record: StepRecord, _ world: World) -> String {
    if let statement = record.statement { return world.program.text(of: statement) }
    return record.events.contains { $0.kind == .operationStarted }
      ? "an operation begins" : "a step of the set-up"
  }

  /// Both sides, and a line that says where they part.
  public func view(size: Size) -> Surface {
    var surface = Surface(size: size, glyphs: left.glyphs)
    guard size.width >= 41, size.height >= 8 else {
      surface.writeShortened(
        "two models side by side need 41x8 and more", x: 0, y: 0, role: .warning, maxWidth: size.width)
      return surface
    }
    let half = Self.halfSize(of: size)
    surface.draw(Interface.view(left, size: half), x: 0, y: 0)
    surface.verticalLine(x: half.width, y: 0, length: half.height, role: .border)
    surface.draw(Interface.view(right, size: half), x: half.width + 1, y: 0)
    let text: String
    if let parting {
      text = " \(left.modelName) and \(right.modelName) part at step \(parting.step): \(parting.how)"
    } else {
      text = " \(left.modelName) and \(right.modelName) do the same up to here"
    }
    surface.writeShortened(
      text, x: 0, y: size.height - 1, role: parting == nil ? .ok : .warning, maxWidth: size.width)
    return surface
  }
}

extension AppState {
  /// Takes over another state's theme, keys and marks.
  public mutating func takeLooks(of other: AppState) {
    themeName = other.themeName
    themeNames = other.themeNames
    glyphs = other.glyphs
    keys = other.keys
    usesMouse = other.usesMouse
    graphStyle = other.graphStyle
    dividers = other.dividers
  }

  /// Shows another timeline of the same scenario at its present point.
  mutating func show(_ timeline: Timeline) {
    session.show(timeline)
    if let last = timeline.record?.thread { thread = last }
    refresh()
  }
}
