import StepLanguage

/// Every instruction that the machine ran since the last `clear`, in order, with what it takes to tell which values it read and wrote.
///
/// For reports, which follow a finding back to where its values come from. Whoever wants one sets `Machine.trace`; stepping without one costs
/// nothing.
public final class InstructionTrace {
  /// One instruction that ran.
  public struct Entry: Hashable, Sendable, BitwiseCopyable {
    /// The thread that ran it; the number of threads when it belongs to an invariant.
    public var thread: Int32
    /// Its address in `Program.code`.
    public var address: Int32
    /// Where in the thread's stack the running function's first local lies, in words.
    public var frame: Int32
    /// The object that it works on, as heap index; of an `operand` and a `callOps` the operand's value; else 0.
    public var value: Int64
    /// What it left in its result operand; nil for one that has none, or when the step ended with it.
    public var result: Int64?

    /// An instruction that ran.
    public init(thread: Int, address: Int, frame: Int, value: Int64, result: Int64?) {
      self.thread = Int32(thread)
      self.address = Int32(address)
      self.frame = Int32(frame)
      self.value = value
      self.result = result
    }
  }

  let buffer: UnsafeMutablePointer<TraceBuffer>

  /// An empty trace.
  public init() {
    buffer = .allocate(capacity: 1)
    buffer.initialize(to: TraceBuffer())
  }

  deinit {
    buffer.deinitialize(count: 1)
    buffer.deallocate()
  }

  /// Whether instructions of invariants are traced, too: as those of the thread behind the last one of the world.
  public var includesInvariants: Bool {
    get { buffer.pointee.includesInvariants }
    set { buffer.pointee.includesInvariants = newValue }
  }

  /// What ran, in order.
  public var entries: [Entry] { buffer.pointee.entries }

  /// How many instructions ran.
  public var count: Int { buffer.pointee.entries.count }

  /// Forgets what ran and keeps the memory.
  public func clear() {
    buffer.pointee.entries.removeAll(keepingCapacity: true)
    buffer.pointee.pending = nil
  }
}

/// A trace's memory, which the machine writes to.
struct TraceBuffer {
  var entries: [InstructionTrace.Entry] = []
  /// The operand in which the last entry leaves its result.
  var pending: Int32?
  var includesInvariants = false

  /// The most instructions of one trace; a step that goes on and on ends there as it does without one.
  static let limit = 1 << 24
}

extension Opcode {
  /// Which operand names the object that the instruction works on, or holds the value that a report wants to know.
  var tracedOperand: KeyPath<Instruction, Int32>? {
    if let target = facts.target { return target.object == .a ? \.a : \.b }
    if self == .castCheck || self == .callOps { return \.a }
    return self == .opsMember || self == .operand ? \.b : nil
  }

  /// Whether operand a gets a result that a report wants to know and that stays readable for the next instruction.
  var hasTracedResult: Bool {
    (facts.writes == .a && (facts.effect == .looks || facts.effect == .changes)) || self == .opsMember
  }
}
