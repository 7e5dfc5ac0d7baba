public import Machine
import StepLanguage

/// What of a model no interleaving of a scenario has reached.
///
/// Of functions that no thread ever calls only the number is told: a scenario calls few of them.
public struct Coverage: Sendable {
  /// A place that was not reached.
  public struct Gap: Hashable, Sendable {
    /// What was not reached.
    public enum Kind: String, Sendable {
      /// A statement that never ran.
      case statement = "never reached"
      /// A condition that was never true.
      case neverTrue = "never true"
      /// A condition that was never false.
      case neverFalse = "never false"
      /// A check or warning that was never looked at.
      case check = "check never reached"
    }

    /// What was not reached.
    public var kind: Kind
    /// The place.
    public var place: FindingReport.Place
  }

  /// The gaps of the functions that were called, in the order of the text.
  public let gaps: [Gap]
  /// How many statements of these functions there are.
  public let statementCount: Int
  /// How many of them were reached.
  public let reachedCount: Int
  /// How many functions were called, and how many the model has.
  public let calledFunctions: Int
  /// How many functions the model has, invariants left out.
  public let functionCount: Int
  /// Whether every interleaving was covered.
  public let isComplete: Bool
  /// How many states were visited.
  public let stateCount: Int

  /// Runs every interleaving of a world and notes what is reached.
  public init(world: World, maxStates: Int = 1_000_000) {
    let program = world.program
    var ran = [Bool](repeating: false, count: program.code.count)
    var jumped = ran
    var passed = ran
    let graph = StateGraph(world: world, maxStates: maxStates) { trace in
      let entries = trace.entries
      for (index, entry) in entries.enumerated() {
        let address = Int(entry.address)
        let isRest = index == entries.count - 1 && index > 0 && program.code[address].opcode == .step
        if !isRest { ran[address] = true }
        guard program.code[address].opcode.control == .branch, index + 1 < entries.count else { continue }
        if Int(entries[index + 1].address) == program.code[address].jumpTarget {
          jumped[address] = true
        } else {
          passed[address] = true
        }
      }
    }
    isComplete = graph.isComplete
    stateCount = graph.stateCount
    let invariants = Set(program.invariants.map(\.function))
    let own = program.functions.indices.filter { !invariants.contains($0) && $0 != program.initialFunction }
    let starts = (program.functions.map(\.address) + [program.code.count]).sorted()
    func range(_ function: Int) -> Range<Int> {
      let start = program.functions[function].address
      return start..<(starts.first { $0 > start } ?? start)
    }
    var gaps: [Gap] = []
    var statements = 0
    var reached = 0
    var called = 0
    for function in own {
      let range = range(function)
      guard range.contains(where: { ran[$0] }) else { continue }
      called += 1
      var addresses: [Int: [Int]] = [:]
      for address in range {
        if let statement = program.statement(at: address) {
          addresses[statement, default: []].append(address)
        }
      }
      for statement in addresses.keys.sorted(by: {
        program.statements[$0].span.start < program.statements[$1].span.start
      }) {
        let code = addresses[statement] ?? []
        // The end of a function is no line that anybody wrote.
        if program.text(of: statement) == "}" { continue }
        let isCheck = code.contains { [.check, .warnOn].contains(program.code[$0].opcode) }
        statements += 1
        guard code.contains(where: { ran[$0] }) else {
          gaps.append(Gap(kind: isCheck ? .check : .statement, place: program.place(of: statement)))
          continue
        }
        reached += 1
        let text = program.text(of: statement)
        guard text.hasPrefix("if ") || text.hasPrefix("while "),
          let jump = code.last(where: { [.jumpIfZero, .jumpIfNotZero].contains(program.code[$0].opcode) })
        else { continue }
        let isZero = program.code[jump].opcode == .jumpIfZero
        if ran[jump], !(isZero ? passed : jumped)[jump] {
          gaps.append(Gap(kind: .neverTrue, place: program.place(of: statement)))
        } else if ran[jump], !(isZero ? jumped : passed)[jump] {
          gaps.append(Gap(kind: .neverFalse, place: program.place(of: statement)))
        }
      }
    }
    self.gaps = gaps
    statementCount = statements
    reachedCount = reached
    calledFunctions = called
    functionCount = own.count
  }

  /// The gaps as lines: file, line, column, what and the text.
  public var lines: [String] {
    var lines = [
      "\(reachedCount) of \(statementCount) statements reached in the \(calledFunctions) functions that are called, of \(functionCount)"
        + (isComplete ? "" : "; not everything was covered (\(stateCount) states)")
    ]
    lines += gaps.map { gap in
      "  \(gap.place.file):\(gap.place.line):\(gap.place.column): \(gap.kind.rawValue): \(gap.place.text) (\(gap.place.function))"
    }
    return lines
  }
}
