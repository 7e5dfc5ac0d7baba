public import StepLanguage

/// A state as objects, fields, locks and threads: what views, exporters and tests read.
public struct StateView: Sendable {
  /// The world that the state belongs to.
  public let world: World
  private let words: [Int64]
  private let layout: Layout

  /// Looks at a state.
  public init(_ state: State, world: World) {
    words = state.words
    self.world = world
    layout = world.layout
  }

  private var program: Program { world.program }
  private func heap(_ index: Int) -> Int64 { words[layout.heapBase + index] }
  private var heapEnd: Int { Int(words[Layout.heapEnd]) }

  // MARK: Objects

  /// All objects but the globals, tombstones included, by type and number.
  public var objects: [ObjectReference] {
    // What is compared is read once: with a thousand objects the sorting itself would be most of a frame.
    var keys: [(type: Int, serial: Int, index: Int)] = []
    var index = 1
    while index < heapEnd {
      let header = heap(index)
      if Header.type(header) > ObjectType.globals {
        keys.append((Header.type(header), Header.serial(header), index))
      }
      index += Header.size(header)
    }
    keys.sort { $0.type != $1.type ? $0.type < $1.type : $0.serial < $1.serial }
    return keys.map { ObjectReference($0.index) }
  }

  /// Whether the reference leads to an object of this state at all.
  public func contains(_ object: ObjectReference) -> Bool {
    guard object.index > 0, object.index < heapEnd else { return false }
    var index = 1
    while index < heapEnd {
      if index == object.index { return Header.type(heap(index)) >= ObjectType.globals }
      index += Header.size(heap(index))
    }
    return false
  }

  /// Index of the object's type in the program.
  public func typeIndex(of object: ObjectReference) -> Int { Header.type(heap(object.index)) }

  /// The object's type.
  public func type(of object: ObjectReference) -> ObjectType { program.types[typeIndex(of: object)] }

  /// The object's number among those of its type.
  public func serial(of object: ObjectReference) -> Int { Header.serial(heap(object.index)) }

  /// False for a freed object that somebody still points to.
  public func isAlive(_ object: ObjectReference) -> Bool { Header.isAlive(heap(object.index)) }

  /// `ioas2`; the globals have no name.
  public func name(of object: ObjectReference) -> String {
    object == .globals ? "" : "\(type(of: object).short)\(serial(of: object))"
  }

  /// A holder of units of a refcount.
  public struct Unit: Hashable, Sendable {
    /// What for, in a word of the model.
    public let word: String
    /// The object that holds it.
    public let object: ObjectReference?
    /// The thread that holds it.
    public let thread: Int?
    /// How many units.
    public let count: Int
  }

  /// An entry of a container.
  public struct Entry: Hashable, Sendable {
    /// Index, or first number of the range; 0 in a list.
    public let key: Int64
    /// Last number of the range, or 1 when an xarray's entry is published.
    public let second: Int64
    /// The object.
    public let value: ObjectReference?
  }

  /// Who has a lock and who queues for it.
  public struct Lock: Hashable, Sendable {
    /// The thread that holds it alone.
    public let owner: Int?
    /// The threads that hold it for reading.
    public let readers: [Int]
    /// Writers in the queue, which keep new readers out.
    public let queuedWriters: [Int]

    /// Whether anybody holds it.
    public var isHeld: Bool { owner != nil || !readers.isEmpty }
  }

  /// What a field holds.
  public enum Value: Hashable, Sendable {
    /// A signed number.
    case int(Int64)
    /// An unsigned number.
    case unsigned(UInt64)
    /// True or false.
    case bool(Bool)
    /// An object, or null.
    case reference(ObjectReference?)
    /// A driver's index, or none.
    case driver(Int?)
    /// A lock.
    case lock(Lock)
    /// A refcount and who holds its units.
    case refcount(Int64, [Unit])
    /// A container's entries in order; of an xarray also its own lock.
    case container([Entry], Lock?)
    /// A wait queue: the threads that sleep on it.
    case waitQueue([Int])
    /// A call that runs later: whether it is queued, and the worker that runs it.
    case work(isQueued: Bool, worker: Int?)
  }

  /// The value of a field.
  public func value(_ field: Field, of object: ObjectReference) -> Value {
    let place = object.index + field.offset
    switch field.type {
    case .int: return .int(heap(place))
    case .unsigned: return .unsigned(UInt64(bitPattern: heap(place)))
    case .bool: return .bool(heap(place) != 0)
    case .reference: return .reference(heap(place) == 0 ? nil : ObjectReference(heap(place)))
    case .ops: return .driver(heap(place) == 0 ? nil : Int(heap(place)) - 1)
    case .mutex, .spinlock: return .lock(simpleLock(place))
    case .rwSemaphore:
      return .lock(
        Lock(
          owner: heap(place) == 0 ? nil : Int(heap(place)) - 1, readers: bits(heap(place + 1)),
          queuedWriters: bits(heap(place + 2))))
    case .refcount: return .refcount(heap(place), units(head: place + 1))
    case .waitQueue:
      return .waitQueue(threads.indices.filter { threads[$0].sleepsOn == place })
    case .completion: return .int(heap(place))
    case .work(let call):
      let states = calls(of: call.queue).filter { $0.object == object.index && $0.offset == field.offset }
        .map(\.state)
      return .work(
        isQueued: states.contains { $0 >= 0 }, worker: states.first { $0 < 0 }.map { Int(-$0) - 1 })
    case .xarray: return .container(entries(head: place), simpleLock(place + 1))
    case .list, .intervalMap: return .container(entries(head: place), nil)
    }
  }

  /// The value of the field of that name.
  public func value(_ name: String, of object: ObjectReference) -> Value? {
    type(of: object).field(named: name).map { value($0, of: object) }
  }

  /// The lock at a reference.
  public func lock(_ reference: LockReference) -> Lock {
    guard let field = type(of: reference.object).field(at: reference.offset) else {
      return Lock(owner: nil, readers: [], queuedWriters: [])
    }
    switch value(field, of: reference.object) {
    case .lock(let lock): return lock
    case .container(_, let lock?): return lock
    default: return Lock(owner: nil, readers: [], queuedWriters: [])
    }
  }

  /// `access1.ioas_lock`; of a global its name alone.
  public func name(of lock: LockReference) -> String {
    guard let field = type(of: lock.object).field(at: lock.offset) else { return "?" }
    let isInner = if case .xarray = field.type { true } else { false }
    let own = isInner ? "\(field.name).xa_lock" : field.name
    return lock.object == .globals ? own : "\(name(of: lock.object)).\(own)"
  }

  /// `destroy1.wait`: the field of an object in which a word lies; of a global its name alone.
  public func name(ofField offset: Int, of object: ObjectReference) -> String {
    let field = type(of: object).field(at: offset)?.name ?? "?"
    return object == .globals ? field : "\(name(of: object)).\(field)"
  }

  /// The lock whose first word lies at this address of the heap, as events name it.
  public func lock(at address: Int64, mode: LockMode) -> LockReference? {
    var index = 1
    while index < heapEnd {
      let size = Header.size(heap(index))
      if Int(address) < index + size {
        return LockReference(object: ObjectReference(index), offset: Int(address) - index, mode: mode)
      }
      index += size
    }
    return nil
  }

  private func simpleLock(_ place: Int) -> Lock {
    Lock(owner: heap(place) == 0 ? nil : Int(heap(place)) - 1, readers: [], queuedWriters: [])
  }

  private func bits(_ mask: Int64) -> [Int] {
    (0..<World.maximumThreads).filter { mask & (1 << Int64($0)) != 0 }
  }

  private func units(head: Int) -> [Unit] {
    var result: [Unit] = []
    var unit = Int(heap(head))
    while unit != 0 {
      let owner = heap(unit + 3)
      result.append(
        Unit(
          word: program.strings[Int(heap(unit + 2))], object: owner > 0 ? ObjectReference(owner) : nil,
          thread: owner < 0 ? Int(-owner) - 1 : nil, count: Int(heap(unit + 4))))
      unit = Int(heap(unit + 1))
    }
    return result
  }

  /// What a queue holds, calls that run included; the offset of the field is 0 for callbacks of RCU, and the function negative for those who wait.
  private func calls(of queue: Int) -> [(object: Int, offset: Int, function: Int, state: Int64)] {
    guard let worker = world.threads.firstIndex(where: { $0.queue == queue }) else { return [] }
    var result: [(object: Int, offset: Int, function: Int, state: Int64)] = []
    var cell = Int(words[layout.threadBase + worker * layout.threadWords + Layout.taskWork])
    while cell != 0 {
      let call = heap(cell + DeferredCell.call)
      result.append(
        (
          Int(heap(cell + DeferredCell.object)), call < 0 ? 0 : DeferredCell.offset(call),
          call < 0 ? -1 : DeferredCell.function(call), heap(cell + DeferredCell.state)
        ))
      cell = Int(heap(cell + Cell.next))
    }
    return result
  }

  private func entries(head: Int) -> [Entry] {
    var result: [Entry] = []
    var cell = Int(heap(head))
    while cell != 0 {
      result.append(
        Entry(
          key: heap(cell + 2), second: heap(cell + 3),
          value: heap(cell + 4) == 0 ? nil : ObjectReference(heap(cell + 4))))
      cell = Int(heap(cell + 1))
    }
    return result
  }

  // MARK: Slots

  /// What a shared variable of a script holds.
  public func slot(table: Int, index: Int) -> Int64 {
    guard index < world.slotCounts[table] else { return program.slots[table].initial }
    return words[layout.slotBases[table] + index]
  }

  // MARK: Threads

  /// A function that a thread is in.
  public struct Frame: Hashable, Sendable {
    /// The function's index.
    public let function: Int
    /// The statement that the thread comes to next, or has called from; nil when that cannot be told.
    public let statement: Int?
    /// The locals' words, in the order of the function's locals.
    public let locals: [Int64]
    /// Numbers of the locals that nothing reads any more; their words are zero.
    public let dead: [Int]
  }

  /// A thread.
  public struct Thread: Hashable, Sendable {
    /// Its name.
    public let name: String
    /// How many of its operations are over.
    public let operationsDone: Int
    /// Whether it is inside a system call.
    public let isInCall: Bool
    /// The functions it is in, the system call first.
    public let frames: [Frame]
    /// The locks it holds, oldest first.
    public let held: [LockReference]
    /// Whether a kernel would have killed it.
    public let isStuck: Bool
    /// Whether it sleeps.
    public let isSleeping: Bool
    /// Functions that it will call when the system call returns, with their argument.
    public let taskWork: [ObjectReference]
    let sleepsOn: Int?

    /// The statement it comes to next.
    public var nextStatement: Int? { frames.last?.statement }
  }

  /// All threads.
  public var threads: [Thread] {
    world.threads.indices.map(thread)
  }

  /// One thread.
  public func thread(_ number: Int) -> Thread {
    let base = layout.threadBase + number * layout.threadWords
    let pc = words[base + Layout.programCounter]
    let inCall = pc != Layout.idle
    let flags = words[base + Layout.flags]
    var work: [ObjectReference] = []
    var cell = Int(words[base + Layout.taskWork])
    while cell != 0 {
      if heap(cell + 4) > 0 { work.append(ObjectReference(heap(cell + 4))) }
      cell = Int(heap(cell + 1))
    }
    return Thread(
      name: world.threads[number].name, operationsDone: Int(words[base + Layout.operation]), isInCall: inCall,
      frames: inCall ? frames(base, Int(pc)) : [],
      held: heldClasses(of: number).compactMap { lock(at: Int64($0.address), mode: $0.mode) },
      isStuck: flags & Layout.stuck != 0, isSleeping: flags & Layout.sleeping != 0, taskWork: work,
      sleepsOn: flags & Layout.sleeping != 0 ? Int(words[base + Layout.queue]) : nil)
  }

  func heldClasses(of number: Int) -> [(address: Int, lockClass: Int, mode: LockMode)] {
    let base = layout.threadBase + number * layout.threadWords
    return (0..<Int(words[base + Layout.heldCount])).map { index in
      let word = words[base + Layout.held + index]
      return (Int(word >> 20), Int(word >> 4 & 0xffff), LockMode(rawValue: Int(word & 15)) ?? .exclusive)
    }
  }

  private func frames(_ base: Int, _ pc: Int) -> [Frame] {
    var result: [Frame] = []
    var address = pc
    var frame = Int(words[base + Layout.framePointer])
    while true {
      let header = base + Layout.stack + frame
      let function = Int(words[header + 3])
      let count = program.functions[function].locals.count
      let locals = (0..<count).map { words[header + Program.frameHeader + $0] }
      result.append(
        Frame(function: function, statement: statement(at: address), locals: locals, dead: dead(at: address)))
      if frame == 0 { break }
      // The call itself stands before the return address.
      address = Int(words[header]) - 1
      frame = Int(words[header + 1])
    }
    return result.reversed()
  }

  /// What nothing reads any more in a frame that rests at a scheduling point or has called from there.
  private func dead(at address: Int) -> [Int] {
    guard address > 0, address < program.code.count else { return [] }
    return program.localSets[program.deadLocals[address]]
  }

  /// The statement that an address belongs to: the nearest scheduling point at or before it in the same function.
  private func statement(at address: Int) -> Int? {
    guard address > 0, address < program.code.count else { return nil }
    if let call = program.callSites[address] { return call }
    var position = address
    while position > 0 {
      if program.code[position].opcode == .step { return Int(program.code[position].a) }
      position -= 1
    }
    return nil
  }
}
