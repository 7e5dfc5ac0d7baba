import Machine
import StepLanguage
import Testing

/// Locals that nothing reads any more are zero where a thread rests, so that equal situations are equal states.
@Suite struct LivenessTests {
  /// `look` reads what `set` writes, and makes nothing of it in the end.
  static let model = """
    global g: int
    global h: int
    entry set() { g = 7 }
    entry look() {
      let x = g
      h = x * 0
      h = 1
    }
    fn inner(z: int) -> int {
      h = z * 0
      h = 2
      return 3
    }
    entry call() {
      let x = g
      let y = x + 1
      let rc = inner(y)
      h = rc
    }
    """

  /// Steps T0 to the text, with T1's `set` before or after its first look at `g`.
  private func state(_ entry: String, setFirst: Bool, upTo text: String) throws -> State {
    let laboratory = try Laboratory(Self.model, threads: [[entry], ["set"]])
    laboratory.run(0, to: "let x")
    if setFirst { laboratory.run(1) }
    laboratory.step(0)
    if !setFirst { laboratory.run(1) }
    laboratory.run(0, to: text)
    #expect(laboratory.view.thread(0).nextStatement != nil)
    return laboratory.state
  }

  @Test func schedulesMeetWhenAVariableIsDead() throws {
    // As long as x will be read, the schedules differ.
    #expect(
      try state("look", setFirst: true, upTo: "h = x") != state("look", setFirst: false, upTo: "h = x"))
    #expect(
      try state("look", setFirst: true, upTo: "h = 1") == state("look", setFirst: false, upTo: "h = 1"))
  }

  @Test func schedulesMeetWhenCallersAndParametersAreDead() throws {
    #expect(
      try state("call", setFirst: true, upTo: "h = z") != state("call", setFirst: false, upTo: "h = z"))
    #expect(
      try state("call", setFirst: true, upTo: "h = 2") == state("call", setFirst: false, upTo: "h = 2"))
    #expect(
      try state("call", setFirst: true, upTo: "h = rc") == state("call", setFirst: false, upTo: "h = rc"))
  }

  @Test func viewsTellWhatIsDead() throws {
    let laboratory = try Laboratory(Self.model, threads: [["call"], ["set"]])
    laboratory.run(1)
    laboratory.run(0, to: "h = z")
    let program = laboratory.world.program
    var frames = laboratory.view.thread(0).frames
    func dead(_ frame: StateView.Frame) -> [String] {
      frame.dead.map { program.functions[frame.function].locals[$0].name }
    }
    // The result of the call is still to come.
    #expect(dead(frames[0]) == ["x", "y", "rc"])
    #expect(dead(frames[1]) == [])
    #expect(frames[0].locals == [0, 0, 0])
    #expect(frames[1].locals == [8])
    laboratory.run(0, to: "h = 2")
    frames = laboratory.view.thread(0).frames
    #expect(dead(frames[1]) == ["z"])
    #expect(frames[1].locals == [0])
  }

  @Test func whatIsReadLaterStays() throws {
    let model = """
      slot s = -1 "results"
      global g: int
      fn keep(a: int, b: int) -> int returns kept(rc = result, a) {
        g = a
        g = 0
        return b
      }
      fn later(a: thing) { g = g + 100 }
      object thing { n: int }
      entry go(out first: s, inout second: s, n: int) {
        first = 11
        let total = 0
        let i = 0
        let t = alloc thing
        loop {
          if i == n { break }
          g = i
          total += i
          i += 1
        }
        let k = keep(5, total)
        second = second + k
        task_work later(t)
        g = 1
        free t
        g = 2
      }
      """
    let laboratory = try Laboratory(model, threads: [["go s0 s1 4"]])
    var probed: [Int64] = []
    while laboratory.step(0) != .notReady { probed += laboratory.log.values }
    #expect(probed == [6, 5])
    #expect(laboratory.view.slot(table: 0, index: 0) == 11)
    #expect(laboratory.view.slot(table: 0, index: 1) == 5)
    #expect(laboratory.view.value("g", of: .globals) == .int(102))
    #expect(laboratory.properties == [])
  }

  @Test func settingACountKeepsTheVariable() throws {
    let model = """
      object thing { users: refcount }
      global g: int
      global all: list of thing
      entry go(n: int) {
        let t = alloc thing
        list_append(all, t)
        ref_set t.users n by "maker"
        g = n
      }
      """
    let laboratory = try Laboratory(model, threads: [["go 3"]])
    laboratory.runAll()
    #expect(laboratory.view.value("g", of: .globals) == .int(3))
  }

  @Test func everyReadIsOfALiveVariable() throws {
    // Clearing must not change what a model does: results and findings of the models are held against the kernel's elsewhere; here
    // the sets themselves are looked at.
    let program = try KernelResultTests.library.program(named: "linux-6.12")
    #expect(program.deadLocals.count == program.code.count)
    #expect(program.clearedLocals.count == program.code.count)
    for address in program.code.indices {
      let dead = program.localSets[program.deadLocals[address]]
      let cleared = program.localSets[program.clearedLocals[address]]
      #expect(cleared.allSatisfy(dead.contains))
    }
    #expect(program.clearedLocals.contains { $0 != 0 })
  }
}
