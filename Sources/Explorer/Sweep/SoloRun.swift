import Machine
import StepLanguage

/// What an operation does from a state when nobody else runs.
struct SoloRun {
  /// An access to a word of the state.
  struct Touch: Hashable {
    var word: Int32
    var statement: Int32
    var isWrite: Bool
    var kind: AccessLog.Access.Kind
  }

  /// Two locks that are held together, by their addresses or their classes.
  struct Nesting: Hashable {
    var outer: Int
    var inner: Int
  }

  /// What it returned; nil when it never does.
  var result: Int64?
  /// Whether something went wrong, so that nothing is built on it.
  var hasFindings = false
  /// Whether what went wrong broke memory or a count, or ended the thread.
  var isBroken = false
  /// A digest of the set of statements that it took.
  var path: UInt64 = 0
  /// The functions that it went through, as bits.
  var statements: [UInt64] = []
  /// What it touched that was there before, by word.
  var touches: [Touch] = []
  var nestings: Set<Nesting> = []
  var classNestings: Set<Nesting> = []
  /// Whether an invariant that must hold always may see what it wrote.
  var isVisible = false

  /// Whether it returned without an error.
  var succeeds: Bool { (result ?? -1) >= 0 && !isBroken }
}

/// How two operations that run from the same state get into each other's way.
enum Meeting {
  /// Whether the order of their steps can matter.
  static func isDependent(_ first: SoloRun, _ second: SoloRun) -> Bool {
    if first.result == nil || second.result == nil { return true }
    if first.isVisible && second.isVisible { return true }
    let touches = forEachPair(first, second) { one, other in
      // Taking a lock in turn, and units that come and go, delay nobody for ever and change nothing that is seen.
      let areLocks = one.kind == .lock && other.kind == .lock
      return areLocks || isUnit(one.kind) && isUnit(other.kind)
    }
    return !touches || crosses(first.nestings, second.nestings)
      || crosses(first.classNestings, second.classNestings)
  }

  /// The pairs of statements that touch the same word, one of the two writing.
  static func pairs(_ first: SoloRun, _ second: SoloRun) -> Set<UInt64> {
    var pairs: Set<UInt64> = []
    _ = forEachPair(first, second) { one, other in
      pairs.insert(
        UInt64(UInt32(bitPattern: one.statement)) << 32 | UInt64(UInt32(bitPattern: other.statement)))
      return true
    }
    return pairs
  }

  /// Visits the touches of the same word of which one writes, until the body says false; gives whether all were
  /// visited.
  private static func forEachPair(
    _ first: SoloRun, _ second: SoloRun, _ body: (SoloRun.Touch, SoloRun.Touch) -> Bool
  ) -> Bool {
    let one = first.touches
    let other = second.touches
    var left = 0
    var right = 0
    while left < one.count, right < other.count {
      let word = one[left].word
      if word < other[right].word {
        left += 1
        continue
      }
      if word > other[right].word {
        right += 1
        continue
      }
      var end = right
      while end < other.count, other[end].word == word { end += 1 }
      while left < one.count, one[left].word == word {
        for index in right..<end where one[left].isWrite || other[index].isWrite {
          if !body(one[left], other[index]) { return false }
        }
        left += 1
      }
      right = end
    }
    return true
  }

  private static func isUnit(_ kind: AccessLog.Access.Kind) -> Bool { kind == .raise || kind == .lower }

  /// Whether locks are held together in one order here and in the other order there; longer circles take more
  /// threads.
  private static func crosses(_ first: Set<SoloRun.Nesting>, _ second: Set<SoloRun.Nesting>) -> Bool {
    first.contains { second.contains(SoloRun.Nesting(outer: $0.inner, inner: $0.outer)) }
  }
}
