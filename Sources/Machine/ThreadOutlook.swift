public import StepLanguage

/// What a thread's next step will be, as far as it can be told without taking it.
public enum ThreadOutlook: Hashable, Sendable {
  /// It has nothing to do.
  case idle
  /// It cannot go on: it followed a null pointer or the like.
  case stuck
  /// It sleeps and nobody has woken it; its sleep lasts that many seconds at most.
  case asleep(seconds: Int64)
  /// It takes a lock, if that can be had now.
  case takesLock(ObjectReference, offset: Int, lockClass: Int, mode: LockMode, isAvailable: Bool)
  /// It releases a lock.
  case releasesLock(ObjectReference, offset: Int, lockClass: Int, mode: LockMode)
  /// Something else.
  case other
}

extension Machine {
  /// What a thread will do next.
  public func outlook(of thread: Int, in state: State) -> ThreadOutlook {
    withReadOnlyState(state) { outlook(thread) }
  }

  private func outlook(_ thread: Int) -> ThreadOutlook {
    let t = words + layout.threadBase + thread * layout.threadWords
    let flags = t[Layout.flags]
    if flags & Layout.stuck != 0 { return .stuck }
    let pc = Int(t[Layout.programCounter])
    if t[Layout.programCounter] == Layout.idle {
      return hasOperation(thread, number: Int(t[Layout.operation])) ? .other : .idle
    }
    guard code[pc].opcode == .step else { return .other }
    if flags & Layout.sleeping != 0, flags & Layout.woken == 0 {
      guard case .wait(let seconds) = world.program.statements[Int(code[pc].a)].kind else {
        return .asleep(seconds: 0)
      }
      return .asleep(seconds: seconds)
    }
    return lockOutlook(thread, pc: pc, t: t)
  }

  /// Looks through the constants and loads that name a lock to the instruction that takes or releases it.
  private func lockOutlook(_ thread: Int, pc start: Int, t: UnsafeMutablePointer<Int64>) -> ThreadOutlook {
    let frame = t + Layout.stack + Int(t[Layout.framePointer]) + Program.frameHeader
    var pc = start + 1
    while true {
      let instruction = code[pc]
      switch instruction.opcode {
      case .constant:
        guard instruction.a < 0 else { return .other }
        setTemporary(instruction.a, constant(instruction.b))
      case .load:
        let object = operand(instruction.b, frame)
        guard instruction.a < 0, object > 0, object < words[Layout.heapEnd] else { return .other }
        setTemporary(instruction.a, heap[Int(object) + Int(instruction.c)])
      case .acquire, .release:
        let object = operand(instruction.a, frame)
        guard object > 0, object < words[Layout.heapEnd] else { return .other }
        let offset = Int(instruction.b)
        let mode = LockMode(rawValue: Int(instruction.d)) ?? .exclusive
        if instruction.opcode == .release {
          return .releasesLock(
            ObjectReference(object), offset: offset, lockClass: Int(instruction.c), mode: mode)
        }
        return .takesLock(
          ObjectReference(object), offset: offset, lockClass: Int(instruction.c), mode: mode,
          isAvailable: isAvailable(Int(object) + offset, mode, thread: thread))
      default:
        return .other
      }
      pc += 1
    }
  }

  private func operand(_ operand: Int32, _ frame: UnsafeMutablePointer<Int64>) -> Int64 {
    operand >= 0 ? frame[Int(operand)] : temporary(operand)
  }

  /// The word of a state at an index that a footprint or the origin of a probe's value names.
  public func word(_ index: Int, of state: State) -> Int64 { state.words[index] }

  /// The object that an index of a state's words lies in; nil for a slot and for what is free or was freed.
  public func livingObject(at index: Int, in state: State) -> ObjectReference? {
    guard index > layout.heapBase else { return nil }
    return withReadOnlyState(state) {
      guard index - layout.heapBase < Int(words[Layout.heapEnd]) else { return nil }
      let object = objectContaining(index - layout.heapBase)
      return Header.isAlive(heap[object]) ? ObjectReference(object) : nil
    }
  }

  /// The words that an object takes, as indexes of the state's words.
  public func words(of object: ObjectReference, in state: State) -> Range<Int> {
    let start = layout.heapBase + object.index
    return start..<(start + max(1, Header.size(state.words[start])))
  }

  /// The object in which the lock of an event lies, and where.
  public func place(ofLockAt address: Int64, in state: State) -> (object: ObjectReference, offset: Int)? {
    withReadOnlyState(state) {
      guard address > 0, address < words[Layout.heapEnd] else { return nil }
      let object = objectContaining(Int(address))
      return (ObjectReference(object), Int(address) - object)
    }
  }

  /// Index of the first word of the heap among the state's words.
  public var heapStart: Int { layout.heapBase }

  /// The object that a reference held in a word names; nil for null.
  public static func object(_ word: Int64) -> ObjectReference? {
    word > 0 ? ObjectReference(word) : nil
  }

  /// Lets a thread that is between two operations begin its list of operations again, after `use` was given a world in which that list is
  /// another one.
  public func restart(_ thread: Int, in state: inout State) {
    state.words[layout.threadBase + thread * layout.threadWords + Layout.operation] = 0
  }
}
