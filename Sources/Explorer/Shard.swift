import Basics

/// How a state was reached with a certain thread as the last to move.
struct Arrival: BitwiseCopyable {
  var parent: StateNumber
  var preemptions: UInt16
  /// How many steps the thread made since the parent.
  var run: UInt16
  /// Which thread had moved before that, plus one; 0 at the start.
  var before: UInt8
  /// Which way the first of the steps went.
  var choice: UInt8
  /// Which thread made them, as the parent numbers threads: the state may number those anew that cannot be told apart.
  var thread: UInt8

  static let none = Arrival(parent: .none, preemptions: .max, run: 0, before: 0, choice: 0, thread: 0)
}

/// A state's place: which shard, and which number there.
struct StateNumber: Hashable, BitwiseCopyable {
  var word: UInt32

  static let none = StateNumber(word: .max)
  static let start = StateNumber(shard: 0, index: 0)

  init(word: UInt32) { self.word = word }

  @inline(__always)
  init(shard: Int, index: Int) {
    word = UInt32(truncatingIfNeeded: index << Shard.bits | shard)
  }

  @inline(__always) var shard: Int { Int(word) & (Shard.count - 1) }
  @inline(__always) var index: Int { Int(word) >> Shard.bits }
}

/// That steps lead from one state to another.
struct Edge: BitwiseCopyable {
  var to: StateNumber
  var from: StateNumber
}

/// A state that a step led to, on its way into its shard.
struct Candidate: BitwiseCopyable {
  var hash: UInt64
  var arrival: Arrival
  /// Where its bytes lie in the chunk's row; none when the state is known.
  var start: Int
  var length: Int
  /// The state's number in its shard when it is known, or -1.
  var known: Int
  /// How many steps the state is from the start on this way.
  var depth: UInt32
  var thread: UInt8
}

/// A part of all states that were seen: those whose hash begins alike. Each once, as bytes in one long row.
///
/// Two states are the same only when all their bytes are: the hash finds candidates, the comparison decides, so nothing is lost silently.
/// While states are expanded shards are only read; then each takes in its new states by itself, in an order that does not depend on how many threads do it.
final class Shard {
  static let bits = 4
  static let count = 1 << bits
  /// The most states of a shard that a `StateNumber` can tell apart.
  static let capacity = 1 << (32 - bits) - 1

  private var arena = UnsafeVector<UInt8>(capacity: 1 << 14)
  private var starts = UnsafeVector<Int>()
  private var hashes = UnsafeVector<UInt64>()
  private var depths = UnsafeVector<UInt32>()
  private var arrivals = UnsafeVector<Arrival>()
  /// Open addressing: number plus one, 0 for empty. Its size is a power of two.
  private var table = UnsafeVector<UInt32>(capacity: 1 << 8)
  private let threadCount: Int
  /// The number of this shard, where edges to its states are kept; nil where they are not.
  private let edgeShard: Int?
  /// What led to its states.
  private(set) var edges = UnsafeVector<Edge>()
  /// States from here on belong to the layer that is being made.
  private(set) var layerStart = 0

  init(threadCount: Int, edgeShard: Int?) {
    self.threadCount = threadCount
    self.edgeShard = edgeShard
    starts.append(0)
    table.append(repeating: 0, 1 << 8)
  }

  deinit {
    arena.release()
    edges.release()
    starts.release()
    hashes.release()
    depths.release()
    arrivals.release()
    table.release()
  }

  var stateCount: Int { hashes.count }

  var byteCount: Int {
    arena.byteCount + starts.byteCount + hashes.byteCount + depths.byteCount + arrivals.byteCount
      + table.byteCount
  }

  /// The shard of a hash; the table uses other bits.
  @inline(__always)
  static func number(of hash: UInt64) -> Int { Int(hash >> UInt64(64 - bits)) }

  /// From here on new states belong to the next layer. Gives the numbers of the layer that is complete.
  func closeLayer() -> Range<Int> {
    let range = layerStart..<hashes.count
    layerStart = hashes.count
    return range
  }

  @inline(__always)
  func bytes(_ number: Int) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: arena.base + starts[number], count: starts[number + 1] - starts[number])
  }

  func depth(_ number: Int) -> UInt32 { depths[number] }

  @inline(__always)
  func arrival(_ number: Int, last thread: Int) -> Arrival { arrivals[number * threadCount + thread] }

  /// Puts a state of a checkpoint in; false when it is there already.
  func restore(
    _ bytes: UnsafePointer<UInt8>, _ length: Int, hash: UInt64, depth: UInt32,
    arrivals rows: ArraySlice<Arrival>
  ) -> Bool {
    guard find(bytes, length, hash: hash) < 0 else { return false }
    let number = insert(
      Candidate(hash: hash, arrival: .none, start: 0, length: length, known: -1, depth: depth, thread: 0),
      bytes)
    for (thread, arrival) in rows.enumerated() { arrivals[number * threadCount + thread] = arrival }
    return true
  }

  /// Goes on with the layer that was being made.
  func resume(layerStart: Int) { self.layerStart = layerStart }

  /// The number of a state, or -1 when it was not seen.
  func find(_ bytes: UnsafePointer<UInt8>, _ length: Int, hash: UInt64) -> Int {
    let mask = table.count - 1
    var place = Int(truncatingIfNeeded: hash) & mask
    while table[place] != 0 {
      let number = Int(table[place]) - 1
      if hashes[number] == hash, isEqual(number, bytes, length) { return number }
      place = (place + 1) & mask
    }
    return -1
  }

  /// Takes in that steps lead to a state of this shard.
  func put(_ edge: Edge) { edges.append(edge) }

  /// Takes in what one chunk of the layer led to.
  func take(_ candidates: UnsafePointer<Candidate>, _ count: Int, bytes: UnsafePointer<UInt8>) {
    for index in 0..<count {
      let candidate = candidates[index]
      var number = candidate.known
      if number < 0 {
        number = find(bytes + candidate.start, candidate.length, hash: candidate.hash)
        if number < 0 { number = insert(candidate, bytes + candidate.start) }
      }
      if let edgeShard {
        put(Edge(to: StateNumber(shard: edgeShard, index: number), from: candidate.arrival.parent))
      }
      // Only ways of the shortest length count: a state of an earlier layer was reached sooner.
      guard number >= layerStart else { continue }
      let place = number * threadCount + Int(candidate.thread)
      if candidate.arrival.preemptions < arrivals[place].preemptions { arrivals[place] = candidate.arrival }
    }
  }

  /// Puts the first state in, which no step led to.
  func insertFirst(_ bytes: UnsafePointer<UInt8>, _ length: Int, hash: UInt64) {
    _ = insert(
      Candidate(hash: hash, arrival: .none, start: 0, length: length, known: -1, depth: 0, thread: 0), bytes)
  }

  private func insert(_ candidate: Candidate, _ bytes: UnsafePointer<UInt8>) -> Int {
    if hashes.count * 2 >= table.count { grow() }
    let mask = table.count - 1
    var place = Int(truncatingIfNeeded: candidate.hash) & mask
    while table[place] != 0 { place = (place + 1) & mask }
    let number = hashes.count
    table[place] = UInt32(number + 1)
    hashes.append(candidate.hash)
    depths.append(candidate.depth)
    arena.append(bytes, candidate.length)
    starts.append(arena.count)
    arrivals.append(repeating: .none, threadCount)
    return number
  }

  @inline(__always)
  private func isEqual(_ number: Int, _ bytes: UnsafePointer<UInt8>, _ length: Int) -> Bool {
    let start = starts[number]
    guard starts[number + 1] - start == length else { return false }
    let stored = arena.base + start
    for index in 0..<length where stored[index] != bytes[index] { return false }
    return true
  }

  private func grow() {
    let size = table.count * 2
    table.removeAll()
    table.append(repeating: 0, size)
    for number in 0..<hashes.count {
      var place = Int(truncatingIfNeeded: hashes[number]) & (size - 1)
      while table[place] != 0 { place = (place + 1) & (size - 1) }
      table[place] = UInt32(number + 1)
    }
  }
}
