import Basics
import Machine
import StepLanguage

extension Search {
  /// Which part of a search this process does, and how it gets the others'.
  public struct Share: Sendable {
    /// Which part, from 0.
    public var part: Int
    /// How many parts there are.
    public var count: Int
    /// Names the model, the scenario and the bounds, so that parts of another search are not taken.
    public var label: String
    /// Where parts of rounds are left for one another.
    public var exchange: any RoundExchange

    /// A part of a search.
    public init(part: Int, of count: Int, label: String, exchange: any RoundExchange) {
      self.part = part
      self.count = count
      self.label = label
      self.exchange = exchange
    }
  }
}

/// Where the processes of one search leave what they made of a round, such as a directory that all of them see.
public protocol RoundExchange: AnyObject, Sendable {
  /// Leaves something under a name. Others must see all of it or nothing.
  func leave(_ bytes: [UInt8], named name: String)
  /// What a part left under a name; nil when it is not there, or when it is waited for and does not come.
  func fetch(named name: String, part: Int, waits: Bool) -> [UInt8]?
}

/// The part of one exploration in the exchange: encodes the chunks of a round, and takes others' chunks in.
///
/// Every process keeps all states, so each comes to the result of the whole search; what is shared is the work of expanding them. A round's parts
/// depend on nothing but the states before it, so whoever does not get one makes it itself.
struct SharedRounds {
  private static let magic = "ioascope round 1"

  let share: Search.Share
  /// Which of a search's explorations this is.
  let exploration: Int
  /// How many rounds were shared so far.
  private var number = 0
  private let digest: String

  init(share: Search.Share, exploration: Int) {
    self.share = share
    self.exploration = exploration
    digest = String(ByteReader.digest(Array(share.label.utf8)[...]), radix: 16)
  }

  mutating func next() { number += 1 }

  /// Whether a round is large enough to be worth it.
  func isShared(chunks: Int) -> Bool { chunks >= 2 * share.count }

  /// The chunks of a part.
  func chunks(of part: Int, _ count: Int) -> StrideTo<Int> { stride(from: part, to: count, by: share.count) }

  private func name(of part: Int) -> String {
    "\(digest)-\(exploration)-\(number)-\(part + 1)of\(share.count)"
  }

  func leave(_ chunks: [Chunk], _ count: Int, states: Int, choseByThreadNumber: Bool) {
    var writer = ByteWriter()
    writer.put(header(states))
    writer.put(choseByThreadNumber ? 1 : 0)
    for chunk in self.chunks(of: share.part, count) { chunks[chunk].save(to: &writer) }
    writer.seal()
    share.exchange.leave(writer.bytes, named: name(of: share.part))
  }

  /// Fills the chunks of a part; gives whether that part found thread numbers to matter, nil when it did not come or is of no use.
  /// This process's own part is there when it did the same search before.
  func fetch(_ part: Int, into chunks: [Chunk], _ count: Int, states: Int, _ shards: [Shard], _ world: World)
    -> Bool?
  {
    guard
      let bytes = share.exchange.fetch(named: name(of: part), part: part, waits: part != share.part)
    else { return nil }
    do throws(Search.CheckpointError) {
      var reader = try ByteReader(bytes)
      guard try reader.text() == header(states) else { throw .other }
      let chose = try reader.number(0...1) == 1
      for chunk in self.chunks(of: part, count) { try chunks[chunk].restore(from: &reader, shards, world) }
      guard reader.isAtEnd else { throw .damaged }
      return chose
    } catch {
      return nil
    }
  }

  private func header(_ states: Int) -> String { "\(Self.magic) \(share.label) \(states) states" }
}

extension Chunk {
  func save(to writer: inout ByteWriter) {
    writer.put(transitions)
    writer.put(Int(depth))
    writer.put(bytes.count)
    writer.put(UnsafeBufferPointer(start: bytes.base, count: bytes.count))
    for pool in candidates { Self.save(pool, to: &writer) }
    Self.save(deferred, to: &writer)
    writer.put(last.count)
    for index in 0..<last.count { writer.put(Int(last[index])) }
    writer.put(back.count)
    for index in 0..<back.count {
      writer.put(Int(back[index].to.word))
      writer.put(Int(back[index].from.word))
    }
    writer.put(found.count)
    for one in found {
      Exploration.save(one.finding, to: &writer)
      Self.save(one.step, to: &writer)
      writer.put(Int(one.parent.word))
    }
    writer.put(news.count)
    for one in news {
      writer.put(one.acquisition.lockClass)
      writer.put(one.acquisition.thread)
      writer.put(one.acquisition.held.count)
      for lockClass in one.acquisition.held { writer.put(lockClass) }
      writer.put(one.statement ?? -1)
      Self.save(one.step, to: &writer)
      writer.put(Int(one.parent.word))
    }
    writer.put(ends.count)
    for end in ends { writer.put(Int(bitPattern: UInt(end))) }
  }

  private static func save(_ step: Step?, to writer: inout ByteWriter) {
    writer.put(step?.run ?? 0)
    guard let step else { return }
    writer.put(step.thread)
    writer.put(step.choice)
  }

  private static func save(_ pool: UnsafeVector<Candidate>, to writer: inout ByteWriter) {
    writer.put(pool.count)
    for index in 0..<pool.count {
      let candidate = pool[index]
      writer.put(Int(bitPattern: UInt(candidate.hash)))
      writer.put(Int(candidate.arrival.parent.word))
      Exploration.save(candidate.arrival, to: &writer)
      writer.put(candidate.start)
      writer.put(candidate.length)
      writer.put(candidate.known)
      writer.put(Int(candidate.depth))
      writer.put(Int(candidate.thread))
    }
  }

  /// Takes up what another process made of the same states. When it throws, the chunk holds nothing of use.
  func restore(from reader: inout ByteReader, _ shards: [Shard], _ world: World) throws(Search
    .CheckpointError)
  {
    clear()
    let threadCount = world.threads.count
    transitions = try reader.number(0...Int.max >> 1)
    depth = UInt32(try reader.number(0...1 << 30))
    try reader.bytes(into: &bytes)
    for shard in candidates.indices {
      for _ in 0..<(try reader.count()) {
        let candidate = try candidate(&reader, shards, threadCount)
        guard Shard.number(of: candidate.hash) == shard else { throw .damaged }
        candidates[shard].append(candidate)
      }
    }
    for _ in 0..<(try reader.count()) { deferred.append(try candidate(&reader, shards, threadCount)) }
    for _ in 0..<(try reader.count()) { last.append(try Exploration.state(&reader, shards).word) }
    for _ in 0..<(try reader.count()) {
      back.append(
        Edge(to: try Exploration.state(&reader, shards), from: try Exploration.state(&reader, shards)))
    }
    for _ in 0..<(try reader.count()) {
      let finding = try Exploration.finding(&reader, world)
      let step = try Self.step(&reader, threadCount)
      found.append(Found(finding: finding, step: step, parent: try Exploration.state(&reader, shards)))
    }
    for _ in 0..<(try reader.count()) {
      let lockClass = try reader.number(0...Int(UInt16.max))
      let thread = try reader.number(0...threadCount - 1)
      var held: [Int] = []
      for _ in 0..<(try reader.count()) { held.append(try reader.number(0...Int(UInt16.max))) }
      let statement = try reader.number(-1...world.program.statements.count - 1)
      guard let step = try Self.step(&reader, threadCount) else { throw .damaged }
      news.append(
        News(
          acquisition: LockOrder.Acquisition(lockClass: lockClass, held: held, thread: thread),
          statement: statement < 0 ? nil : statement, step: step,
          parent: try Exploration.state(&reader, shards)))
    }
    for _ in 0..<(try reader.count()) { ends.append(UInt64(UInt(bitPattern: try reader.number()))) }
  }

  private static func step(_ reader: inout ByteReader, _ threadCount: Int) throws(Search.CheckpointError)
    -> Step?
  {
    let run = try reader.number(0...Int(UInt16.max))
    if run == 0 { return nil }
    let thread = try reader.number(0...threadCount - 1)
    return Step(thread: thread, choice: try reader.number(0...Int(UInt8.max)), run: run)
  }

  private func candidate(_ reader: inout ByteReader, _ shards: [Shard], _ threadCount: Int)
    throws(Search.CheckpointError) -> Candidate
  {
    let hash = UInt64(UInt(bitPattern: try reader.number()))
    let arrival = try Exploration.arrival(
      &reader, from: try Exploration.state(&reader, shards), threadCount: threadCount)
    let candidate = Candidate(
      hash: hash, arrival: arrival, start: try reader.number(0...Int.max >> 1),
      length: try reader.number(1...1 << 40),
      known: try reader.number(-1...shards[Shard.number(of: hash)].stateCount - 1),
      depth: UInt32(try reader.number(0...1 << 30)), thread: UInt8(try reader.number(0...threadCount - 1)))
    // A state that is known brings no bytes of its own.
    guard candidate.known >= 0 || candidate.start + candidate.length <= bytes.count else { throw .damaged }
    return candidate
  }
}
