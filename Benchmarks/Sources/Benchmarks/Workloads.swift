import Basics
import Explorer
import Machine

/// What is measured; each gives how many steps, or copies, it did.
struct Workloads {
  private let log = EventLog()
  private let single: Machine
  private let race: Machine
  private let singleStart: State
  private let raceStart: State
  private let rounds: Machine
  private let roundsStart: State
  private let middle: State
  private let middleWords: Int
  private let room: UnsafeMutableBufferPointer<Int64>
  private let packed: UnsafeMutableBufferPointer<Int64>
  /// How many words of the middle are kept.
  let packedWords: Int
  /// Whether both threads can step in the middle, or the numbers would mean little.
  let canStep: Bool
  private var state: State
  private var kept: State
  /// Keeps results alive, so that nothing is left out as useless.
  private(set) var sum: UInt64 = 0

  init() throws {
    single = Machine(world: try Models.world("linux-6.12", "attach-pin-replace"))
    race = Machine(world: try Models.world("linux-6.12", "replace-vs-unmap"))
    singleStart = single.initialState()
    raceStart = race.initialState()
    rounds = Machine(world: try Models.rounds())
    roundsStart = rounds.initialState()
    var middle = raceStart
    while race.step(0, in: &middle) != .notReady {}
    // A few steps on, at a place where both threads can step.
    var turns = 0
    while turns < 16 || race.mayStep(1, in: middle) == 0 || race.mayStep(2, in: middle) == 0 {
      if race.step(1 + (turns & 1), in: &middle) == .notReady, turns > 1_000 { break }
      turns += 1
    }
    middle.trim(in: race.world)
    self.middle = middle
    middleWords = race.usedWordCount(of: middle)
    state = raceStart
    kept = raceStart
    packed = .allocate(capacity: middleWords)
    room = .allocate(capacity: max(middleWords, rounds.usedWordCount(of: roundsStart)) + 16_384)
    packedWords = race.pack(middle, into: packed)
    canStep = race.mayStep(1, in: middle) > 0 && race.mayStep(2, in: middle) > 0
  }

  /// How large a state of the race is in its middle.
  var wordCount: Int { middleWords }

  /// One thread from the first to the last operation, over and over.
  mutating func steps(rounds: Int) -> Int {
    var count = 0
    for _ in 0..<rounds {
      single.copy(from: singleStart, to: &state)
      while single.step(0, in: &state) != .notReady { count += 1 }
    }
    return count
  }

  /// The rounds from the first to the last operation.
  mutating func roundSteps() -> Int {
    var count = 0
    rounds.copy(from: roundsStart, to: &state)
    while rounds.step(0, in: &state) != .notReady { count += 1 }
    return count
  }

  /// The rounds as a search goes through them: each state is taken up from its kept form, stepped, hashed and kept.
  mutating func roundEdges() -> Int {
    var count = 0
    var size = rounds.pack(roundsStart, into: room)
    while true {
      rounds.unpack(UnsafeBufferPointer(rebasing: room[..<size]), into: &kept)
      if rounds.step(0, in: &kept) == .notReady { return count }
      sum &+= rounds.hash(of: kept)
      size = rounds.pack(kept, into: room)
      count += 1
    }
  }

  /// The same without the model's invariants.
  mutating func stepsWithoutInvariants(rounds: Int) -> Int {
    single.checksInvariants = false
    defer { single.checksInvariants = true }
    return steps(rounds: rounds)
  }

  /// The same with the events of each step noted.
  mutating func loggedSteps(rounds: Int) -> Int {
    var count = 0
    for _ in 0..<rounds {
      single.copy(from: singleStart, to: &state)
      while single.step(0, in: &state, log: log) != .notReady {
        count += 1
        sum &+= UInt64(log.count)
      }
    }
    return count
  }

  /// Random schedules of two threads, with the question which of them can step before each step.
  mutating func schedules(rounds: Int) -> Int {
    var generator = SplitMix64(seed: 1)
    var count = 0
    let threads = UInt64(3)
    for _ in 0..<rounds {
      race.copy(from: raceStart, to: &state)
      while true {
        var ready: UInt64 = 0
        var number: UInt64 = 0
        for thread in 0..<threads where race.mayStep(Int(thread), in: state) > 0 {
          ready |= 1 << thread
          number += 1
        }
        if number == 0 { break }
        var skip = generator.next() % number
        while skip > 0 {
          ready &= ready - 1
          skip -= 1
        }
        _ = race.step(ready.trailingZeroBitCount, in: &state)
        count += 1
      }
    }
    return count
  }

  /// What a search does at each edge besides stepping: takes up a state, and looks it up by its hash.
  mutating func copiesWithHash(rounds: Int) -> Int {
    for _ in 0..<rounds {
      race.copy(from: middle, to: &kept)
      sum &+= race.hash(of: kept)
    }
    return rounds
  }

  /// All that a search does at each edge: takes up a kept state, steps, makes the new state's hash, and keeps the new state.
  mutating func edges(rounds: Int) -> Int {
    for round in 0..<rounds {
      race.unpack(UnsafeBufferPointer(packed), into: &kept)
      _ = race.step(1 + (round & 1), in: &kept)
      sum &+= race.hash(of: kept)
      sum &+= UInt64(race.pack(kept, into: room))
    }
    return rounds
  }
}
