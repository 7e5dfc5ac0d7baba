public import StepLanguage

// A statement that only looks at what never changes is no scheduling point: it rides along with the step before it. When exactly it looks is open
// until the thread's next step, and a free by another thread may come first. So a thread that rests keeps what it has looked at since its last
// action, above its stack, and looks again when it takes its next step: what was freed in between is a use after free. As an object that was freed
// never lives again, looking at the earliest and at the latest moment finds all that any moment in between would.
extension MachineCore {
  /// Notes that an instruction looked at an object without an action of its own.
  @inline(__always)
  mutating func ride(_ object: Int64, _ pc: Int) {
    // Nobody frees the globals, and init and invariants run between steps.
    guard object != Int64(BlockType.globalsIndex), runningThread < world.threadCount else { return }
    for index in 0..<rideCount where rides[index] & 0xffff_ffff == object { return }
    addRide(object, pc)
  }

  @inline(never)
  private mutating func addRide(_ object: Int64, _ pc: Int) {
    guard rideCount < RuntimeLimits.rides else {
      exceed(
        "one step looks at more than \(RuntimeLimits.rides) objects without an action; take 'const' off a field",
        at: pc)
      return
    }
    rides[rideCount] = Int64(pc) << 32 | object
    rideCount += 1
  }

  /// Writes what was looked at above the stack of the thread that comes to rest.
  @inline(never)
  mutating func keepRides() {
    let t = threadWords
    let top = t + (Layout.stack + Int(t[Layout.stackPointer]))
    for index in 0..<rideCount { top[index] = rides[index] }
    t[Layout.rideCount] = Int64(rideCount)
  }

  /// Looks again at what was looked at before; false when something was freed since.
  @inline(never)
  mutating func takeUpRides() -> Bool {
    let t = threadWords
    let top = t + (Layout.stack + Int(t[Layout.stackPointer]))
    let count = Int(t[Layout.rideCount])
    var isSound = true
    for index in 0..<count {
      let ride = top[index]
      let object = ride & 0xffff_ffff
      touch(object, 0, write: false)
      if isSound, !Header.isAlive(heap[Int(object)]) {
        isSound = false
        findUseAfterFree(
          object, at: program.places[Int(ride >> 32)] >= 0 ? Int(program.places[Int(ride >> 32)]) : nil)
      }
    }
    for index in 0..<count {
      keepOld(top[index], at: index, of: count)
      top[index] = 0
    }
    t[Layout.rideCount] = 0
    return isSound
  }

  /// Whether a thread at rest has looked at something that was freed since.
  @inline(never)
  func hasDeadRide(_ t: UnsafeMutablePointer<Int64>) -> Bool {
    let top = t + (Layout.stack + Int(t[Layout.stackPointer]))
    for index in 0..<Int(t[Layout.rideCount]) where !Header.isAlive(heap[Int(top[index] & 0xffff_ffff)]) {
      return true
    }
    return false
  }

  /// Whether any other thread is inside a system call or can begin one.
  @inline(never)
  mutating func othersMayAct() -> Bool {
    for thread in 0..<world.threadCount where thread != runningThread {
      if wordsOfThread(thread)[Layout.programCounter] != Layout.idle || choices(thread) > 0 { return true }
    }
    return false
  }

  // MARK: Limits

  /// Notes that a limit was exceeded, the first time, and stops the thread.
  @inline(never)
  mutating func exceed(_ message: String, at pc: Int?) {
    guard reports.pointee.limit == nil else { return }
    var place = statement >= 0 ? Int(statement) : nil
    if let pc, program.places[pc] >= 0 { place = Int(program.places[pc]) }
    reports.pointee.limit = ExceededLimit(
      message: message, statement: place, thread: runningThread < world.threadCount ? runningThread : nil)
  }
}

/// A limit of the machine that a run went beyond. It is no finding about the model: the run cannot be judged.
public struct ExceededLimit: Hashable, Sendable, Error {
  /// Which limit, and what to do.
  public let message: String
  /// The statement at which it happened; nil when none was running.
  public let statement: Int?
  /// The thread; nil for init and invariants.
  public let thread: Int?

  /// The limit as an error in the model's text, at the statement or, where none was running, at the model as a whole.
  public func diagnostic(in program: Program) -> Diagnostic {
    guard let statement else { return Diagnostic(message, file: program.sources.first?.name ?? program.name) }
    let span = program.statements[statement].span
    return Diagnostic(message, at: span, in: program.sources[span.file])
  }
}
