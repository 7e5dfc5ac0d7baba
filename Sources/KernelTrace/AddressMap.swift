import Machine

/// Which kernel address is which object of the model, learned from the trace: an object has one address, and an address belongs to one
/// living object.
struct AddressMap: Hashable {
  /// A lock of a model's object.
  struct Lock: Hashable {
    var object: Int
    var lockClass: Int
  }

  /// Why an address does not fit.
  enum Misfit: Hashable {
    /// The object has another address.
    case object(Int, has: UInt64)
    /// The address belongs to another living object.
    case address(isOf: Int)
    /// The lock does not lie where locks of its class lie.
    case lock(expected: UInt64)
    /// The address lies too far from where it should.
    case distance
  }

  /// No structure that holds a lock or an inner object is as large as this, in bytes.
  private static let structureLimit: UInt64 = 4096

  /// Arguments that point into an object, not at its beginning.
  private let innerArguments: Set<String>
  private(set) var addresses: [Int: UInt64] = [:]
  private(set) var objects: [UInt64: Int] = [:]
  /// For each lock class how far its `dep_map` lies behind the object's beginning.
  private(set) var lockOffsets: [Int: UInt64] = [:]
  /// Locks of objects whose own address the trace has not shown.
  private(set) var locks: [Lock: UInt64] = [:]
  /// How far the pointers of an argument's name lie behind the object's beginning.
  private(set) var innerOffsets: [String: UInt64] = [:]

  /// A map that knows nothing yet.
  init(innerArguments: Set<String>) {
    self.innerArguments = innerArguments
  }

  func address(of object: Int) -> UInt64? { addresses[object] }

  /// Whether the address is that of a lock that is known.
  func knowsLock(at address: UInt64) -> Bool {
    if locks.values.contains(address) { return true }
    return lockOffsets.values.contains { objects[address &- $0] != nil }
  }

  /// Notes or checks an object's address.
  mutating func bind(_ object: Int, to address: UInt64) -> Misfit? {
    if let known = addresses[object] { return known == address ? nil : .object(object, has: known) }
    if let other = objects[address] { return .address(isOf: other) }
    addresses[object] = address
    objects[address] = object
    for (lock, place) in locks where lock.object == object {
      locks[lock] = nil
      if let misfit = check(lock: place, lockClass: lock.lockClass, base: address) { return misfit }
    }
    return nil
  }

  /// Notes or checks a pointer argument.
  mutating func bind(_ object: Int, to address: UInt64, argument: String) -> Misfit? {
    guard innerArguments.contains(argument) else { return bind(object, to: address) }
    if let offset = innerOffsets[argument] { return bind(object, to: address &- offset) }
    // Before the object itself was named, its beginning cannot be told.
    guard let base = addresses[object] else { return nil }
    guard address >= base, address - base < Self.structureLimit else { return .distance }
    innerOffsets[argument] = address - base
    return nil
  }

  /// Notes or checks a lock's address.
  mutating func bind(lock: Lock, to address: UInt64) -> Misfit? {
    if let base = addresses[lock.object] {
      return check(lock: address, lockClass: lock.lockClass, base: base)
    }
    if let offset = lockOffsets[lock.lockClass] { return bind(lock.object, to: address &- offset) }
    if let known = locks[lock] { return known == address ? nil : .lock(expected: known) }
    if let other = locks.first(where: { $0.value == address }) { return .address(isOf: other.key.object) }
    locks[lock] = address
    return nil
  }

  private mutating func check(lock address: UInt64, lockClass: Int, base: UInt64) -> Misfit? {
    if let offset = lockOffsets[lockClass] {
      return address == base &+ offset ? nil : .lock(expected: base &+ offset)
    }
    guard address >= base, address - base < Self.structureLimit else { return .distance }
    lockOffsets[lockClass] = address - base
    return nil
  }

  /// Where a lock's events are expected, when that is known.
  func address(of lock: Lock) -> UInt64? {
    if let base = addresses[lock.object], let offset = lockOffsets[lock.lockClass] { return base &+ offset }
    return locks[lock]
  }

  /// What a pointer argument would show for an object, when that is known.
  func pointer(to object: Int, argument: String) -> UInt64? {
    guard let base = addresses[object] else { return nil }
    return innerArguments.contains(argument) ? innerOffsets[argument].map { base &+ $0 } : base
  }

  /// The object was freed: its address may come back as another object.
  mutating func release(_ object: Int) {
    if let address = addresses[object], objects[address] == object { objects[address] = nil }
    for lock in locks.keys where lock.object == object { locks[lock] = nil }
  }

  /// The place in the model's heap holds a new object.
  mutating func forget(_ object: Int) {
    release(object)
    addresses[object] = nil
  }
}
