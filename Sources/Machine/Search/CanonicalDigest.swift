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
  ///
  /// - Parameter world: what the state belongs to; the machine's, or one that stems from it.
  public func digest(of state: State, in world: World) -> UInt64 {
    machine.use(world)
    canonicalizer.use(world)
    machine.copy(from: state, to: &copy)
    canonicalizer.canonicalize(&copy)
    return machine.hash(of: copy)
  }

  /// The canonical number of an object of the state that was read last; nil where no object is, though one may have been there.
  public func number(of object: ObjectReference, in state: State) -> Int? {
    guard let number = canonicalizer.number(of: object) else { return nil }
    // A freed object's place may have gone to a cell or a unit of a chain.
    let header = state.words[machine.world.layout.heapBase + object.index]
    return Header.type(header) >= BlockType.globals ? number : nil
  }
}
