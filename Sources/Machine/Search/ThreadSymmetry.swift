import StepLanguage

/// Which threads of a world cannot be told apart: they run the same operations with the same arguments, and nothing else in the world knows which is which.
///
/// Exchanging two such threads in a state gives a state from which the same can happen, with the two exchanged (Ip and Dill, "Better verification
/// through symmetry", Formal Methods in System Design 9, 1996; Clarke, Enders, Filkorn and Jha, "Exploiting symmetry in temporal logic model
/// checking", the same volume). Where a search begins does not matter for that, only what threads do from there.
public struct ThreadSymmetry: Sendable {
  /// Threads that can be exchanged with one another: two at least in each class, in ascending order.
  public let classes: [[Int]]
  /// For each thread the words of the variables that only this thread names, in the order in which it names them first. They go with it.
  let ownWords: [[Int]]

  /// Finds the classes of a world.
  public init(_ world: World) {
    let layout = world.layout
    var users: [Variable: Set<Int>] = [:]
    for (number, thread) in world.threads.enumerated() {
      for variable in thread.operations.flatMap(Self.variables) {
        users[variable, default: []].insert(number)
      }
    }
    var own: [[Int]] = []
    var plans: [[Call]] = []
    for thread in world.threads {
      var names: [Variable] = []
      plans.append(thread.operations.map { Self.call($0, users, &names) })
      own.append(names.map { layout.slotBases[$0.table] + $0.index })
    }
    ownWords = own
    // Only of thread 0 is it said where its set-up ends.
    let first = world.setupCount > 0 ? 1 : 0
    guard !Self.asksForNumbers(world.program), first < plans.count else {
      classes = []
      return
    }
    var classes: [[Int]] = []
    for number in first..<plans.count where !plans[number].isEmpty {
      if let known = classes.firstIndex(where: { plans[$0[0]] == plans[number] }) {
        classes[known].append(number)
      } else {
        classes.append([number])
      }
    }
    self.classes = classes.filter { $0.count > 1 }
  }

  /// Whether a thread's number can become a value in the model: everywhere but where the running thread is named as the holder of units.
  private static func asksForNumbers(_ program: Program) -> Bool {
    program.code.indices.contains { address in
      guard program.code[address].opcode == .thread else { return false }
      guard program.code[address].a < 0, address + 1 < program.code.count else { return true }
      let next = program.code[address + 1]
      if next.opcode == .holder { return next.c != 2 }
      return next.opcode != .unitCount || next.d == 0
    }
  }

  /// A variable of a slot table.
  private struct Variable: Hashable {
    var table: Int
    var index: Int
  }

  /// An operation without the names of variables that are the thread's own.
  private enum Call: Hashable {
    enum Argument: Hashable {
      case number(Int64)
      case shared(Variable)
      /// The table, and the how-manieth of the thread's own variables it is.
      case own(table: Int, number: Int)
    }

    case barrier
    case entry(Int, [Argument], allowed: [Int64])
  }

  private static func variables(_ operation: Operation) -> [Variable] {
    guard case .entry(_, let arguments) = operation.kind else { return [] }
    return arguments.compactMap {
      if case .slot(let table, let index) = $0 { Variable(table: table, index: index) } else { nil }
    }
  }

  private static func call(
    _ operation: Operation, _ users: [Variable: Set<Int>], _ names: inout [Variable]
  ) -> Call {
    guard case .entry(let entry, let arguments) = operation.kind else { return .barrier }
    return .entry(
      entry,
      arguments.map { argument in
        switch argument {
        case .number(let number): return .number(number)
        case .slot(let table, let index):
          let variable = Variable(table: table, index: index)
          if users[variable]?.count != 1 { return .shared(variable) }
          let number = names.firstIndex(of: variable) ?? names.count
          if number == names.count { names.append(variable) }
          return .own(table: table, number: number)
        }
      }, allowed: operation.allowed)
  }
}
