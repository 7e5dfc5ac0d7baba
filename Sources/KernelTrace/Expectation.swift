import Machine

/// Something that a thread of the model has done and whose event the trace still owes.
struct Expectation: Hashable {
  /// What the event is.
  enum Kind: Hashable {
    /// A probe of the program.
    case probe(Int)
    /// The end of a system call with its result.
    case ended(entry: Int, result: Int64)
    /// A lock that was tried for and taken.
    case tried(ObjectReference, offset: Int, lockClass: Int, mode: Int64)
    /// A lock that was released at a place where that could not be foretold.
    case released(ObjectReference, offset: Int, lockClass: Int, mode: Int64)
  }

  var kind: Kind
  /// A probe's values.
  var values: [Int64] = []
  /// Where in the state they were read; 0 for computed ones.
  var origins: [Int] = []
}
