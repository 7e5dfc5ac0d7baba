import StepLanguage

/// What steps read and wrote, for a search that asks whether the steps of two threads get into each other's way.
///
/// A touch is the number of a word of the state, shifted left by one, and 1 for a write. Containers, counts, locks and queues are touched as
/// a whole, at the word that they begin at. What only the running thread can see (its stack, its list of held locks) is left out, as are fields that keep their value.
public final class Touches {
  let buffer: UnsafeMutablePointer<TouchBuffer>

  /// An empty footprint.
  public init() {
    buffer = .allocate(capacity: 1)
    buffer.initialize(to: TouchBuffer())
  }

  deinit {
    buffer.pointee.keys.deallocate()
    buffer.deinitialize(count: 1)
    buffer.deallocate()
  }

  /// The touches in order; valid until the next step.
  public var touches: UnsafeBufferPointer<Int> {
    UnsafeBufferPointer(start: buffer.pointee.keys, count: buffer.pointee.count)
  }

  /// Whether something was written that an invariant reads which must hold always.
  public var isVisible: Bool { buffer.pointee.isVisible }

  /// Forgets what it holds.
  public func clear() {
    buffer.pointee.count = 0
    buffer.pointee.isVisible = false
  }
}

/// A footprint's memory, which the machine writes to.
struct TouchBuffer {
  var keys: UnsafeMutablePointer<Int>
  var count = 0
  var isVisible = false
  private var capacity = 64

  init() {
    keys = .allocate(capacity: capacity)
  }

  @inline(__always)
  mutating func append(_ key: Int) {
    if count == capacity { grow() }
    keys[count] = key
    count += 1
  }

  @inline(never)
  private mutating func grow() {
    let larger = UnsafeMutablePointer<Int>.allocate(capacity: capacity * 2)
    larger.update(from: keys, count: capacity)
    keys.deallocate()
    keys = larger
    capacity *= 2
  }
}

extension MachineCore {
  @inline(__always)
  mutating func touch(_ object: Int64, _ offset: Int32, write: Bool) {
    if touches != nil { note(Int(object), Int(offset), write: write) }
  }

  @inline(never)
  private mutating func note(_ object: Int, _ offset: Int, write: Bool) {
    guard let touches else { return }
    touches.pointee.append((world.heapBase + object + offset) << 1 | (write ? 1 : 0))
    if write, program.watched[Header.type(heap[object])] >> UInt64(min(offset, 63)) & 1 != 0 {
      touches.pointee.isVisible = true
    }
  }

  /// Making and freeing an object changes all its words, and for how many objects an invariant must hold.
  @inline(never)
  mutating func touchWhole(_ object: Int64) {
    guard touches != nil, object > 0, object < words[Layout.heapEnd] else { return }
    for offset in 0..<max(1, Header.size(heap[Int(object)])) {
      note(Int(object), offset, write: true)
    }
  }

  @inline(__always)
  mutating func touch(slot place: Int, write: Bool) {
    if let touches { touches.pointee.append(place << 1 | (write ? 1 : 0)) }
  }
}

extension Builtin {
  /// Whether the function changes the container.
  var changesContainer: Bool {
    switch self {
    case .xa_alloc, .xa_store, .xa_erase, .list_append, .list_remove, .imap_insert, .imap_remove: true
    default: false
    }
  }
}

extension ProgramTables {
  /// For each type a bit per word (63 for all from there on) that invariants read which must hold always; bit 0 for there being such an
  /// invariant of its objects.
  static func watched(_ program: Program) -> [UInt64] {
    var result = [UInt64](repeating: 0, count: program.types.count)
    for invariant in program.invariants where !invariant.isQuiescent {
      if let type = invariant.type {
        for other in result.indices where program.type(other, isA: type) { result[other] |= 1 }
      }
      // What the function may come to: itself, and all that it calls.
      var functions = [invariant.function]
      var position = 0
      while position < functions.count {
        let function = functions[position]
        position += 1
        let start = program.functions[function].address
        let next = program.functions.map(\.address).filter { $0 > start }.min() ?? program.code.count
        for instruction in program.code[start..<next] {
          var offset: Int32?
          var object: Int32 = -1
          switch instruction.opcode {
          case .load, .container, .refcount, .tryAcquire, .lockTest, .unitCount, .wait:
            (object, offset) = (instruction.b, instruction.c)
          case .assertHeld: (object, offset) = (instruction.a, instruction.b)
          case .call: if !functions.contains(Int(instruction.a)) { functions.append(Int(instruction.a)) }
          case .callOps, .isType, .castCheck, .aliveTest:
            // Which function or type it will be is not known here: everything counts.
            for other in result.indices { result[other] = .max }
          default: break
          }
          guard let offset else { continue }
          let bit: UInt64 = 1 << UInt64(min(offset, 63))
          // Local 0 of the function itself is the object that it is about, unless it is written.
          let isSubject =
            function == invariant.function && object == 0 && !writesSubject(program, start..<next)
          for other in result.indices {
            if isSubject, let type = invariant.type, !program.type(other, isA: type) { continue }
            result[other] |= bit
          }
        }
      }
    }
    return result
  }

  private static func writesSubject(_ program: Program, _ range: Range<Int>) -> Bool {
    program.code[range].contains { instruction in
      switch instruction.opcode {
      case .constant, .move, .load, .not, .negate, .isType, .opsMember, .container, .lockTest, .thread,
        .allocate, .add, .subtract, .multiply, .bitAnd, .bitOr, .shiftLeft, .divideSigned, .divideUnsigned,
        .remainderSigned, .remainderUnsigned, .shiftRightSigned, .shiftRightUnsigned, .equal, .notEqual,
        .lessSigned, .lessEqualSigned, .lessUnsigned, .lessEqualUnsigned, .addOverflows, .tryAcquire, .wait,
        .choose, .refcount:
        instruction.a == 0
      case .call, .callOps: instruction.b == 0
      default: false
      }
    }
  }
}
