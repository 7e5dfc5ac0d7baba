import Machine
import StepLanguage

// Threads that keep each other busy for ever: states from which no schedule comes to an end, be it that all threads are through, that nobody can move,
// or that memory or a count is broken.
//
// Such states, once reached, are never left, so they hold at least one terminal strongly connected component of the graph of states that has no end
// in it; and where a fair schedule could stay for ever there is one. A circle that a schedule can leave is none: a fair one does, sooner or later.
//
// It is enough to look at the graph of a search that leaves threads out. From each state of it, it comes to the same ends as the whole graph, since
// its sets of threads are persistent. And a way to such a state stays, with some steps added to it, which still ends in one.
extension Exploration {
  /// Goes back from the ends over all steps that were taken; what is not met has no end. Only for a search that covered everything.
  func findLivelocks() {
    var firsts: [Int] = [0]
    for shard in shards { firsts.append(firsts[firsts.count - 1] + shard.stateCount) }
    let count = firsts[shards.count]
    // For each state where its edges begin; they lie by the state that they lead to.
    var starts = [Int](repeating: 0, count: count + 1)
    for shard in shards {
      for index in 0..<shard.edges.count { starts[place(shard.edges[index].to, firsts) + 1] += 1 }
    }
    for index in 0..<count { starts[index + 1] += starts[index] }
    var filled = starts
    var sources = [UInt32](repeating: 0, count: starts[count])
    for shard in shards {
      for index in 0..<shard.edges.count {
        let edge = shard.edges[index]
        let to = place(edge.to, firsts)
        sources[filled[to]] = UInt32(place(edge.from, firsts))
        filled[to] += 1
      }
    }
    var ends = [Bool](repeating: false, count: count)
    var pending: [Int] = []
    for index in 0..<last.count {
      let state = place(StateNumber(word: last[index]), firsts)
      if !ends[state] {
        ends[state] = true
        pending.append(state)
      }
    }
    while let state = pending.popLast() {
      for edge in starts[state]..<starts[state + 1] where !ends[Int(sources[edge])] {
        ends[Int(sources[edge])] = true
        pending.append(Int(sources[edge]))
      }
    }
    // The one that is nearest to the start; among these the first.
    var best: StateNumber?
    for (number, shard) in shards.enumerated() {
      for index in 0..<shard.stateCount where !ends[firsts[number] + index] {
        if let known = best, shards[known.shard].depth(known.index) <= shard.depth(index) { continue }
        best = StateNumber(shard: number, index: index)
      }
    }
    if let best { note(workers[0].endlessness(of: best), nil, parent: best) }
  }

  private func place(_ state: StateNumber, _ firsts: [Int]) -> Int { firsts[state.shard] + state.index }
}

/// A state from which no run comes to an end.
enum Endlessness {
  /// What is to be said of it.
  static func finding(_ machine: Machine, _ state: State) -> Finding {
    let readiness = machine.readiness(in: state)
    let threads = readiness.indices.filter { thread in
      switch readiness[thread] {
      case .finished, .stuck, .barrier: false
      default: true
      }
    }
    let names = threads.map { machine.world.threads[$0].name }
    let text =
      names.count == 1
      ? "\(names[0]) goes round for ever"
      : "\(names.dropLast().joined(separator: ", ")) and \(names.last ?? "nobody") keep each other busy for ever"
    return Finding(
      property: .livelock, thread: threads.first ?? 0, statement: nil,
      message: "\(text): from here no schedule comes to an end", objects: [], threads: threads)
  }
}
