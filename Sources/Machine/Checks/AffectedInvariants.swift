import StepLanguage

/// Invariants that must hold always, and that a step may break.
public struct AffectedInvariants: Sendable, BitwiseCopyable {
  /// A bit for each invariant; the last bit stands for all from there on.
  var all: UInt64 = 0
  /// Those that look at a written field of their own object only: the invariants, and the object. Usually there are few.
  var own: (Pair, Pair, Pair, Pair) = (Pair(), Pair(), Pair(), Pair())
  var count = 0

  struct Pair: Sendable, BitwiseCopyable {
    var mask: UInt64 = 0
    var object = 0
  }

  var hasAny: Bool { all != 0 || count != 0 }

  mutating func add(_ mask: UInt64, of object: Int) {
    if mask == 0 { return }
    withUnsafeMutableBytes(of: &own) { bytes in
      let pairs = bytes.bindMemory(to: Pair.self)
      for index in 0..<count where pairs[index].object == object {
        pairs[index].mask |= mask
        return
      }
      if count == pairs.count {
        all |= mask
      } else {
        pairs[count] = Pair(mask: mask, object: object)
        count += 1
      }
    }
  }

  func pair(_ index: Int) -> Pair {
    withUnsafeBytes(of: own) { $0.bindMemory(to: Pair.self)[index] }
  }
}

// Only a step that writes a word which an invariant reads can break it, so as long as all held before a step, only those are evaluated after it.
extension MachineCore {
  /// Notes a write for the invariants that read the word.
  @inline(__always)
  mutating func markChanged(_ object: Int, _ offset: Int) {
    let place = Header.type(heap[object]) << 6 | min(offset, 63)
    let watching = program.watchers[place]
    if watching != 0 { mark(watching, own: program.ownWatchers[place], of: object) }
  }

  @inline(never)
  private mutating func mark(_ watching: UInt64, own: UInt64, of object: Int) {
    affected.all |= watching & ~own
    affected.add(own, of: object)
  }

  /// A free changes the object as a whole; what holds of it alone is not asked any more.
  mutating func markFreed(_ object: Int) {
    let type = Header.type(heap[object])
    for offset in 0..<min(64, max(1, Header.size(heap[object]))) {
      affected.all |= program.watchers[type << 6 | offset]
    }
  }

  /// Evaluates the invariants after a step: all at quiescence and where one did not hold before, else those that the step can have broken.
  mutating func checkInvariants() {
    let quiescent = isQuiescent()
    let before = reports.pointee.count
    let isSure = words[Layout.unsure] == 0 && !quiescent && !evaluatesEveryInvariant
    if isSure, !affected.hasAny { return }
    if (isSure ? affectedHold() : allHold(quiescent: quiescent)) && reports.pointee.count == before {
      words[Layout.unsure] = 0
    } else {
      words[Layout.unsure] = 1
      reportInvariants(quiescent: quiescent, after: before)
    }
  }

  private mutating func affectedHold() -> Bool {
    let affected = affected
    for index in 0..<affected.count {
      let pair = affected.pair(index)
      let rest = pair.mask & ~affected.all
      if rest != 0, !hold(rest, of: pair.object) { return false }
    }
    if affected.all == 0 { return true }
    for number in program.generalInvariants.indices {
      let invariant = program.invariants[Int(program.invariantNumbers[number])]
      if invariant.isQuiescent || affected.all & bit(of: Int(program.invariantNumbers[number])) == 0 {
        continue
      }
      if callOnMonitor(invariant.function, argument: nil) == 0 { return false }
    }
    // Most blocks are cells and units; one test rules them out.
    for (index, header) in blocks where program.alwaysTypes >> UInt64(header & 63) & 1 != 0 {
      if !hold(affected.all, of: index) { return false }
    }
    return true
  }

  /// Whether those invariants of a set hold that are about an object.
  private mutating func hold(_ set: UInt64, of object: Int) -> Bool {
    let header = heap[object]
    guard Header.isAlive(header) else { return true }
    for number in program.typeAlways[Header.type(header)].indices {
      let invariant = Int(program.invariantNumbers[number])
      if set & bit(of: invariant) == 0 { continue }
      if callOnMonitor(program.invariants[invariant].function, argument: object) == 0 { return false }
    }
    return true
  }

  /// The last bit stands for all invariants from there on.
  private func bit(of invariant: Int) -> UInt64 { 1 << UInt64(min(invariant, 63)) }
}
