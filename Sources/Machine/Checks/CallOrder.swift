import StepLanguage

// Calls that run later have a place in the order of locks, as lockdep has it: whoever runs one holds its class, and whoever waits for one takes it. So a lock
// that a work takes comes behind the work, and a work that is waited for under a lock behind that lock (Linux, `process_one_work` and `touch_work_lockdep_map`).
extension World {
  /// The call that a worker runs, as a word of a list of held locks.
  func runningCall(of thread: Int, in state: State) -> Int64? {
    guard thread < threads.count, threads[thread].queue != nil else { return nil }
    let wanted = -Int64(thread) - 1
    return cells(ofQueueOf: thread, in: state).first { heap($0 + DeferredCell.state, state) == wanted }
      .flatMap { word(ofCell: $0, in: state) }
  }

  /// The call that a thread sleeps on, as a word of a list of held locks.
  func awaitedCall(of thread: Int, in state: State) -> Int64? {
    let base = layout.threadBase + thread * layout.threadWords
    guard
      state.words[base + Layout.flags] & (Layout.sleeping | Layout.woken) == Layout.sleeping
    else { return nil }
    let cell = Int(state.words[base + Layout.queue])
    guard cell > 0, Header.type(heap(cell, state)) == BlockType.cell else { return nil }
    return word(ofCell: cell, in: state)
  }

  private func heap(_ index: Int, _ state: State) -> Int64 { state.words[layout.heapBase + index] }

  private func cells(ofQueueOf thread: Int, in state: State) -> [Int] {
    guard let queue = threads[thread].queue else { return [] }
    let first = layout.threadBase + queueHeads[queue] * layout.threadWords
    var result: [Int] = []
    var cell = Int(state.words[first + Layout.taskWork])
    while cell != 0 {
      result.append(cell)
      cell = Int(heap(cell + Cell.next, state))
    }
    return result
  }

  /// Callbacks of RCU have no class, and nor has a grace period: readers take part in no order.
  private func word(ofCell cell: Int, in state: State) -> Int64? {
    let call = heap(cell + DeferredCell.call, state)
    guard call >= 0 else { return nil }
    let object = Int(heap(cell + DeferredCell.object, state))
    let type = program.types[Header.type(heap(object, state))]
    guard case .work(let work) = type.field(at: DeferredCell.offset(call))?.type else { return nil }
    return Int64(object + DeferredCell.offset(call)) << 20 | Int64(work.lockClass) << 4
  }
}
