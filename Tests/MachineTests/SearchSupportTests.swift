import StepLanguage
import Testing

@testable import Machine

/// What a search needs of the machine besides stepping: who may step, hashes, copies.
@Suite struct SearchSupportTests {
  private static func world(_ scenario: String, faults: Bool = false) throws -> World {
    let library = KernelResultTests.library
    var world = try World(
      program: library.program(named: "linux-6.12"), scenario: library.scenario(named: scenario))
    world.allowsFaults = faults
    return world
  }

  private struct Generator {
    var state: UInt64

    mutating func next(below limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(limit))
    }
  }

  /// Runs random schedules and looks at every state on the way.
  private func walk(
    _ world: World, rounds: Int, _ look: (Machine, State) throws -> Void
  ) rethrows {
    let machine = Machine(world: world)
    var generator = Generator(state: 1)
    for _ in 0..<rounds {
      var state = machine.initialState()
      for _ in 0..<2_000 {
        try look(machine, state)
        let ready = world.threads.indices.filter { machine.mayStep($0, in: state) > 0 }
        if ready.isEmpty { break }
        let thread = ready[generator.next(below: ready.count)]
        let choice = generator.next(below: machine.mayStep(thread, in: state))
        #expect(machine.step(thread, choice: choice, in: &state) != .notReady)
      }
    }
  }

  /// A reference in what steps would bring back the counting that it must not do.
  @Test func whatStepsIsPlainWords() {
    #expect(_isPOD(MachineCore.self))
    #expect(_isPOD(EventBuffer.self))
  }

  @Test func constantsAreThoseOfTheLanguage() {
    #expect(BlockType.free == ObjectType.free && BlockType.cell == ObjectType.cell)
    #expect(BlockType.unit == ObjectType.unit && BlockType.globals == ObjectType.globals)
    #expect(frameHeader == Program.frameHeader)
    for number in Int32(0)..<4 {
      #expect(LockMode(word: number).rawValue == Int(number) && LockMode(word: number).word == Int64(number))
    }
    for number in Int32(0)..<6 { #expect(RefcountOperation(word: number).rawValue == Int(number)) }
  }

  @Test(arguments: ["replace-vs-unmap", "replace-vs-close", "replace-add-fails"])
  func mayStepSaysWhatReadinessSays(_ scenario: String) throws {
    try walk(Self.world(scenario, faults: true), rounds: 5) { machine, state in
      for (thread, readiness) in machine.readiness(in: state).enumerated() {
        let expected =
          switch readiness {
          case .ready(let choices): choices
          case .timeout: 1
          default: 0
          }
        #expect(machine.mayStep(thread, in: state) == expected)
      }
    }
  }

  @Test func hashesTellStatesApart() throws {
    var states: [UInt64: State] = [:]
    var count = 0
    try walk(Self.world("replace-vs-unmap"), rounds: 20) { machine, state in
      count += 1
      var trimmed = state
      trimmed.trim(in: machine.world)
      let hash = machine.hash(of: state)
      #expect(hash == machine.hash(of: trimmed))
      if let known = states[hash] { #expect(known == state) } else { states[hash] = trimmed }
    }
    // The schedules share their beginning, and some of the rest.
    #expect(states.count > 500 && states.count < count)
  }

  @Test func hashesAreTheSameEverywhere() {
    let words = (0..<21).map { Int64($0) &* 0x1234_5678_9abc_def1 }
    func hash(_ count: Int, seed: UInt64) -> UInt64 {
      words.withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return 0 }
        return StateHash.part(Words(reading: base, count: count), seed: seed)
      }
    }
    let hashes = [0, 1, 2, 7, 8, 9, 21].map { hash($0, seed: 0) }
    #expect(
      hashes == [
        6_605_253_134_054_655_752, 9_007_004_290_458_331_447, 13_325_871_276_508_324_682,
        16_843_306_081_093_217_819, 15_806_640_041_456_590_518, 16_300_108_325_175_253_208,
        17_763_613_381_770_563_056,
      ])
    #expect(hash(21, seed: 1) != hashes[6])
  }

  @Test func eachBitOfAWordChangesHalfTheHash() throws {
    let machine = Machine(world: try Self.world("replace-vs-unmap"))
    var state = machine.initialState()
    for _ in 0..<60 { _ = machine.step(0, in: &state) }
    let hash = machine.hash(of: state)
    var total = 0
    var seen: Set<UInt64> = [hash]
    // The words of the heap hold anything, so any bit of them may change.
    let heap = machine.world.layout.heapBase + 1..<machine.usedWordCount(of: state)
    for word in heap {
      for bit in [0, 1, 17, 40, 63] {
        var other = state
        other.words[word] ^= 1 << Int64(bit)
        let changed = machine.hash(of: other)
        total += (changed ^ hash).nonzeroBitCount
        seen.insert(changed)
      }
    }
    #expect(seen.count == heap.count * 5 + 1)
    #expect(abs(Double(total) / Double(heap.count * 5) - 32) < 1)
  }

  @Test func copiesAreTheSameStates() throws {
    let world = try Self.world("replace-vs-close")
    let other = Machine(world: world)
    var copy = other.initialState()
    var unpacked = State(words: [])
    let room = UnsafeMutableBufferPointer<Int64>.allocate(capacity: 4_096)
    defer { room.deallocate() }
    walk(world, rounds: 5) { machine, state in
      machine.copy(from: state, to: &copy)
      #expect(copy == state)
      let count = machine.pack(state, into: room)
      #expect(count == machine.packedWordCount(of: state) && count < machine.usedWordCount(of: state))
      machine.unpack(UnsafeBufferPointer(rebasing: room[..<count]), into: &unpacked)
      #expect(unpacked == state)
      // What a larger state has left behind is gone, so stepping goes on as from the original.
      var original = state
      for thread in world.threads.indices where machine.mayStep(thread, in: state) > 0 {
        #expect(machine.step(thread, in: &original) == machine.step(thread, in: &unpacked))
        #expect(unpacked == original)
        break
      }
    }
  }

  @Test func manyObjectsOfATypeHaveTheirOwnNumbers() throws {
    let lines = (0..<200).map { _ in "make 1" } + ["drop 69", "drop 150", "make 1", "make 1", "make 1"]
    let laboratory = try Laboratory(StateTests.model, threads: [lines])
    laboratory.runAll()
    let serials = laboratory.view.objects.map { laboratory.view.serial(of: $0) }
    #expect(serials == Array(1...201))
  }

  @Test func largeGapsStaySound() throws {
    let fields = (0..<120).map { "r\($0): rw_semaphore" }.joined(separator: "; ")
    let model = """
      object wide { \(fields) }
      global all: xarray of wide from 0
      entry make() {
        let w = alloc wide
        let i = xa_alloc(all)
        xa_store(all, i, w)
      }
      entry drop(i: int) {
        let w = xa_erase(all, i)
        free w
      }
      """
    // More words than the header of one gap can tell.
    let count = 200
    let order = (0..<count - 1).filter { $0 % 2 == 0 } + (0..<count - 1).filter { $0 % 2 == 1 }
    let lines = (0..<count).map { _ in "make" } + order.map { "drop \($0)" }
    let laboratory = try Laboratory(model, threads: [lines + ["make", "make"]])
    laboratory.runAll()
    #expect(laboratory.properties == [])
    #expect(laboratory.view.objects.count == 3)
  }
}
