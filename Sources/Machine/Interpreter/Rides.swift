public import StepLanguage

// A statement that only looks at what never changes is no scheduling point: it rides along with the step before it. When exactly it looks is open
// until the thread's next step, and a free by another thread may come first. So a thread that rests keeps what it has looked at since its last
// action, above its stack. When it takes its next step and something was freed in between, there are two ways on: that it looks only now, which is a
// use after free, and that it had looked before. As an object that was freed never lives again, other moments give nothing new.
enum Ride {
  /// The bits that name the object; above them is the address of the instruction that looked.
  static let objectMask: Int64 = 0xffff_ffff

  @inline(__always)
  static func make(_ object: Int64, at pc: Int) -> Int64 { Int64(pc) << 32 | object }

  @inline(__always)
  static func object(_ ride: Int64) -> Int64 { ride & objectMask }

  @inline(__always)
  static func address(_ ride: Int64) -> Int { Int(ride >> 32) }
}

extension MachineCore {
  /// Notes that an instruction looked at an object without an action of its own.
  @inline(__always)
  mutating func ride(_ object: Int64, _ pc: Int) {
    // Nobody frees the globals, and init and invariants run between steps.
    guard object != Int64(BlockType.globalsIndex), runningThread < world.threadCount else { return }
    for index in 0..<rideCount where Ride.object(rides[index]) == object { return }
    addRide(object, pc)
  }

  @inline(never)
  private mutating func addRide(_ object: Int64, _ pc: Int) {
    guard rideCount < RuntimeLimits.rides else {
      exceed(Limits.rides.message, at: pc)
      return
    }
    rides[rideCount] = Ride.make(object, at: pc)
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

  /// Takes what was looked at before out of the state; gives the number of the first look at what was freed since, or -1.
  @inline(never)
  mutating func takeUpRides() -> Int {
    let t = threadWords
    let top = t + (Layout.stack + Int(t[Layout.stackPointer]))
    let count = Int(t[Layout.rideCount])
    var dead = -1
    for index in 0..<count {
      let object = Ride.object(top[index])
      touch(object, 0, write: false)
      if dead < 0, !Header.isAlive(heap[Int(object)]) { dead = index }
      keepOld(top[index], at: index, of: count)
      top[index] = 0
    }
    t[Layout.rideCount] = 0
    return dead
  }

  /// Whether a thread at rest has looked at something that was freed since.
  @inline(never)
  func hasDeadRide(_ t: Words) -> Bool {
    let top = t + (Layout.stack + Int(t[Layout.stackPointer]))
    for index in 0..<Int(t[Layout.rideCount]) where !Header.isAlive(heap[Int(Ride.object(top[index]))]) {
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
