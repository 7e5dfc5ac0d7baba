/// An expression that was added to a compiled model: its value in a state can be asked for.
public struct Watch: Hashable, Sendable {
  /// An object that the expression names, such as `access1`, which is looked for anew in each state.
  public struct Object: Hashable, Sendable {
    /// Its type.
    public internal(set) var type: Int
    /// Its number among those of its type.
    public internal(set) var serial: Int
  }

  /// As it was written.
  public internal(set) var text: String
  /// The type of its value.
  public internal(set) var type: ValueType
  /// The objects that it names; they are the function's parameters.
  public internal(set) var objects: [Object]
  /// The function that computes it.
  public internal(set) var function: Int
}

extension Program {
  /// The type and the number that a name such as `device2` tells, whether the object is there or not; nil for no name of an object.
  public func object(named name: String) -> (type: Int, serial: Int)? {
    let digits = name.reversed().prefix { $0.isASCII && $0.isNumber }.count
    guard digits > 0, digits < name.count, let serial = Int(name.suffix(digits)), serial > 0 else {
      return nil
    }
    let short = name.dropLast(digits)
    return types.indices.first { $0 > ObjectType.globals && types[$0].short == short }.map { ($0, serial) }
  }
}

/// An expression to be added to a compiled model.
public struct AddedExpression: Hashable, Sendable {
  /// What it is for.
  public enum Use: Hashable, Sendable {
    /// Its value is asked for: `Program.watches`.
    case watch
    /// An invariant of this name says that it never holds.
    case never(name: String, title: String)
  }

  /// The expression's text.
  public var text: String
  /// What stands in messages in place of a file's name.
  public var source: String
  /// What it is for.
  public var use: Use

  /// An expression.
  public init(_ text: String, source: String, use: Use = .watch) {
    self.text = text
    self.source = source
    self.use = use
  }
}
