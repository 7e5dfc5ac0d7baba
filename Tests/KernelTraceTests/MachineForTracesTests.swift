import Foundation
import Machine
import StepLanguage
import Testing

/// What the matcher asks of the machine.
@Suite struct MachineForTracesTests {
  private static let text = """
    model small "small" {
      object thing as thing { lock: mutex; count: refcount; next: thing; queue: wait_queue; left: int }
      global first: thing
      global second: thing
      init {
        first = alloc thing
        second = alloc thing
        ref_set first.count 1 by "own"
      }
      entry take() { let one = first; mutex_lock one.lock; one.left = 1; mutex_unlock one.lock }
      entry other() { let one = second; one.left = 1 }
      entry raise() { let one = first; ref_inc one.count by thread }
      entry sleep() {
        let one = first
        let done = wait_event one.queue until one.left == 9 timeout 7 uninterruptible
        if !done { return -ETIMEDOUT }
        return 0
      }
      entry make() { let a = alloc thing; let b = first; b.next = a }
      entry makeTwo() { let a = alloc thing; let c = alloc thing; let b = first; b.next = c; free a }
    }
    """

  private func machine(_ operations: [[String]]) throws -> (Machine, World) {
    let program = try Library { _, _ in nil }.program(from: SourceFile(name: "small.step", text: Self.text))
    let threads = try operations.enumerated().map { number, lines in
      World.Thread(
        name: "T\(number)",
        operations: try lines.map {
          try Operation(OperationLine($0), program: program, source: SourceFile(name: "", text: $0))
        })
    }
    let world = World(program: program, threads: threads)
    let machine = Machine(world: world)
    machine.checksLeaks = false
    return (machine, world)
  }

  @Test func theOutlookNamesTheLockAndWhetherItIsFree() throws {
    let (machine, _) = try machine([["take"], ["take"]])
    var state = machine.initialState()
    #expect(machine.outlook(of: 0, in: state) == .other)
    for thread in [0, 1] {
      while case .other = machine.outlook(of: thread, in: state) { _ = machine.step(thread, in: &state) }
    }
    guard case .takesLock(let object, _, _, .exclusive, isAvailable: true) = machine.outlook(of: 0, in: state)
    else {
      Issue.record("no lock is wanted")
      return
    }
    #expect(machine.step(0, in: &state) == .stepped)
    guard case .takesLock(object, _, _, .exclusive, isAvailable: false) = machine.outlook(of: 1, in: state)
    else {
      Issue.record("the lock is not taken")
      return
    }
    while case .other = machine.outlook(of: 0, in: state) { _ = machine.step(0, in: &state) }
    guard case .releasesLock(object, _, _, .exclusive) = machine.outlook(of: 0, in: state) else {
      Issue.record("no lock is released")
      return
    }
  }

  @Test func aSleepersTimeIsOverWhenTheCallerSaysSo() throws {
    let (machine, _) = try machine([["sleep"], ["take"]])
    var state = machine.initialState()
    let log = EventLog()
    while machine.outlook(of: 0, in: state) == .other { _ = machine.step(0, in: &state) }
    #expect(machine.outlook(of: 0, in: state) == .asleep(seconds: 7))
    #expect(machine.step(0, in: &state) == .notReady)
    #expect(machine.step(0, in: &state, log: log, wakesSleeper: true) == .stepped)
    #expect(log.events.contains { $0.kind == .timedOut })
  }

  @Test func accessesMeetWhereTheSameWordIsTouched() throws {
    let (machine, _) = try machine([["take"], ["other"], ["raise"]])
    let log = AccessLog()
    machine.accessLog = log
    func words(_ thread: Int, _ change: AccessLog.Access.Change) -> Set<Int> {
      var state = machine.initialState()
      log.clear()
      while machine.step(thread, in: &state) != .notReady {}
      return Set(log.entries.filter { $0.isWrite && $0.kind != .lock && $0.change == change }.map(\.word))
    }
    #expect(words(0, .none).count == 1)
    #expect(words(0, .none).isDisjoint(with: words(1, .none)))
    #expect(words(2, .up).count == 1)
    #expect(words(2, .none).isEmpty)
  }

  /// A freed object's place goes to units and cells, which have no number of their own: an address that is kept for it tells nothing any more.
  @Test func onlyObjectsHaveCanonicalNumbers() throws {
    let (machine, world) = try machine([["makeTwo"], ["raise"], ["raise"]])
    let digest = CanonicalDigest(machine: machine)
    var state = machine.initialState()
    var withoutObject = 0
    for thread in world.threads.indices {
      while machine.step(thread, in: &state) != .notReady {
        _ = digest.digest(of: state, in: world)
        let objects = Set(StateView(state, world: world).objects)
        for index in 1..<machine.heapWordCount(of: state) {
          let object = ObjectReference(heapIndex: index)
          if objects.contains(object) || object == .globals {
            #expect(digest.number(of: object, in: state) != nil)
          } else {
            #expect(digest.number(of: object, in: state) == nil, "word \(index)")
            withoutObject += 1
          }
        }
      }
    }
    #expect(withoutObject > 100)
  }

  @Test func theCanonicalFormForgetsPlaces() throws {
    func digest(_ operation: String) throws -> UInt64 {
      let (machine, world) = try machine([[operation]])
      var state = machine.initialState()
      while machine.step(0, in: &state) != .notReady {}
      // The operation's number is part of a state; both have done one.
      return CanonicalDigest(machine: machine).digest(of: state, in: world)
    }
    #expect(try digest("make") == digest("makeTwo"))
    #expect(try digest("make") != digest("take"))
  }
}
