import StepLanguage

// Calls that run later: works, handlers of timers, callbacks of RCU. A queue is a chain of cells; it hangs in the words of the first of its workers, which are
// threads without operations. A call stays in the chain while it runs, so whoever waits for it sleeps on its cell; when the cell goes, the sleepers
// are woken, and look at no memory of the object again, which the call may have freed.
enum DeferredCell {
  /// What is called: a function, and above it the offset of the field in the object; below zero nothing is.
  static let call = 2
  /// Below zero the worker that runs it; of a callback of RCU the readers that it waits for, as bits; otherwise 0.
  static let state = 3
  static let object = 4

  /// Somebody waits for a grace period.
  static let gracePeriod: Int64 = -1
  /// Somebody waits for the callbacks before it.
  static let barrier: Int64 = -2

  @inline(__always)
  static func function(_ call: Int64) -> Int { Int(call & 0xfff) }

  @inline(__always)
  static func offset(_ call: Int64) -> Int { Int(call >> 12) }

  @inline(__always)
  static func make(function: Int, offset: Int) -> Int64 { Int64(function) | Int64(offset) << 12 }
}

extension MachineCore {
  /// The queue whose calls a thread runs; negative for a thread of the scenario.
  @inline(__always)
  func queueNumber(of thread: Int) -> Int { Int(world.workers[thread]) }

  /// The word in which a queue's chain hangs.
  @inline(__always)
  private func head(_ queue: Int) -> Words {
    wordsOfThread(Int(world.queues[queue].firstWorker)) + Layout.taskWork
  }

  /// The same as an index of the state's words.
  @inline(__always)
  func headPlace(ofQueue queue: Int) -> Int {
    world.threadBase + Int(world.queues[queue].firstWorker) * world.threadWords + Layout.taskWork
  }

  /// Everything that is done to a queue touches its first word: whatever two threads do to it is taken for dependent.
  @inline(__always)
  private mutating func touchQueue(_ queue: Int, write: Bool) {
    touch(slot: headPlace(ofQueue: queue), write: write)
  }

  private func chain(_ queue: Int) -> Chain { Chain(heap, from: head(queue)[0]) }

  private mutating func append(_ queue: Int, call: Int64, state: Int64, object: Int64) -> Int {
    let cell = allocateCell(key: call, second: state, value: object)
    var link = head(queue)
    while link[0] != 0 { link = heap + (Int(link[0]) + Cell.next) }
    link[0] = Int64(cell)
    return cell
  }

  /// Takes a cell out of its queue and wakes those that sleep on it.
  private mutating func remove(_ cell: Int, from queue: Int) {
    var link = head(queue)
    while link[0] != Int64(cell) {
      guard link[0] != 0 else { return }
      link = heap + (Int(link[0]) + Cell.next)
    }
    link[0] = heap[cell + Cell.next]
    for thread in 0..<world.threadCount {
      let t = wordsOfThread(thread)
      guard t[Layout.flags] & (Layout.sleeping | Layout.woken) == Layout.sleeping,
        Int(t[Layout.queue]) == cell
      else { continue }
      t[Layout.flags] |= Layout.woken
      t[Layout.queue] = 0
      emit(.woken, 0, Int64(thread))
    }
    releaseBlock(cell)
  }

  /// Whether all calls of all queues are over.
  var nothingIsQueued: Bool {
    for queue in 0..<world.queueCount where head(queue)[0] != 0 { return false }
    return true
  }

  // MARK: Who runs

  private func isRunning(_ call: Int64, _ object: Int64, of queue: Int) -> Bool {
    for cell in chain(queue)
    where heap[cell + DeferredCell.state] < 0 && heap[cell + DeferredCell.call] == call
      && heap[cell + DeferredCell.object] == object
    {
      return true
    }
    return false
  }

  /// A work never runs twice at the same time (Linux, `find_worker_executing_work`); a callback waits for its readers.
  private func canBegin(_ cell: Int, of queue: Int) -> Bool {
    let call = heap[cell + DeferredCell.call]
    guard call >= 0, heap[cell + DeferredCell.state] == 0 else { return false }
    return DeferredCell.offset(call) == 0 || !isRunning(call, heap[cell + DeferredCell.object], of: queue)
  }

  /// How many calls of a queue could begin now.
  private func beginnings(of queue: Int) -> Int {
    if world.queues[queue].isOrdered {
      let first = Int(head(queue)[0])
      return first != 0 && canBegin(first, of: queue) ? 1 : 0
    }
    var count = 0
    for cell in chain(queue) where canBegin(cell, of: queue) { count += 1 }
    return count
  }

  /// In how many ways a worker between two calls can step: one for each call that it can begin. Of several that have nothing to do the first one takes the
  /// next call; which one it is makes no difference.
  func workerChoices(_ thread: Int) -> Int {
    let queue = queueNumber(of: thread)
    for other in Int(world.queues[queue].firstWorker)..<thread
    where wordsOfThread(other)[Layout.programCounter] == Layout.idle {
      return 0
    }
    return beginnings(of: queue)
  }

  /// What keeps a worker between two calls.
  func workerReadiness(_ thread: Int) -> Machine.Readiness {
    let queue = queueNumber(of: thread)
    guard world.queues[queue].isRCU, head(queue)[0] != 0 else { return .finished }
    return .sleeping(.globals, offset: program.rcuReaders)
  }

  /// Where calls may run at the same time there must be a worker for each of them: a run that would need one more is not to be told of as if it were all.
  @inline(never)
  mutating func checkWorkers() {
    for queue in 0..<world.queueCount where !world.queues[queue].isOrdered {
      let row = world.queues[queue]
      guard head(queue)[0] != 0 else { continue }
      var isBusy = true
      for thread in Int(row.firstWorker)..<Int(row.firstWorker + row.count)
      where wordsOfThread(thread)[Layout.programCounter] == Layout.idle {
        isBusy = false
      }
      guard isBusy, beginnings(of: queue) > 0 else { continue }
      let name = reports.pointee.world.program.queues[queue].name
      exceed(
        "another call of '\(name)' could begin while \(row.count == 1 ? "one runs" : "\(row.count) run"); declare 'workqueue \(name) workers \(row.count + 1)', or an ordered queue where the kernel has one",
        at: nil)
    }
  }

  // MARK: Running

  /// Begins one of the calls that wait. Reading the item is this step's action.
  mutating func beginCall(choice: Int) -> Machine.Outcome {
    let queue = queueNumber(of: runningThread)
    guard choice < workerChoices(runningThread) else { return .notReady }
    var number = choice
    var found = 0
    for cell in chain(queue) where found == 0 && canBegin(cell, of: queue) {
      if number == 0 { found = cell }
      number -= 1
    }
    touchQueue(queue, write: true)
    heap[found + DeferredCell.state] = -Int64(runningThread) - 1
    let call = heap[found + DeferredCell.call]
    let object = heap[found + DeferredCell.object]
    let functionNumber = DeferredCell.function(call)
    let function = program.functions[functionNumber]
    let t = threadWords
    let frame = t + Layout.stack
    frame[0] = 0
    frame[1] = 0
    frame[2] = -1
    frame[3] = Int64(functionNumber)
    for index in 0..<function.locals { frame[frameHeader + index] = 0 }
    if function.parameters > 0 { frame[frameHeader] = object }
    t[Layout.framePointer] = 0
    t[Layout.stackPointer] = Int64(frameHeader + function.locals)
    t[Layout.programCounter] = Int64(function.address)
    t[Layout.result] = 0
    statement = program.places[function.address]
    emit(.callBegan, Int64(functionNumber), object)
    emit(.entered, Int64(functionNumber))
    // What is queued lies in the object, so its memory is read now (Linux, `process_one_work`, `rcu_do_batch`); where it is only freed the free says so.
    touch(object, 0, write: false)
    if program.code[function.address].opcode != .free, access(object, function.address) == nil {
      return stick(at: function.address)
    }
    return execute(passedStep: true, stopAtSteps: true)
  }

  /// Ends the running call.
  mutating func endCall() {
    let queue = queueNumber(of: runningThread)
    let t = threadWords
    let function = t[Layout.stack + 3]
    for word in 0..<Int(t[Layout.stackPointer]) { t[Layout.stack + word] = 0 }
    t[Layout.framePointer] = 0
    t[Layout.stackPointer] = 0
    t[Layout.programCounter] = Layout.idle
    t[Layout.result] = 0
    touchQueue(queue, write: true)
    var running = 0
    for cell in chain(queue) where heap[cell + DeferredCell.state] == -Int64(runningThread) - 1 {
      running = cell
    }
    if running != 0 { remove(running, from: queue) }
    if world.queues[queue].isRCU { endBarriers(queue) }
    emit(.callEnded, function)
  }

  // MARK: Works

  private func find(_ object: Int64, _ offset: Int, in queue: Int, isRunning: Bool) -> Int {
    for cell in chain(queue) {
      let call = heap[cell + DeferredCell.call]
      if call >= 0, DeferredCell.offset(call) == offset, heap[cell + DeferredCell.object] == object,
        (heap[cell + DeferredCell.state] < 0) == isRunning
      {
        return cell
      }
    }
    return 0
  }

  /// Does something with a work; `Opcode.work` says what the operand means.
  mutating func work(_ operand: Int32, object: Int64, offset: Int32) -> Int64 {
    let queue = Int(operand >> 4 & 0xff)
    let function = Int(operand >> 12)
    let place = Int(object) + Int(offset)
    touch(object, offset, write: true)
    touchQueue(queue, write: true)
    let waiting = find(object, Int(offset), in: queue, isRunning: false)
    switch WorkOperation(rawValue: Int(operand & 15)) ?? .queue {
    case .queue:
      guard waiting == 0, heap[place] == 0 else {
        emit(.callRefused, object, Int64(offset))
        return 0
      }
      _ = append(
        queue, call: DeferredCell.make(function: function, offset: Int(offset)), state: 0, object: object)
      emit(.callQueued, object, Int64(offset), Int64(function))
      return 1
    case .disable:
      heap[place] += 1
      fallthrough
    case .cancel:
      guard waiting != 0 else { return 0 }
      remove(waiting, from: queue)
      emit(.callCancelled, object, Int64(offset), Int64(function))
      return 1
    case .enable:
      heap[place] -= 1
      return 0
    }
  }

  /// The cell of a work that whoever waits for it sleeps on: the last one that was queued (Linux, `start_flush_work`); 0 when the work is over.
  ///
  /// Stopping a timer waits for its handler only, and takes it from its queue when that is over (Linux, `__try_to_del_timer_sync`); below zero when it was
  /// there.
  mutating func awaitedCell(_ object: Int64, _ offset: Int32, _ queue: Int, isTimer: Bool) -> Int {
    touch(object, offset, write: isTimer)
    touchQueue(queue, write: isTimer)
    let waiting = find(object, Int(offset), in: queue, isRunning: false)
    let running = find(object, Int(offset), in: queue, isRunning: true)
    guard isTimer else { return waiting != 0 ? waiting : running }
    if running != 0 { return running }
    guard waiting != 0 else { return 0 }
    let call = heap[waiting + DeferredCell.call]
    remove(waiting, from: queue)
    emit(.callCancelled, object, Int64(offset), Int64(DeferredCell.function(call)))
    return -1
  }

  mutating func sleep(onCell cell: Int) {
    let t = threadWords
    t[Layout.flags] = (t[Layout.flags] & ~Layout.woken) | Layout.sleeping | Layout.noTimeout
    t[Layout.queue] = Int64(cell)
    emit(.slept, Int64(cell))
  }

  /// Whether the running thread slept on a cell that is gone now; it goes on.
  mutating func hasBeenWoken() -> Bool {
    let t = threadWords
    guard t[Layout.flags] & Layout.sleeping != 0 else { return false }
    t[Layout.flags] &= ~(Layout.sleeping | Layout.woken | Layout.interruptible | Layout.noTimeout)
    t[Layout.queue] = 0
    return true
  }

  /// The cell that a thread sleeps on; 0 when it is awake or sleeps on a wait queue.
  func cell(thatKeeps thread: Int) -> Int {
    let t = wordsOfThread(thread)
    guard world.queueCount > 0,
      t[Layout.flags] & (Layout.sleeping | Layout.woken) == Layout.sleeping
    else { return 0 }
    let place = Int(t[Layout.queue])
    // The word of a wait queue stays zero, so it is no header of a cell.
    return place > 0 && Header.type(heap[place]) == BlockType.cell ? place : 0
  }

  /// The queue that a cell is in.
  func queue(ofCell cell: Int) -> Int {
    for queue in 0..<world.queueCount where chain(queue).contains(cell) { return queue }
    return 0
  }

  /// The object and the field that a cell is about; for a wait for RCU the readers.
  func subject(ofCell cell: Int) -> (object: Int, offset: Int) {
    let call = heap[cell + DeferredCell.call]
    if call < 0 { return (BlockType.globalsIndex, program.rcuReaders) }
    return (Int(heap[cell + DeferredCell.object]), DeferredCell.offset(call))
  }

  /// The threads without which a cell stays, as bits; 0 where it is not known that it needs any.
  func keepers(ofCell cell: Int) -> Int64 {
    let state = heap[cell + DeferredCell.state]
    if state < 0 { return 1 << (-state - 1) }
    let call = heap[cell + DeferredCell.call]
    if call == DeferredCell.gracePeriod { return state }
    let queue = queue(ofCell: cell)
    guard call >= 0, world.queues[queue].isOrdered else { return 0 }
    // It waits behind what the only worker runs.
    let worker = Int(world.queues[queue].firstWorker)
    return wordsOfThread(worker)[Layout.programCounter] == Layout.idle ? 0 : 1 << Int64(worker)
  }

  // MARK: RCU

  private var readers: Int { BlockType.globalsIndex + program.rcuReaders + 1 }

  /// Makes a call wait for the readers that are there now.
  mutating func deferCall(_ function: Int, _ object: Int64) {
    touch(object, 0, write: false)
    touchReaders()
    _ = append(
      world.rcuQueue, call: DeferredCell.make(function: function, offset: 0), state: heap[readers],
      object: object)
    emit(.callQueued, object, 0, Int64(function))
  }

  /// What waits for readers looks at all of them, which readers themselves do not.
  private mutating func touchReaders() {
    touch(Int64(BlockType.globalsIndex), Int32(program.rcuReaders), write: true)
    touchQueue(world.rcuQueue, write: true)
  }

  /// The cell to sleep on until a grace period, or all callbacks that are queued, are over; 0 when they are.
  mutating func graceCell(isBarrier: Bool) -> Int {
    touchReaders()
    let queue = world.rcuQueue
    if isBarrier {
      guard chain(queue).contains(where: { heap[$0 + DeferredCell.call] >= 0 }) else { return 0 }
      return append(queue, call: DeferredCell.barrier, state: 0, object: 0)
    }
    let others = heap[readers] & ~(1 << Int64(runningThread))
    return others == 0 ? 0 : append(queue, call: DeferredCell.gracePeriod, state: others, object: 0)
  }

  /// The running thread has released its hold on RCU: where it was the outermost one, nobody waits for it any more.
  mutating func leaveReaders() {
    let own: Int64 = 1 << Int64(runningThread)
    guard heap[readers] & own == 0, world.rcuQueue >= 0 else { return }
    let queue = world.rcuQueue
    var hasChanged = false
    for cell in chain(queue) where heap[cell + DeferredCell.state] > 0 {
      guard heap[cell + DeferredCell.state] & own != 0 else { continue }
      hasChanged = true
      heap[cell + DeferredCell.state] &= ~own
      if heap[cell + DeferredCell.state] == 0,
        heap[cell + DeferredCell.call] == DeferredCell.gracePeriod
      {
        remove(cell, from: queue)
      }
    }
    if hasChanged { touchQueue(queue, write: true) }
  }

  /// Barriers before which no callback is left are over.
  private mutating func endBarriers(_ queue: Int) {
    for cell in chain(queue) {
      let call = heap[cell + DeferredCell.call]
      if call >= 0 { return }
      if call == DeferredCell.barrier { remove(cell, from: queue) }
    }
  }

  /// Whether the running thread may sleep as far as RCU and the queue that it works for are concerned.
  @inline(__always)
  mutating func checkMaySleepLater() {
    if world.queueCount == 0, program.rcuClass < 0 { return }
    findNoSleep()
  }

  @inline(never)
  private mutating func findNoSleep() {
    let t = threadWords
    for index in 0..<Int(t[Layout.heldCount])
    where program.rcuClass >= 0 && Int(t[Layout.held + index] >> 4 & 0xffff) == program.rcuClass {
      find(.sleepInAtomic, "\(threadName) may sleep here inside a read-side section of RCU")
      return
    }
    let queue = queueNumber(of: runningThread)
    guard queue >= 0, world.queues[queue].isAtomic else { return }
    find(
      .sleepInAtomic,
      world.queues[queue].isRCU
        ? "\(threadName) may sleep here in a callback of RCU"
        : "\(threadName) may sleep here in a timer's handler")
  }
}
