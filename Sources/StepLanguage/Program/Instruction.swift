/// One instruction of a compiled program.
///
/// An operand is a local variable of the running function when it is zero or more, and a temporary when negative (temporary
/// `t` is written `~t`). Temporaries live within one step only, so they are no part of a state.
public struct Instruction: Hashable, Sendable, BitwiseCopyable {
  /// What it does.
  public var opcode: Opcode
  /// First operand; what it means depends on the opcode.
  public var a: Int32
  /// Second operand.
  public var b: Int32
  /// Third operand.
  public var c: Int32
  /// Fourth operand.
  public var d: Int32

  /// A bit of the last operand of an instruction that looks at an object in a statement that rides along: at what time the thread looks is
  /// open until its next step, so a free may still come first.
  public static let ridesAlong: Int32 = 1 << 8

  /// The last operand of a load whose value only a probe wants: whoever watches the kernel uses no memory of it.
  public static let looksFromOutside: Int32 = 1 << 9

  /// A bit of the last operand of `flush`.
  public static let stopsTimer: Int32 = 1 << 8

  /// A bit of the last operand of `acquire` and `release` for readers of RCU.
  public static let neverWaits: Int32 = 1 << 2

  init(_ opcode: Opcode, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0, _ d: Int = 0) {
    self.opcode = opcode
    self.a = Int32(truncatingIfNeeded: a)
    self.b = Int32(truncatingIfNeeded: b)
    self.c = Int32(truncatingIfNeeded: c)
    self.d = Int32(truncatingIfNeeded: d)
  }
}

/// What an instruction does. `[x]` is the value of operand x.
public enum Opcode: UInt8, Sendable, BitwiseCopyable {
  /// The end of a system call: runs what `task_work` left, then stores the result. Always at address 0.
  case finishEntry
  /// A scheduling point: the statement `a` begins here. A thread rests at one of these.
  case step
  /// [a] := constant b
  case constant
  /// [a] := [b]
  case move
  /// [a] := field at offset c of object [b]; d may have `Instruction.ridesAlong`
  case load
  /// field at offset b of object [a] := [c]
  case store
  /// [a] := [b] op [c]
  case add, subtract, multiply, bitAnd, bitOr, shiftLeft
  case divideSigned, divideUnsigned, remainderSigned, remainderUnsigned, shiftRightSigned, shiftRightUnsigned
  case equal, notEqual, lessSigned, lessEqualSigned, lessUnsigned, lessEqualUnsigned
  case addOverflows
  /// [a] := not [b]; [a] := -[b]
  case not, negate
  /// Go to address a
  case jump
  /// If [a] is zero go to address b
  case jumpIfZero
  /// If [a] is not zero go to address b
  case jumpIfNotZero
  /// [a] := the object [b] is of type c
  case isType
  /// The object [a] must be null or of type b
  case castCheck
  /// [a] := the running thread's number plus one
  case thread
  /// Argument a of the next call := [b]
  case argument
  /// Call function a; its result goes to local b (or nowhere when b < 0)
  case call
  /// Call member c of the driver [a]; its result goes to local b
  case callOps
  /// [a] := member c of the driver [b]; of a function 0 or 1
  case opsMember
  /// Return [a]
  case returnValue
  /// [a] := new object of type b; c = 1: may fail
  case allocate
  /// Free the object [a]
  case free
  /// Take the lock at offset b of object [a], lock class c, mode d; with `Instruction.neverWaits` in d it is had in any case
  case acquire
  /// Release it; with `Instruction.neverWaits` a grace period may end
  case release
  /// [a] := took the lock at offset c of object [b]; d = class * 4 + mode
  case tryAcquire
  /// The lock at offset b of object [a], class c, must be held by this thread
  case assertHeld
  /// [a] := the lock at offset c of object [b] is held by anybody (d = 0) or by the running thread (d = 1)
  case lockTest
  /// [a] := how many units of the refcount at offset c of object [b] are held by the object of operand 0 (d = 0) or the running thread (d = 1)
  case unitCount
  /// [a] := the object [b] is there and not freed
  case aliveTest
  /// The holder of the units below: word b; c = 0 none, 1 object [a], 2 the running thread; d = 1: the second holder
  case holder
  /// Refcount at offset c of object [b], operation d; [a] := its result, or the value to set
  case refcount
  /// Refcount at offset b of object [a]: one unit goes from the first holder to the second
  case refcountMove
  /// Argument a of the next container operation := [b]
  case operand
  /// [a] := builtin d on the container at offset c of object [b]
  case container
  /// [a] := whether the condition held; wait queue at offset c of object [b]; condition is operand 0; d: bit 0 interruptible, bit 1 no timeout
  case wait
  /// Wake sleepers of the queue at offset b of object [a]; c = 1: all of them
  case wake
  /// [a] := the choice among b
  case choose
  /// When the system call returns, call function a with [b]
  case taskWork
  /// [a] := what came of operation d on the work at offset c of object [b]: `WorkOperation`, queue << 4, function << 12
  case work
  /// [a] := whether it had to wait until the work at offset c of object [b], of queue d, is over (its lock class << 12); with `Instruction.stopsTimer` in d it then takes a timer from its queue, and [a] is whether it was there
  case flush
  /// After a grace period call function a with the object [b]
  case deferCall
  /// Wait until all present readers of RCU have left (a = 0), or until all callbacks queued by now are over (a = 1)
  case grace
  /// When [a] is zero, report property b with text c at statement d
  case check
  /// When [a] is not zero, report `warn` with text b at statement d
  case warnOn
  /// Event of probe a; its values are operands 0 ...
  case probe
  /// A marker with text a
  case mark
  /// Removed at the end of compilation
  case nothing
}
