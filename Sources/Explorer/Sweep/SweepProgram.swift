import StepLanguage

/// A small program: a set-up, and threads with the operations that run against each other.
public struct SweepProgram: Hashable, Sendable {
  /// What runs first, alone: lines of an operation script.
  public var setup: [String]
  /// The lines of each thread.
  public var threads: [[String]]

  /// A program.
  public init(setup: [String], threads: [[String]]) {
    self.setup = setup
    self.threads = threads
  }

  /// How many operations the threads have, the set-up left out.
  public var operations: Int { threads.reduce(0) { $0 + $1.count } }

  /// The program as a scenario of the step language.
  ///
  /// - Parameters:
  ///   - name: the scenario's name.
  ///   - title: its heading.
  ///   - model: the model that it is for.
  ///   - faults: whether allocations may fail.
  public func scenario(named name: String, title: String, model: String, faults: Bool) -> String {
    var lines = ["scenario \(name) \"\(title)\" {", "  model \(model)"]
    if faults { lines.append("  faults") }
    if !setup.isEmpty { lines += ["", "  setup {"] + setup.map { "    \($0)" } + ["  }"] }
    for (number, thread) in threads.enumerated() {
      lines += ["  thread T\(number + 1) {"] + thread.map { "    \($0)" } + ["  }"]
    }
    return (lines + ["}", ""]).joined(separator: "\n")
  }

  /// The program in one line: `open f0; ioas_alloc f0 s0 | T1: destroy f0 s0 | T2: map …`.
  public var text: String {
    ([setup.joined(separator: "; ")]
      + threads.enumerated().map { "T\($0.offset + 1): \($0.element.joined(separator: "; "))" })
      .filter { !$0.isEmpty }.joined(separator: " | ")
  }
}

/// A program that is to be checked.
struct SweepCandidate {
  var program: SweepProgram
  /// The statements that its operations take when each runs alone, as bits.
  var statements: [UInt64]

  /// The functions of these statements.
  func functions(of program: Program) -> Set<Int> {
    var result: Set<Int> = []
    for (index, word) in statements.enumerated() where word != 0 {
      for bit in 0..<64 where word >> UInt64(bit) & 1 != 0 {
        result.insert(program.statements[index * 64 + bit].function)
      }
    }
    return result
  }
}

/// How many operations each thread of a program has, the longest first.
public struct SweepShape: Hashable, Sendable, Comparable {
  /// For each thread the number of its operations.
  public let lengths: [Int]

  /// A shape; lengths are sorted.
  public init(_ lengths: [Int]) {
    self.lengths = lengths.sorted(by: >)
  }

  /// Of a program.
  public init(_ program: SweepProgram) {
    self.init(program.threads.map(\.count))
  }

  /// `2+1`.
  public var text: String { lengths.map(String.init).joined(separator: "+") }

  /// All operations.
  public var operations: Int { lengths.reduce(0, +) }

  /// Fewer operations first, then fewer threads.
  public static func < (first: SweepShape, second: SweepShape) -> Bool {
    if first.operations != second.operations { return first.operations < second.operations }
    if first.lengths.count != second.lengths.count { return first.lengths.count < second.lengths.count }
    return first.lengths.lexicographicallyPrecedes(second.lengths)
  }

  /// All shapes up to a size: one operation alone, then two threads and more. Several operations of one thread alone
  /// are a longer set-up.
  public static func all(threads: Int, operations: Int) -> [SweepShape] {
    var result = [SweepShape([1])]
    func extend(_ lengths: [Int]) {
      if lengths.count >= 2 { result.append(SweepShape(lengths)) }
      guard lengths.count < threads else { return }
      for next in 1...(lengths.last ?? operations) { extend(lengths + [next]) }
    }
    extend([])
    return result.sorted()
  }
}
