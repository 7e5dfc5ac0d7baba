import Machine
public import Recording
import StepLanguage

/// What of a model's properties and invariants, and of a user's watches, is true at a point of a timeline, and since when.
public struct Truth: Sendable {
  /// What a row is about.
  public enum Kind: String, Hashable, Sendable {
    /// What the machine, or a check of the model, finds.
    case property
    /// An invariant of the model.
    case invariant
    /// An expression of the user's.
    case watch
  }

  /// One property, invariant or watch.
  public struct Row: Hashable, Sendable {
    /// What it is about.
    public var kind: Kind
    /// Its name; of a watch its text.
    public var name: String
    /// What it says.
    public var title: String
    /// Whether it holds here: of a property that it was not violated on the way here. Nil for a watch that is no condition, for what cannot be
    /// evaluated, and for an invariant that is not due while a system call is in flight.
    public var isTrue: Bool?
    /// The value of a watch, or why there is no value; empty otherwise.
    public var value: String
    /// What is false, one for each object: the part of the formula and what it read; of a property the finding's message.
    public var falseParts: [Part]
    /// The step since which it is as it is here; 0 since the start.
    public var since: Int
    /// Whether it may have been so for longer: looking back ended there.
    public var isSinceAtLeast: Bool
  }

  /// What is false of an object, or of the model.
  public struct Part: Hashable, Sendable {
    /// The object's name; empty for none.
    public var object: String
    /// The part of the formula.
    public var text: String
    /// What it read.
    public var values: [String]
  }

  /// The rows: properties, invariants, watches.
  public let rows: [Row]

  /// How many steps are looked back at most.
  public static let reach = 4_096

  /// Of each row what is compared from one state to another; nil for what has no value.
  private let samples: [Int64?]

  /// What is true at a timeline's present point.
  ///
  /// - Parameter previous: the same at the point before, by a reader of the same expressions, when it is known; the result does not depend on it, but
  ///   nothing needs to be looked back at then.
  public init(_ timeline: Timeline, _ reader: ConditionReader, after previous: Truth? = nil) {
    let world = timeline.world
    let program = reader.program
    var rows = Self.properties(timeline)
    let quiescent = ConditionReader.isQuiescent(timeline.view)
    for (number, invariant) in program.invariants.enumerated() {
      let outcomes = reader.outcomes(of: number, in: timeline.state, world: world)
      let wrong = outcomes.filter { $0.isTrue == false }
      let failure = outcomes.first { $0.isTrue == nil }?.failure ?? ""
      let isDue = !invariant.isQuiescent || quiescent
      var row = Row(
        kind: .invariant, name: invariant.name, title: invariant.title,
        isTrue: !isDue ? nil : wrong.isEmpty ? (failure.isEmpty ? true : nil) : false,
        value: isDue ? failure : "not due: a system call is in flight", falseParts: [], since: 0,
        isSinceAtLeast: false)
      if row.isTrue == false {
        row.falseParts = wrong.prefix(Self.objectLimit).map { outcome in
          let part = reader.part(of: number, about: outcome.object, in: timeline.state, world: world)
          return Part(
            object: outcome.object.map { timeline.view.name(of: $0) } ?? "", text: part.text ?? "",
            values: part.values)
        }
      }
      rows.append(row)
    }
    for (number, watch) in program.watches.enumerated() {
      let value = reader.value(ofWatch: number, in: timeline.state, world: world)
      var row = Row(
        kind: .watch, name: watch.text, title: "", isTrue: nil, value: value.text, falseParts: [], since: 0,
        isSinceAtLeast: false)
      if watch.type == .bool, let word = value.word { row.isTrue = word != 0 }
      if row.isTrue == false {
        let part = reader.part(ofWatch: number, in: timeline.state, world: world)
        row.falseParts = [Part(object: "", text: part.text ?? watch.text, values: part.values)]
      }
      rows.append(row)
    }
    let first = rows.firstIndex { $0.kind == .invariant } ?? rows.count
    let watches = rows.firstIndex { $0.kind == .watch } ?? rows.count
    samples = rows.indices.map {
      rows[$0].kind == .property
        ? nil : Self.sample($0, first, watches, timeline.state, timeline.world, reader)
    }
    let lowest = max(0, timeline.depth - Self.reach)
    if let previous, previous.rows.map(\.name) == rows.map(\.name) {
      for row in rows.indices where rows[row].kind != .property {
        let isSame = previous.samples[row] == samples[row]
        rows[row].since = isSame ? max(previous.rows[row].since, lowest) : timeline.depth
        rows[row].isSinceAtLeast = lowest > 0 && rows[row].since <= lowest
      }
      self.rows = rows
    } else {
      self.rows = Self.dated(rows, samples, first, watches, timeline, reader)
    }
  }

  /// The most objects of which it is told what is false.
  private static let objectLimit = 8

  // MARK: Properties

  private static func properties(_ timeline: Timeline) -> [Row] {
    let path = timeline.path
    var first: [String: (step: Int, message: String)] = [:]
    for finding in timeline.initialFindings where first[finding.property.rawValue] == nil {
      first[finding.property.rawValue] = (0, finding.message)
    }
    for step in 1..<max(1, path.count) where timeline.nodes[path[step]].traits.contains(.finding) {
      for finding in timeline.record(at: path[step])?.findings ?? []
      where first[finding.property.rawValue] == nil {
        first[finding.property.rawValue] = (step, finding.message)
      }
    }
    // Invariants have rows of their own.
    return timeline.world.program.properties.filter { $0 != .invariant }.map { property in
      let found = first[property.rawValue]
      return Row(
        kind: .property, name: property.rawValue, title: property.title, isTrue: found == nil, value: "",
        falseParts: found.map { [Part(object: "", text: $0.message, values: [])] } ?? [],
        since: found?.step ?? 0, isSinceAtLeast: false)
    }
  }

  // MARK: Since when

  /// The rows with the step since which each is as it is.
  private static func dated(
    _ rows: [Row], _ samples: [Int64?], _ first: Int, _ watches: Int, _ timeline: Timeline,
    _ reader: ConditionReader
  ) -> [Row] {
    var result = rows
    var open = rows.indices.filter { rows[$0].kind != .property }
    guard !open.isEmpty else { return rows }
    for row in open { result[row].since = timeline.depth }
    var end = timeline.depth
    let lowest = max(0, timeline.depth - reach)
    while end > lowest, !open.isEmpty {
      let begin = max(lowest, end - 64)
      // The states from the oldest to the one before the end, by stepping once through them.
      let states = states(timeline, begin..<end)
      for (step, situation) in zip(begin..<end, states).reversed() {
        open.removeAll { row in
          let same = sample(row, first, watches, situation.state, situation.world, reader) == samples[row]
          if same { result[row].since = step }
          return !same
        }
        if open.isEmpty { break }
      }
      end = begin
    }
    for row in open where lowest > 0 { result[row].isSinceAtLeast = true }
    return result
  }

  /// What is compared from one state to another.
  private static func sample(
    _ row: Int, _ firstInvariant: Int, _ firstWatch: Int, _ state: State, _ world: World,
    _ reader: ConditionReader
  ) -> Int64? {
    if row >= firstWatch { return reader.value(ofWatch: row - firstWatch, in: state, world: world).word }
    let number = row - firstInvariant
    if reader.program.invariants[number].isQuiescent,
      !ConditionReader.isQuiescent(StateView(state, world: world))
    {
      return nil
    }
    let outcomes = reader.outcomes(of: number, in: state, world: world)
    if outcomes.contains(where: { $0.isTrue == false }) { return 0 }
    return outcomes.contains { $0.isTrue == nil } ? nil : 1
  }

  private static func states(_ timeline: Timeline, _ range: Range<Int>) -> [(state: State, world: World)] {
    let path = timeline.path
    var here = timeline.situation(at: path[range.lowerBound])
    var result = [here]
    let machine = Machine(world: here.world)
    machine.checksInvariants = false
    machine.checksLeaks = false
    for step in range.dropFirst() {
      if case .step(let thread, let choice)? = timeline.action(at: path[step]) {
        machine.use(here.world)
        _ = machine.step(thread, choice: choice, in: &here.state)
      } else {
        here = timeline.situation(at: path[step])
      }
      result.append(here)
    }
    return result
  }
}
