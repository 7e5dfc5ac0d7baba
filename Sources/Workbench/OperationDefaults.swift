import Machine
package import Scene
package import StepLanguage

/// What is likely meant for the parameters of an operation.
package struct OperationDefaults {
  private let moment: Moment
  private let view: StateView
  private let program: Program
  private let selected: ObjectIdentity?
  private let neighbours: Set<ObjectIdentity>
  /// The words of the operations of all threads, the latest begun last.
  private let history: [Operation]
  private let published: [Int64: [ObjectIdentity]]

  package init(_ moment: Moment, graph: ObjectGraph, selected: ObjectIdentity?) {
    self.moment = moment
    view = moment.view
    program = moment.view.world.program
    self.selected = selected
    var near: Set<ObjectIdentity> = []
    for edge in graph.edges where edge.change != .removed {
      if edge.target == selected { near.insert(edge.source) }
    }
    neighbours = near
    history = moment.threads.enumerated().flatMap { number, thread in
      moment.view.world.threads[number].operations.prefix(thread.operationsDone + 1)
    }
    var published: [Int64: [ObjectIdentity]] = [:]
    for object in [ObjectReference.globals] + moment.objects where moment.view.isAlive(object) {
      for field in moment.view.type(of: object).fields {
        guard case .xarray = field.type,
          case .container(let entries, _) = moment.view.value(field, of: object)
        else { continue }
        for entry in entries {
          if let value = entry.value {
            published[entry.key, default: []].append(moment.view.identity(of: value))
          }
        }
      }
    }
    self.published = published
  }

  /// The slots of a table that hold something.
  package func liveSlots(_ table: Int) -> [Int] {
    guard view.world.slotCounts.indices.contains(table) else { return [] }
    return (0..<view.world.slotCounts[table]).filter {
      view.slot(table: table, index: $0) != program.slots[table].initial
    }
  }

  /// What a slot holds, with the names of the objects that can be meant.
  package func holds(table: Int, slot: Int) -> String {
    let value = view.slot(table: table, index: slot)
    guard value != program.slots[table].initial else { return "holds nothing yet" }
    // Several tables give out numbers from 1, so a number may mean several objects; then it is not said which.
    guard let candidates = published[value], candidates.count == 1, let object = moment.object(candidates[0])
    else {
      return "holds \(value)"
    }
    return "holds \(value): \(view.name(of: object))"
  }

  /// How well a slot fits the chosen object.
  private func fit(table: Int, slot: Int) -> Int {
    let candidates = published[view.slot(table: table, index: slot)] ?? []
    if let selected, candidates.contains(selected) { return 2 }
    return candidates.contains { neighbours.contains($0) } ? 1 : 0
  }

  /// Whether a parameter of the operation can stand for the chosen object.
  package func concernsSelection(_ entry: Int) -> Bool {
    guard selected != nil else { return false }
    return program.entries[entry].parameters.contains { parameter in
      guard case .slot(let table) = parameter.kind, parameter.direction != .output else { return false }
      return program.tables(of: table).contains { table in
        liveSlots(table).contains { fit(table: table, slot: $0) == 2 }
      }
    }
  }

  /// The word for a parameter.
  package func word(for parameter: EntryParameter, of entry: Int) -> String {
    if parameter.absent != nil { return "" }
    switch parameter.kind {
    case .flag: return ""
    case .slot(let table):
      let letter = program.slots[table].letter
      let live = liveSlots(table)
      if parameter.direction == .output {
        let lowest = table == 0 ? 0 : 1
        let free = (lowest..<Program.slotCount).first { !live.contains($0) } ?? lowest
        return "\(letter)\(free)"
      }
      let best = live.enumerated().max { one, other in
        // Of equals the later one: what was made last is what one works with.
        (fit(table: table, slot: one.element), one.offset) < (
          fit(table: table, slot: other.element), other.offset
        )
      }
      return "\(letter)\(best?.element ?? 0)"
    case .int, .unsigned:
      for operation in history.reversed() {
        guard case .entry(let index, let arguments) = operation.kind else { continue }
        let parameters = program.entries[index].parameters
        guard
          let position = parameters.firstIndex(where: {
            $0.name == parameter.name && $0.kind == parameter.kind
          }),
          arguments.indices.contains(position), case .number(let number) = arguments[position]
        else { continue }
        return parameter.kind == .int ? String(number) : ValueText.unsigned(UInt64(bitPattern: number))
      }
      return "0"
    }
  }
}
