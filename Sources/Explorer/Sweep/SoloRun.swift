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
struct Meeting {
  /// Whether the order of their steps can matter.
  var isDependent = false
  /// The pairs of statements that touch the same word, one of the two writing.
  var pairs: Set<UInt64> = []

  init(_ first: SoloRun, _ second: SoloRun) {
    if first.result == nil || second.result == nil { isDependent = true }
    if first.isVisible && second.isVisible { isDependent = true }
    var left = 0
    var right = 0
    let one = first.touches
    let other = second.touches
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
          pairs.insert(UInt64(UInt32(one[left].statement)) << 32 | UInt64(UInt32(other[index].statement)))
          let kinds = (one[left].kind, other[index].kind)
          // Taking a lock in turn, and units that come and go, delay nobody for ever and change nothing that is seen.
          if kinds == (.lock, .lock) { continue }
          if Self.isUnit(kinds.0), Self.isUnit(kinds.1) { continue }
          isDependent = true
        }
        left += 1
      }
      right = end
    }
    if !isDependent {
      isDependent =
        Self.crosses(first.nestings, second.nestings)
        || Self.crosses(first.classNestings, second.classNestings)
    }
  }

  private static func isUnit(_ kind: AccessLog.Access.Kind) -> Bool { kind == .raise || kind == .lower }

  /// Whether locks are held together in one order here and in the other order there; longer circles take more threads.
  private static func crosses(_ first: Set<SoloRun.Nesting>, _ second: Set<SoloRun.Nesting>) -> Bool {
    first.contains { second.contains(SoloRun.Nesting(outer: $0.inner, inner: $0.outer)) }
  }
}
