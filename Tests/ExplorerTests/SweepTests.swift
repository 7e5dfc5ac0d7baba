import Machine
import StepLanguage
import Testing

@testable import Explorer

/// Sweeps of models of a few lines, in which it is known what there is to find.
@Suite struct SweepTests {
  /// Boxes in a table: `use` lets go of the table's lock before it writes, so a `drop` may come between.
  static let boxes = """
    model boxes "Boxes" {
      slot b = -1 "the number of a box"
      object box as box { n: int }
      global boxes: xarray of box from 1
      global bell: int
      entry make(out id: b) {
        let x = alloc box
        spin_lock boxes.xa_lock
        let i = xa_alloc(boxes)
        xa_store(boxes, i, x)
        spin_unlock boxes.xa_lock
        id = i
      }
      entry use(id: b) {
        spin_lock boxes.xa_lock
        let x = xa_load(boxes, id)
        spin_unlock boxes.xa_lock
        if x == null { return -ENOENT }
        x.n = 1
      }
      entry drop(id: b) {
        spin_lock boxes.xa_lock
        let x = xa_load(boxes, id)
        if x != null { xa_erase(boxes, id) }
        spin_unlock boxes.xa_lock
        if x == null { return -ENOENT }
        free x
      }
      entry ring() { bell = 1; bell = 0 }
      entry refuse() { return -EINVAL }
    }
    revision locked of boxes "Boxes that are used under the lock" {
      entry use(id: b) {
        spin_lock boxes.xa_lock
        let x = xa_load(boxes, id)
        if x != null { x.n = 1 }
        spin_unlock boxes.xa_lock
        if x == null { return -ENOENT }
      }
    }
    """

  static func program(_ text: String, _ name: String? = nil) throws -> Program {
    let library = Library { _, _ in nil }
    return try library.program(from: SourceFile(name: "sweep.step", text: text), named: name)
  }

  private func sweep(
    _ program: Program, against other: Program? = nil, jobs: Int = 1, after earlier: SweepResult? = nil,
    _ change: (inout Sweep.Options) -> Void = { _ in },
    shouldContinue: @escaping @Sendable () -> Bool = { true }
  ) -> SweepResult {
    var options = Sweep.Options()
    change(&options)
    return Sweep(program: program, against: other, options: options)
      .run(jobs: jobs, after: earlier, shouldContinue: shouldContinue)
  }

  @Test func theSetUpIsFoundAndTheRaceIsShownOnce() throws {
    let result = sweep(try Self.program(Self.boxes, "boxes"))
    #expect(result.isCovered)
    #expect(result.findings.map(\.identity.property) == ["use-after-free"])
    let finding = try #require(result.findings.first)
    #expect(finding.program.setup == ["make b0"])
    #expect(finding.program.threads == [["use b0"], ["drop b0"]])
    #expect(finding.identity.place.hasPrefix("sweep.step:"))
    // Nothing that only fails is in a program, and nothing is beside what it does not touch.
    #expect(result.leftOut.failing > 0)
    #expect(result.leftOut.idle > 0)
  }

  @Test func theSameModelWithoutTheMistakeHolds() throws {
    let result = sweep(try Self.program(Self.boxes, "locked")) { $0.operations = 2 }
    #expect(result.findings.isEmpty)
    #expect(result.isCovered)
    #expect(result.sizes.map(\.shape.text) == ["1", "1+1", "2+1", "2+2"])
    for size in result.sizes { #expect(size.programs > 0 && size.covered == size.programs, "\(size)") }
  }

  /// The same search over all programs of all operations, made by hand and without any rule that leaves some out, finds no other property.
  @Test func nothingIsLostOfWhatAllProgramsShow() throws {
    for model in ["boxes", "locked"] {
      let program = try Self.program(Self.boxes, model)
      let lines = ["make b5", "use b0", "use b1", "drop b0", "drop b1", "ring", "refuse"]
      var properties: Set<String> = []
      for setup in [[], ["make b0"], ["make b0", "make b1"]] {
        for first in lines {
          for second in lines {
            let small = SweepProgram(setup: setup, threads: [[first], [second]])
            let checker = SweepChecker(program: program, faults: false, limits: Search.Limits())
            let outcome = try #require(checker.check(small, number: 0) { true })
            properties.formUnion(outcome.findings.map(\.identity.property))
          }
        }
      }
      #expect(Set(sweep(program).findings.map(\.identity.property)) == properties, "\(model)")
    }
  }

  @Test func theNumberOfJobsChangesNothing() throws {
    let program = try Self.program(Self.boxes, "boxes")
    func text(_ result: SweepResult) -> String {
      "\(result.findings.map { ($0.identity, $0.program, $0.number, $0.steps, $0.programs) }) \(result.sizes) \(result.leftOut) \(result.states)"
    }
    let one = sweep(program) { $0.operations = 2 }
    let four = sweep(program, jobs: 4) { $0.operations = 2 }
    #expect(text(one) == text(four))
  }

  @Test func partsPutTogetherAreTheWhole() throws {
    let program = try Self.program(Self.boxes, "boxes")
    let whole = sweep(program) { $0.operations = 2 }
    let parts = (1...3).map { part in
      sweep(program) {
        $0.operations = 2
        $0.part = part
        $0.parts = 3
      }
    }
    let joined = try #require(SweepResult.joined(parts.reversed()))
    #expect(joined.missing.isEmpty)
    #expect(joined.stopped.isEmpty)
    #expect(joined.result.sizes == whole.sizes)
    #expect(joined.result.findings.map(\.program) == whole.findings.map(\.program))
    #expect(joined.result.findings.map(\.programs) == whole.findings.map(\.programs))
    let two = try #require(SweepResult.joined([parts[0], parts[2]]))
    #expect(two.missing == [2])
    #expect(!two.result.isCovered)
    #expect(SweepResult.joined([parts[0], parts[0]]) == nil)
    #expect(SweepResult.joined([parts[0], whole]) == nil)
  }

  @Test func aStoppedSweepGoesOnToTheSameEnd() throws {
    let program = try Self.program(Self.boxes, "boxes")
    let whole = sweep(program) { $0.operations = 2 }
    // Stopped ever later, until it is among the programs.
    func stopped(after limit: Int) -> SweepResult {
      let asked = Counter()
      return sweep(
        program, { $0.operations = 2 },
        shouldContinue: { asked.value.wrappingAdd(1, ordering: .relaxed).newValue < limit })
    }
    let stopped = try #require(
      stride(from: 20, to: 100_000, by: 20).lazy.map(stopped(after:)).first {
        $0.position > 3 && $0.position < whole.position
      })
    #expect(stopped.isStopped)
    #expect(!stopped.isCovered)
    let resumed = sweep(program, after: stopped) { $0.operations = 2 }
    #expect(resumed.isCovered)
    #expect(resumed.sizes == whole.sizes)
    #expect(resumed.findings.map(\.programs) == whole.findings.map(\.programs))
    #expect(resumed.states == whole.states)
  }

  @Test func twoModelsDifferWhereTheirVerdictsDo() throws {
    let boxes = try Self.program(Self.boxes, "boxes")
    let locked = try Self.program(Self.boxes, "locked")
    let result = sweep(boxes, against: locked)
    #expect(result.findings.isEmpty)
    #expect(result.differences.map(\.own) == [["use-after-free"]])
    #expect(result.differences.map(\.other) == [["holds"]])
    #expect(result.differences.first?.program.threads == [["use b0"], ["drop b0"]])
    #expect(sweep(locked, against: locked).differences.isEmpty)
  }

  @Test func onlyTheNamedOperationsRunAgainstEachOther() throws {
    let program = try Self.program(Self.boxes, "boxes")
    let result = sweep(program) { $0.entries = ["use"] }
    #expect(result.findings.isEmpty)
    #expect(result.isCovered)
    let both = sweep(program) { $0.entries = ["drop", "use"] }
    #expect(both.findings.map(\.identity.property) == ["use-after-free"])
  }

  /// Ids and descriptors are given out in order, so others can guess them before they are told.
  @Test func whatIsJustBeingMadeIsGuessed() throws {
    let program = try Self.program(
      """
      model early "Published before it is made" {
        slot b = -1 "the number of a box"
        object box as box { n: int }
        object inner as inner { n: int }
        global boxes: xarray of box from 1
        entry make(out id: b) {
          let x = alloc box
          spin_lock boxes.xa_lock
          let i = xa_alloc(boxes)
          xa_store(boxes, i, x)
          spin_unlock boxes.xa_lock
          x.n = 1
          id = i
        }
        entry drop(id: b) {
          spin_lock boxes.xa_lock
          let x = xa_load(boxes, id)
          if x != null { xa_erase(boxes, id) }
          spin_unlock boxes.xa_lock
          if x == null { return -ENOENT }
          free x
        }
      }
      """)
    let result = sweep(program)
    #expect(result.findings.map(\.identity.property) == ["use-after-free"])
    #expect(result.findings.first?.program == SweepProgram(setup: [], threads: [["make b0"], ["drop 1"]]))
  }

  /// What a program is found to do is what `check` finds in its scenario, the orders of locks of its set-up included.
  @Test func theSetUpsOrderOfLocksCounts() throws {
    let program = try Self.program(
      """
      model orders "A lock of the set-up's order" {
        slot b = -1 "the number of a box"
        object box as box { n: int }
        global boxes: xarray of box from 1
        global one: mutex
        global two: mutex
        entry make(out id: b) {
          let x = alloc box
          mutex_lock one
          mutex_lock two
          let i = xa_alloc(boxes)
          xa_store(boxes, i, x)
          mutex_unlock two
          mutex_unlock one
          id = i
        }
        entry use(id: b) {
          mutex_lock two
          mutex_lock one
          let x = xa_load(boxes, id)
          mutex_unlock one
          mutex_unlock two
          if x == null { return -ENOENT }
        }
      }
      """)
    let result = sweep(program) {
      $0.entries = ["use"]
      $0.threads = 1
    }
    #expect(result.findings.map(\.identity.property) == ["lock-order"])
    #expect(result.findings.first?.program == SweepProgram(setup: ["make b0"], threads: [["use b0"]]))
  }

  /// A program that the other model cannot be searched to the end for is not covered, whatever the first one says.
  @Test func bothModelsMustBeCovered() throws {
    let text = """
      model short "Two writes" {
        global n: int
        global m: int
        entry work() { n = 1 }
      }
      revision long of short "Many" {
        entry work() { n = 1; m = 1; n = 2; m = 2; n = 3; m = 3; n = 4; m = 4; n = 5; m = 5; n = 6; m = 6 }
      }
      """
    let (short, long) = (try Self.program(text, "short"), try Self.program(text, "long"))
    #expect(sweep(short, against: long).isCovered)
    let result = sweep(short, against: long) { $0.states = 20 }
    #expect(!result.isCovered)
    #expect(result.sizes.contains { $0.bounded > 0 })
    #expect(sweep(short) { $0.states = 20 }.isCovered)
  }

  @Test func numbersComeFromDomains() throws {
    let text = """
      model ranges "Ranges" {
        domain first, length = (0x10, 4), (0x12, 4), (0x14, 1)
        global last: u64
        entry put(first: u64, length: u64, tight: flag) { last = first + length }
        entry half(first: u64) { last = first }
        entry free_number(n: int) { last = 0 }
        entry absent(n: int = 7) { last = 1 }
      }
      """
    let vocabulary = SweepVocabulary(program: try Self.program(text), variables: 2)
    let lines = vocabulary.lines(filled: []).map { $0.text(of: vocabulary.program) }
    #expect(
      lines == [
        "put 0x10 4", "put 0x10 4 tight", "put 0x12 4", "put 0x12 4 tight", "put 0x14 1", "put 0x14 1 tight",
        "half 0x10", "half 0x12", "half 0x14", "free_number 0", "absent",
      ])
  }

  @Test func shapesGrowByOperationsThenThreads() {
    #expect(
      SweepShape.all(threads: 3, operations: 2).map(\.text)
        == ["1", "1+1", "2+1", "1+1+1", "2+2", "2+1+1", "2+2+1", "2+2+2"])
    #expect(SweepShape.all(threads: 1, operations: 3).map(\.text) == ["1"])
  }
}
