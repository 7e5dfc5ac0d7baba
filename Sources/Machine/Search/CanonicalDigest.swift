/// Digests of states without the places of their objects: two states with the same digest behave alike, wherever the heap put their objects and
/// whatever these are numbered.
///
/// One serves many states of a machine's world, also while operations and threads are added to it; it keeps its memory.
public final class CanonicalDigest {
  private let machine: Machine
  private let canonicalizer: Canonicalizer
  private var copy = State(words: [])

  /// For states of a machine's world.
  public init(machine: Machine) {
    self.machine = machine
    canonicalizer = Canonicalizer(world: machine.world)
  }

  /// The digest of a state, the same in every process.
  public func digest(of state: State) -> UInt64 {
    canonicalizer.use(machine.world)
    machine.copy(from: state, to: &copy)
    canonicalizer.canonicalize(&copy)
    return machine.hash(of: copy)
  }

  /// The canonical number of an object of the state that was read last; nil where no object is.
  public func number(of object: ObjectReference) -> Int? { canonicalizer.number(of: object) }
}
