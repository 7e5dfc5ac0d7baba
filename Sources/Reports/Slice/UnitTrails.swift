import Machine
import Recording
import StepLanguage

/// Where the units of a count that are left came from: each is followed from whoever took it through all that it was handed to.
struct UnitTrails {
  /// A step at which a unit came to somebody.
  struct Hand: Hashable {
    /// Who ran the step.
    var thread: Int
    var step: Int
    var statement: Int?
  }

  /// The way of one unit.
  struct Trail: Hashable {
    /// Who took it.
    var taken: Hand
    /// Who handed it on, in order.
    var moves: [Hand] = []
  }

  private struct Holder: Hashable {
    var word: String
    var object: ObjectReference?
    var thread: Int?

    init(_ unit: StateView.Unit) {
      word = unit.word
      object = unit.object
      thread = unit.thread
    }
  }

  private var trails: [Holder: [Trail]] = [:]

  /// Follows the units of one count up to a timeline's present point.
  init(_ timeline: Timeline, _ run: TracedRun, object: ObjectReference, field: Field) {
    let path = timeline.path
    let place = Int(object.index) + field.offset
    for step in 1..<max(1, run.records.count) {
      guard let record = run.records[step] else { continue }
      // The words of an object that is gone belong to another one.
      let isNew = record.events.contains {
        guard $0.kind == .allocated, run.program.types.indices.contains(Int($0.b)) else { return false }
        return (Int($0.a)..<Int($0.a) + run.program.types[Int($0.b)].size).contains(place)
      }
      if isNew { trails = [:] }
      let events = record.events.filter {
        [.counted, .unitMoved].contains($0.kind) && Int($0.a + $0.b) == place
      }
      guard !events.isEmpty else { continue }
      let instruction = run.ranges[step].last { number in
        let instance = run.instances[number]
        guard let access = run.program.code[instance.address].access, access.offset == field.offset else {
          return false
        }
        if case .count = access.kind { return Int(instance.value) == Int(object.index) }
        return access.kind == .move && Int(instance.value) == Int(object.index)
      }
      let hand = Hand(
        thread: record.thread, step: step,
        statement: instruction.flatMap { run.instances[$0].statement } ?? record.statement)
      let before = isNew ? [] : Self.units(timeline, path[step - 1], object, field)
      let after = Self.units(timeline, path[step], object, field)
      var freed: [Trail] = []
      for unit in before {
        let key = Holder(unit)
        let left = after.first { Holder($0) == key }?.count ?? 0
        while trails[key, default: []].count > left, let last = trails[key]?.popLast() { freed.append(last) }
      }
      let isMove = events.contains { $0.kind == .unitMoved }
      for unit in after {
        let key = Holder(unit)
        while trails[key, default: []].count < unit.count {
          if isMove, var moved = freed.popLast() {
            moved.moves.append(hand)
            trails[key, default: []].append(moved)
          } else {
            trails[key, default: []].append(Trail(taken: hand))
          }
        }
      }
    }
  }

  /// How the units of a holder came to it, in the order in which they did.
  func trails(of unit: StateView.Unit) -> [Trail] { trails[Holder(unit)] ?? [] }

  private static func units(
    _ timeline: Timeline, _ point: Int, _ object: ObjectReference, _ field: Field
  ) -> [StateView.Unit] {
    let situation = timeline.situation(at: point)
    let view = StateView(situation.state, world: situation.world)
    guard view.contains(object), case .refcount(_, let units) = view.value(field, of: object) else {
      return []
    }
    return units
  }
}
