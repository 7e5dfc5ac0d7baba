/// The type of a value, in the model's terms.
enum ValueKind: Hashable, Sendable {
  case int
  case unsigned
  case bool
  /// A reference; nil is any object.
  case reference(String?)
  case ops(String)
  case null
  /// A callback of some ops.
  case callback(String, String)
  /// A field that has no value of its own: a lock, a refcount, a container.
  case part(String)
  /// A structure inside an object, by the object's type and the path of members.
  case embedded(String, String)
  /// A structure on the stack, by the name of the variable.
  case structure(String)
  /// Where a result goes: never null, and good for nothing but `*p = …`.
  case pointer
  /// What an object is, as C tells it by a table of functions: the object whose type is asked.
  case typeOf
  /// A type of object, as such a table names it.
  case typeName(String)
  /// What the model does not have.
  case opaque

  /// Its name in the step language; nil when a variable cannot have it.
  var typeName: String? {
    switch self {
    case .int: "int"
    case .unsigned: "u64"
    case .bool: "bool"
    case .reference(let name): name ?? "any"
    case .ops(let name): name
    case .opaque: "int"
    case .null, .callback, .part, .embedded, .structure, .pointer, .typeOf, .typeName: nil
    }
  }

  /// What a variable of it begins with.
  var zero: String {
    switch self {
    case .bool: "false"
    case .reference, .ops, .null: "null"
    default: "0"
    }
  }
}

/// A value as text of the step language.
struct Operand {
  var text: String
  var kind: ValueKind
  /// For a pointer that may carry an errno: the errno, 0 when it is a pointer.
  var error: String?
  /// The function that gave it, when nothing says with which errno it fails.
  var unknownErrorOf: String?
  /// Of something opaque its name, for the note when it decides something.
  var origin: String?
  /// How many accesses to memory that others reach the text makes.
  var accesses = 0
  /// Whether it is one word or path that needs no parentheses.
  var isAtom = true
  /// Of a number its type in C; nil when only the model tells.
  var number: CNumber?
  /// Between which values it lies, when that is more than its type tells.
  var bounds: ClosedRange<Int64>?
  /// Of a number of the model's the name of its field or function.
  var label: String?

  /// A value.
  init(
    text: String, kind: ValueKind, error: String? = nil, unknownErrorOf: String? = nil, origin: String? = nil,
    accesses: Int = 0, isAtom: Bool = true, number: CNumber? = nil, bounds: ClosedRange<Int64>? = nil,
    label: String? = nil
  ) {
    self.text = text
    self.kind = kind
    self.error = error
    self.unknownErrorOf = unknownErrorOf
    self.origin = origin
    self.accesses = accesses
    self.isAtom = isAtom
    self.number = number
    self.bounds = bounds
    self.label = label
  }

  /// The text, in parentheses where an operator stands beside it.
  var closed: String { isAtom ? text : "(\(text))" }
}
