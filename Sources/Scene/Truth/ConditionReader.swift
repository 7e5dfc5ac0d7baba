public import Machine
public import StepLanguage

/// Evaluates a model's invariants and a user's watches in states, on a machine of its own.
public final class ConditionReader {
  /// What an invariant is for one object, or for none.
  public struct Outcome: Hashable, Sendable {
    /// The object; nil where the invariant is about none in particular.
    public var object: ObjectReference?
    /// Its value; nil when it cannot be evaluated.
    public var isTrue: Bool?
    /// Why it cannot be evaluated; empty when it can.
    public var failure: String
  }

  /// The value of a watch.
  public struct Value: Hashable, Sendable {
    /// The value as the machine has it; nil when there is none.
    public var word: Int64?
    /// As a reader expects it, or why there is none.
    public var text: String
  }

  /// The program, watches included.
  public let program: Program
  private let machine: Machine
  private let trace = InstructionTrace()

  /// A reader of the conditions of a world's program.
  ///
  /// - Parameters:
  ///   - world: where to begin; others that stem from it may follow.
  ///   - watches: expressions to add.
  /// - Throws: `DiagnosticError` with places in the expressions.
  public init(_ world: World, watches: [String] = []) throws {
    program =
      watches.isEmpty
      ? world.program
      : try world.program.adding(watches.map { AddedExpression($0, source: "watch") })
    machine = Machine(world: watches.isEmpty ? world : world.with(program))
    trace.includesInvariants = true
  }

  private func prepare(_ state: State, _ world: World) -> (state: State, view: StateView) {
    let own = program.watches.isEmpty ? world : world.with(program)
    machine.use(own)
    let state = own.adopt(state, from: world)
    return (state, StateView(state, world: own))
  }

  /// Whether no thread is inside a system call, so that what needs to hold between calls only is due.
  public static func isQuiescent(_ view: StateView) -> Bool { !view.threads.contains(where: \.isInCall) }

  /// An invariant in a state, for each living object that it is about.
  public func outcomes(of invariant: Int, in state: State, world: World) -> [Outcome] {
    let (state, view) = prepare(state, world)
    let own = program.invariants[invariant]
    guard let type = own.type else { return [outcome(own.function, nil, state)] }
    return view.objects.filter { view.isAlive($0) && program.type(view.typeIndex(of: $0), isA: type) }.map {
      outcome(own.function, $0, state)
    }
  }

  private func outcome(_ function: Int, _ object: ObjectReference?, _ state: State) -> Outcome {
    let value = machine.evaluate(function, of: object.map { [$0] } ?? [], in: state)
    return Outcome(
      object: object, isTrue: value.map { $0 != 0 },
      failure: value == nil ? machine.findings.first?.message ?? "it cannot be evaluated" : "")
  }

  /// The part of an invariant that decides its value in a state, with what it read.
  public func part(
    of invariant: Int, about object: ObjectReference?, in state: State, world: World
  ) -> FalsePart {
    part(program.invariants[invariant].function, object.map { [$0] } ?? [], state, world)
  }

  private func part(
    _ function: Int, _ objects: [ObjectReference], _ state: State, _ world: World
  ) -> FalsePart {
    let (state, view) = prepare(state, world)
    trace.clear()
    machine.trace = trace
    defer { machine.trace = nil }
    _ = machine.evaluate(function, of: objects, in: state)
    return FalsePart(trace.entries, in: view)
  }

  /// The value of a watch in a state.
  public func value(ofWatch number: Int, in state: State, world: World) -> Value {
    let (state, view) = prepare(state, world)
    let watch = program.watches[number]
    let (objects, missing) = arguments(of: watch, view)
    if let missing { return Value(word: nil, text: "\(missing) is not there") }
    guard let word = machine.evaluate(watch.function, of: objects, in: state) else {
      return Value(word: nil, text: machine.findings.first?.message ?? "it cannot be evaluated")
    }
    return Value(word: word, text: Self.text(word, watch.type, view))
  }

  /// What a watch reads in a state.
  public func part(ofWatch number: Int, in state: State, world: World) -> FalsePart {
    let watch = program.watches[number]
    let (objects, missing) = arguments(of: watch, prepare(state, world).view)
    guard missing == nil else { return FalsePart() }
    return part(watch.function, objects, state, world)
  }

  private func arguments(of watch: Watch, _ view: StateView) -> ([ObjectReference], missing: String?) {
    var objects: [ObjectReference] = []
    for object in watch.objects {
      let found = view.objects.first {
        view.typeIndex(of: $0) == object.type && view.serial(of: $0) == object.serial
      }
      guard let found else { return ([], "\(program.types[object.type].short)\(object.serial)") }
      objects.append(found)
    }
    return (objects, nil)
  }

  private static func text(_ word: Int64, _ type: ValueType, _ view: StateView) -> String {
    switch type {
    case .bool: return word == 0 ? "false" : "true"
    case .unsigned: return ValueText.unsigned(UInt64(bitPattern: word))
    case .int: return String(word)
    case .null: return "null"
    case .reference:
      guard word != 0 else { return "null" }
      let object = ObjectReference(heapIndex: Int(word))
      return view.contains(object) ? view.name(of: object) : "an object that is gone"
    case .ops:
      let drivers = view.world.program.drivers
      return drivers.indices.contains(Int(word) - 1) ? drivers[Int(word) - 1].name : "null"
    case .callback: return word == 0 ? "null" : "a callback"
    case .thread:
      let threads = view.world.threads
      return threads.indices.contains(Int(word) - 1) ? threads[Int(word) - 1].name : "nobody"
    }
  }
}
