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
    withReadOnlyState(state) { $0.outlook(thread) } ?? .stuck
  }

  /// The word of a state at an index that an access log or the origin of a probe's value names.
  public func word(_ index: Int, of state: State) -> Int64 { state.words[index] }

  /// The object that an index of a state's words lies in; nil for a slot and for what is free or was freed.
  public func livingObject(at index: Int, in state: State) -> ObjectReference? {
    let place = index - heapStart
    guard place > 0, place < Int(state.words[Layout.heapEnd]) else { return nil }
    return withReadOnlyState(state) { core in
      let object = core.objectContaining(place)
      return Header.isAlive(core.heap[object]) ? ObjectReference(object) : nil
    } ?? nil
  }

  /// The words that an object takes, as indexes of the state's words.
  public func words(of object: ObjectReference, in state: State) -> Range<Int> {
    let start = heapStart + object.index
    return start..<(start + max(1, Header.size(state.words[start])))
  }

  /// The object in which the lock of an event lies, and where.
  public func place(ofLockAt address: Int64, in state: State) -> (object: ObjectReference, offset: Int)? {
    guard address > 0, address < state.words[Layout.heapEnd] else { return nil }
    return withReadOnlyState(state) { core in
      let object = core.objectContaining(Int(address))
      return (ObjectReference(object), Int(address) - object)
    }
  }

  /// Index of the first word of the heap among the state's words.
  public var heapStart: Int { core.pointee.world.heapBase }

  /// The object that a reference held in a word names; nil for null.
  public static func object(_ word: Int64) -> ObjectReference? {
    word > 0 ? ObjectReference(word) : nil
  }

  /// Lets a thread that is between two operations begin its list of operations again, after `use` was given a world in which that list is
  /// another one.
  public func restart(_ thread: Int, in state: inout State) {
    let table = core.pointee.world
    state.words[table.threadBase + thread * table.threadWords + Layout.operation] = 0
  }
}
