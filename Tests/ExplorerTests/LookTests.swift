import Explorer
import Machine
import SmallModels
import StepLanguage
import Testing

/// Statements that only look at what never changes are no scheduling points; what that leaves out is held against a search in which they are, and
/// which reduces nothing.
@Suite struct LookTests {
  /// The properties that are violated, in order; nil when the search came to no end.
  private static func properties(_ world: World, _ reduction: Search.Reduction) -> [String]? {
    let result = Search(world: world, reduction: reduction).run(limits: Search.Limits(states: 40_000))
    guard result.bound == nil else { return nil }
    return Set(result.counterexamples.map(\.finding.property.rawValue)).sorted()
  }

  @Test(arguments: 0..<140)
  func randomModels(_ seed: Int) throws {
    var generator = RandomModel(seed: seed + 20_000)
    let text = generator.textWithLooks()
    let threads: [[String]] =
      seed % 3 == 2 ? [["first"], ["second"], ["third"]] : [["first", "third"], ["second"]]
    let own = try World.small(text, threads: threads, looksAreSteps: false)
    let naive = try World.small(text, threads: threads, looksAreSteps: true)
    guard let expected = Self.properties(naive, .none) else { return }
    #expect(Self.properties(own, .full) == expected, "\(text)")
    #expect(Self.properties(own, .none) == expected, "\(text)")
  }

  /// The comparison means something only when most of it comes to an end, and when both answers are given.
  @Test func randomModelsAreWorthComparing() throws {
    var found: [String: Int] = [:]
    var ended = 0
    for seed in 0..<140 {
      var generator = RandomModel(seed: seed + 20_000)
      let world = try World.small(
        generator.textWithLooks(), threads: [["first", "third"], ["second"]], looksAreSteps: false)
      guard let properties = Self.properties(world, .full) else { continue }
      ended += 1
      for property in properties.isEmpty ? ["holds"] : properties { found[property, default: 0] += 1 }
    }
    #expect(ended > 120)
    for property in ["use-after-free", "refcount-underflow", "leak", "deadlock", "lost-wakeup", "holds"] {
      #expect(found[property, default: 0] >= 1, "\(property): \(found)")
    }
  }

  /// A free in front of each kind of look, in each place where one can ride along.
  @Test(arguments: [
    "let n = t.name", "if t.name == 7 { counter = 1 }", "while t.name == 9 { counter = 1 }",
    "return t.name - 7",
    "let n = only(t.name)", "let o = t.peer; if o != null { let m = o.name }", "let k = t is thing",
    "let h = holds(t.lock)", "assert_held t.lock", "let u = units(t.users, thread)", "let n = behind(t)",
    "let i = 0; while i < t.name { i += 1 }",
  ])
  func aFreeBeforeALook(_ look: String) throws {
    let text = """
      object thing { const name: int; const peer: thing; lock: mutex; users: refcount }
      global slot: thing
      global counter: int
      global lock: spinlock
      fn only(n: int) -> int { return n }
      fn behind(t: thing) -> int { return t.name }
      entry publish() -> int {
        let t = alloc thing { name: 7 }
        spin_lock lock
        slot = t
        spin_unlock lock
        \(look)
        return 0
      }
      entry take() {
        spin_lock lock
        let t = slot
        slot = null
        spin_unlock lock
        if t != null { free t }
      }
      """
    for reduction in Search.Reduction.allCases {
      let world = try World.small(text, threads: [["publish"], ["take"]], looksAreSteps: false)
      let found = Self.properties(world, reduction) ?? []
      #expect(found.contains("use-after-free"), "\(reduction)")
    }
  }

  /// Where no free can come in between, a look costs no step and no state.
  @Test func looksUnderALockAreFree() throws {
    func text(_ word: String) -> String {
      """
      object thing { \(word) name: int }
      global slot: thing
      global lock: spinlock
      init { slot = alloc thing { name: 7 } }
      entry look() {
        spin_lock lock
        let t = slot
        if t != null { let a = t.name; let b = t.name; let c = a + b }
        spin_unlock lock
      }
      entry take() {
        spin_lock lock
        let t = slot
        slot = null
        if t != null { free t }
        spin_unlock lock
      }
      """
    }
    let constant = Search(
      world: try World.small(text("const"), threads: [["look"], ["take"]], looksAreSteps: false)
    ).run()
    let plain = Search(world: try World.small(text(""), threads: [["look"], ["take"]], looksAreSteps: false))
      .run()
    #expect(constant.verdict == .holds)
    #expect(plain.verdict == .holds)
    #expect(constant.progress.states <= plain.progress.states)
  }

  @Test func castsTouchNothing() throws {
    let text = """
      object thing { name: int }
      global slot: any
      global counter: int
      init { slot = alloc thing }
      entry cast() { let d = slot; counter += 1; let t = d as thing; if t == null { counter += 1 } }
      entry take() { let d = slot; slot = null; if d != null { free d } }
      """
    let world = try World.small(text, threads: [["cast"], ["take"]], looksAreSteps: false)
    #expect(Self.properties(world, .none) == [])
    let wrong = text.replacing("let t = d as thing; if t == null", with: "let t = d as other; if t == null")
    let other = try World.small(
      wrong + "\nobject other { name: int }", threads: [["cast"]], looksAreSteps: false)
    #expect(Self.properties(other, .none) == ["invariant"], "a cast to what it is not")
  }
}
