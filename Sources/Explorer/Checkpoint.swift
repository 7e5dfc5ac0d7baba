import Machine
import StepLanguage

extension Search {
  /// Why a checkpoint is of no use.
  public enum CheckpointError: Error, Hashable, Sendable {
    /// It is torn, changed, or no checkpoint at all.
    case damaged
    /// It belongs to another model or scenario, or to a search with other options.
    case other
  }
}

// States are not kept but made again from the steps that led to them: that is quick, since each takes only the one step, and no content of a
// file can make the machine run a state that it could not have come to.
extension Exploration {
  func save(to writer: inout ByteWriter) {
    writer.put(layer)
    writer.put(Int(level))
    writer.put(closedStates)
    writer.put(progress.transitions)
    writer.put(progress.depth)
    for shard in shards {
      writer.put(shard.stateCount)
      writer.put(shard.layerStart)
      for number in 0..<shard.stateCount {
        writer.put(Int(shard.depth(number)))
        for thread in world.threads.indices {
          let arrival = shard.arrival(number, last: thread)
          guard arrival.parent != .none else {
            writer.put(-1)
            continue
          }
          writer.put(Int(arrival.parent.word))
          Self.save(arrival, to: &writer)
        }
      }
    }
    writer.put(last.count)
    for index in 0..<last.count { writer.put(Int(last[index])) }
    for shard in shards {
      writer.put(shard.edges.count)
      for index in 0..<shard.edges.count {
        writer.put(Int(shard.edges[index].to.word))
        writer.put(Int(shard.edges[index].from.word))
      }
    }
    writer.put(frontier.count - position)
    for index in position..<frontier.count { writer.put(Int(frontier[index])) }
    let edges = lockOrder.edges
    writer.put(edges.count)
    for edge in edges {
      writer.put(edge.outer)
      writer.put(edge.inner)
    }
    Self.save(ends, to: &writer)
    let examples = order.compactMap { found[$0] }
    writer.put(examples.count)
    for example in examples { Self.save(example, to: &writer) }
  }

  /// Takes up where a checkpoint left off; only for a search that has not begun.
  func restore(from reader: inout ByteReader) throws(Search.CheckpointError) {
    _ = begin()
    layer = try reader.number(0...Int.max >> 1)
    level = UInt16(try reader.number(0...Int(UInt16.max)))
    closedStates = try reader.number(0...Int.max >> 1)
    progress.transitions = try reader.number(0...Int.max >> 1)
    progress.depth = try reader.number(0...Int.max >> 1)
    var arrivals: [[Arrival]] = []
    var depths: [[UInt32]] = []
    var layerStarts: [Int] = []
    let threadCount = world.threads.count
    for _ in shards {
      let count = try reader.count()
      layerStarts.append(try reader.number(0...count))
      var rows: [Arrival] = []
      var steps: [UInt32] = []
      for _ in 0..<count {
        steps.append(UInt32(try reader.number(0...1 << 30)))
        for _ in 0..<threadCount {
          let parent = try reader.number(-1...Int(UInt32.max) - 1)
          if parent < 0 {
            rows.append(.none)
            continue
          }
          rows.append(
            try Self.arrival(&reader, from: StateNumber(word: UInt32(parent)), threadCount: threadCount))
        }
      }
      arrivals.append(rows)
      depths.append(steps)
    }
    guard workers[0].rebuild(arrivals, depths, start: start) else { throw .damaged }
    for (number, shard) in shards.enumerated() { shard.resume(layerStart: layerStarts[number]) }
    try restoreEdges(from: &reader)
    frontier.removeAll()
    for _ in 0..<(try reader.count()) {
      let state = try Self.state(&reader, shards)
      guard state.index < shards[state.shard].layerStart else { throw .damaged }
      frontier.append(state.word)
    }
    for _ in 0..<(try reader.count()) {
      let outer = try reader.number(0...max(0, world.program.lockClasses.count - 1))
      _ = lockOrder.note(
        acquired: try reader.number(0...max(0, world.program.lockClasses.count - 1)), holding: [outer])
    }
    ends = try Self.ends(&reader)
    for _ in 0..<(try reader.count()) { put(try Self.example(&reader, world)) }
    progress.states = shards.reduce(0) { $0 + $1.stateCount }
    isResumed = true
  }

  private func restoreEdges(from reader: inout ByteReader) throws(Search.CheckpointError) {
    for _ in 0..<(try reader.count()) { last.append(try Self.state(&reader, shards).word) }
    for number in shards.indices {
      for _ in 0..<(try reader.count()) {
        let edge = Edge(to: try Self.state(&reader, shards), from: try Self.state(&reader, shards))
        guard edge.to.shard == number else { throw .damaged }
        shards[number].put(edge)
      }
    }
  }

  /// The number of a state that is there.
  static func state(_ reader: inout ByteReader, _ shards: [Shard]) throws(Search.CheckpointError)
    -> StateNumber
  {
    let state = StateNumber(word: UInt32(try reader.number(0...Int(UInt32.max))))
    guard state.index < shards[state.shard].stateCount else { throw .damaged }
    return state
  }

  /// All of an arrival but where it comes from.
  static func save(_ arrival: Arrival, to writer: inout ByteWriter) {
    writer.put(Int(arrival.preemptions))
    writer.put(Int(arrival.run))
    writer.put(Int(arrival.before))
    writer.put(Int(arrival.choice))
    writer.put(Int(arrival.thread))
  }

  static func arrival(
    _ reader: inout ByteReader, from parent: StateNumber, threadCount: Int
  ) throws(Search.CheckpointError) -> Arrival {
    Arrival(
      parent: parent, preemptions: UInt16(try reader.number(0...Int(UInt16.max) - 1)),
      run: UInt16(try reader.number(1...Int(UInt16.max))),
      before: UInt8(try reader.number(0...threadCount)),
      choice: UInt8(try reader.number(0...Int(UInt8.max))),
      thread: UInt8(try reader.number(0...threadCount - 1)))
  }

  static func save(_ ends: Set<UInt64>, to writer: inout ByteWriter) {
    writer.put(ends.count)
    for end in ends.sorted() { writer.put(Int(bitPattern: UInt(end))) }
  }

  static func ends(_ reader: inout ByteReader) throws(Search.CheckpointError) -> Set<UInt64> {
    var result: Set<UInt64> = []
    for _ in 0..<(try reader.count()) { result.insert(UInt64(UInt(bitPattern: try reader.number()))) }
    return result
  }

  static func save(_ finding: Finding, to writer: inout ByteWriter) {
    writer.put(finding.property.rawValue)
    writer.put(finding.thread)
    writer.put(finding.statement ?? -1)
    writer.put(finding.message)
    writer.put(finding.objects.count)
    for object in finding.objects { writer.put(object.index) }
    writer.put(finding.threads.count)
    for thread in finding.threads { writer.put(thread) }
  }

  static func finding(_ reader: inout ByteReader, _ world: World) throws(Search.CheckpointError) -> Finding {
    guard let property = world.program.property(named: try reader.text()) else { throw .damaged }
    let last = world.threads.count
    let thread = try reader.number(0...last)
    let statement = try reader.number(-1...world.program.statements.count - 1)
    let message = try reader.text()
    var objects: [ObjectReference] = []
    for _ in 0..<(try reader.count()) {
      objects.append(ObjectReference(heapIndex: try reader.number(1...1 << 40)))
    }
    var threads: [Int] = []
    for _ in 0..<(try reader.count()) { threads.append(try reader.number(0...last)) }
    return Finding(
      property: property, thread: thread, statement: statement < 0 ? nil : statement, message: message,
      objects: objects, threads: threads)
  }

  static func save(_ example: Search.Counterexample, to writer: inout ByteWriter) {
    save(example.finding, to: &writer)
    writer.put(example.schedule.count)
    for move in example.schedule {
      writer.put(move.thread)
      writer.put(move.choice)
    }
    writer.put(example.preemptions)
    writer.put(example.operations)
    writer.put(example.isMinimal ? 1 : 0)
  }

  static func example(
    _ reader: inout ByteReader, _ world: World
  ) throws(Search.CheckpointError) -> Search.Counterexample {
    let finding = try finding(&reader, world)
    let last = world.threads.count
    var schedule: [Search.Move] = []
    for _ in 0..<(try reader.count()) {
      schedule.append(
        Search.Move(thread: try reader.number(0...max(0, last - 1)), choice: try reader.number(0...255)))
    }
    return Search.Counterexample(
      finding: finding,
      schedule: schedule, preemptions: try reader.number(0...Int.max >> 1),
      operations: try reader.number(0...Int.max >> 1),
      isMinimal: try reader.number(0...1) == 1)
  }
}
