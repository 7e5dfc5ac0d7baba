import Basics
import Machine
import StepLanguage

/// Finds the set-ups of a model and makes its programs, smallest first; always the same ones in the same order.
///
/// A set-up is a row of operations of one thread, found in breadth: first none, then one, and so on. From each the
/// operations of the vocabulary are run alone. One that takes another path than ever before, or meets another
/// operation at statements at which the two never met, makes a program; a set-up that gives no new program is not
/// built on.
final class SweepEnumerator {
  /// What bounds the enumeration.
  struct Bounds {
    var threads: Int
    var operations: Int
    /// The entries that threads run; nil for all. Set-ups may use any.
    var entries: Set<Int>?
    /// The most operations of a set-up.
    var setup: Int
    /// How many variables of a slot table are filled at most.
    var variables: Int
  }

  /// A set-up that made something new possible.
  struct Node {
    var state: State
    var setup: [String]
    /// Whether its last operation made another object of a kind of which there was one already.
    var hasAnother = false
  }

  /// An operation that was run alone.
  struct Step {
    var line: SweepVocabulary.Line
    var text: String
    var arguments: [Operation.Argument]
    var run: SoloRun
    var entry: Int { line.entry }
  }

  let program: Program
  let bounds: Bounds
  let runner: SoloRunner
  let vocabulary: SweepVocabulary
  /// The shapes, smallest first.
  let shapes: [SweepShape]
  private(set) var leftOut = SweepLeftOut()
  private(set) var nodes: [Node] = []
  /// Statements that some operation took when it ran alone.
  private(set) var reached: [Bool]
  /// How many set-ups were looked at.
  private(set) var setupCount = 0
  /// For each entry the statements through which it went, as bits.
  private var statements: [[UInt64]]
  private var singles: [SweepCandidate] = []
  private var pairs: [SweepCandidate] = []
  var seen: Set<UInt64> = []
  private var seenPaths: Set<UInt64> = []
  private var hasSetups = false

  init(program: Program, bounds: Bounds) {
    self.program = program
    self.bounds = bounds
    runner = SoloRunner(program: program, variables: bounds.variables + 2)
    vocabulary = SweepVocabulary(program: program, variables: bounds.variables)
    shapes = SweepShape.all(threads: bounds.threads, operations: bounds.operations)
    reached = [Bool](repeating: false, count: program.statements.count)
    statements = Array(
      repeating: Array(repeating: 0, count: (program.statements.count + 63) / 64),
      count: program.entries.count)
  }

  /// The programs of a shape that a set-up gives. The first two shapes come with the set-ups themselves: their
  /// programs are all given for the
  /// first one.
  func programs(of shape: SweepShape, at node: Int) -> [SweepCandidate] {
    if shape.operations == 1 { return node == 0 ? singles : [] }
    if shape.lengths == [1, 1] { return node == 0 ? pairs : [] }
    return larger(shape, nodes[node])
  }

  // MARK: Set-ups

  /// Finds all set-ups, with the programs of one operation and of two against each other.
  ///
  /// - Parameter shouldContinue: asked now and then with the number of set-ups so far; false stops, and what was
  ///   found so far is not complete.
  /// - Returns: whether all were found.
  func findSetups(shouldContinue: (Int) -> Bool) -> Bool {
    precondition(!hasSetups, "set-ups are found once")
    hasSetups = true
    var pending: [Node?] = [Node(state: runner.start, setup: [])]
    var known: Set<UInt64> = [runner.digest(of: runner.start)]
    var position = 0
    while position < pending.count {
      if !shouldContinue(position) { return false }
      guard let node = pending[position] else { break }
      // One that was looked at is needed no more, unless it gave something.
      pending[position] = nil
      position += 1
      setupCount += 1
      let filled = runner.filled(in: node.state)
      let (steps, afters) = expand(node)
      var failing = steps.count { !$0.run.succeeds }
      let hasNewPath = takeSingles(steps, node)
      let hasNewPair = (hasNewPath || node.hasAnother) && takePairs(steps, node)
      if hasNewPath || hasNewPair {
        failing -= takeEnabled(steps, afters, node)
        takeGuessed(steps, afters, node)
        nodes.append(node)
        for (step, after) in zip(steps, afters)
        where step.run.succeeds && !step.run.hasFindings && node.setup.count < bounds.setup {
          if known.insert(runner.digest(of: after)).inserted {
            pending.append(
              Node(
                state: runner.trimmed(after), setup: node.setup + [step.text],
                hasAnother: Self.hasAnother(runner.filled(in: after), than: filled)))
          }
        }
      }
      leftOut.failing += failing
    }
    return true
  }

  private static func hasAnother(_ filled: [[Int]], than before: [[Int]]) -> Bool {
    filled.indices.contains { filled[$0].count > 1 && filled[$0].count > before[$0].count }
  }

  /// Runs every operation of the vocabulary from a set-up.
  private func expand(_ node: Node) -> (steps: [Step], afters: [State]) {
    var steps: [Step] = []
    var afters: [State] = []
    for line in vocabulary.lines(filled: runner.filled(in: node.state)) {
      var state = node.state
      guard let step = run(line, in: &state, size: nil) else { continue }
      steps.append(step)
      afters.append(state)
    }
    return (steps, afters)
  }

  private func run(_ line: SweepVocabulary.Line, in state: inout State, size: Int?) -> Step? {
    let text = line.text(of: program)
    guard let operation = runner.operation(text), case .entry(_, let arguments) = operation.kind else {
      return nil
    }
    let run = runner.run(text, in: &state, size: size)
    for (index, word) in run.statements.enumerated() where word != 0 {
      for bit in 0..<64 where word >> UInt64(bit) & 1 != 0 { reached[index * 64 + bit] = true }
    }
    return Step(line: line, text: text, arguments: arguments, run: run)
  }

  // MARK: Programs of one and two operations

  private func isWanted(_ steps: Step...) -> Bool {
    guard let entries = bounds.entries else { return true }
    return steps.allSatisfy { entries.contains($0.entry) }
  }

  /// Takes operations that go through a statement through which their entry never went before; gives whether there
  /// was any.
  private func takeSingles(_ steps: [Step], _ node: Node) -> Bool {
    var hasNew = false
    for step in steps where step.run.succeeds || step.run.hasFindings {
      guard takeStatements(of: step) else {
        leftOut.alike += 1
        continue
      }
      hasNew = true
      if isWanted(step) {
        singles.append(
          candidate(SweepProgram(setup: node.setup, threads: [[step.text]]), [step]))
      }
    }
    return hasNew
  }

  /// Notes the statements of an operation; gives whether its entry never went through one of them before.
  private func takeStatements(of step: Step) -> Bool {
    var isNew = false
    for (index, word) in step.run.statements.enumerated() {
      let fresh = word & ~statements[step.entry][index]
      if fresh != 0 {
        isNew = true
        statements[step.entry][index] |= fresh
      }
    }
    return isNew
  }

  /// Takes each two operations that meet as no two did before; gives whether there were any.
  private func takePairs(_ steps: [Step], _ node: Node) -> Bool {
    guard bounds.threads > 1 else { return false }
    var hasNew = false
    for (index, first) in steps.enumerated() {
      guard first.run.succeeds else { continue }
      for second in steps[index...] where second.run.succeeds {
        if take(first, second, node) { hasNew = true }
      }
    }
    return hasNew
  }

  /// Takes two operations against each other when they meet as no two did before.
  private func take(_ first: Step, _ second: Step, _ node: Node) -> Bool {
    let pattern = Self.pattern(first, second, withNumbers: true)
    // Whichever stands first.
    let (one, other) =
      (first.entry, first.run.path) <= (second.entry, second.run.path)
      ? (first, second) : (second, first)
    let paths = Self.key(2, one.entry, one.run.path, other.entry, other.run.path, pattern)
    guard seenPaths.insert(paths).inserted else {
      leftOut.alike += 1
      return false
    }
    guard Meeting.isDependent(one.run, other.run) else {
      leftOut.idle += 1
      return false
    }
    var isNew = seen.insert(Self.key(3, one.entry, other.entry, pattern)).inserted
    for pair in Meeting.pairs(one.run, other.run)
    where seen.insert(Self.key(5, one.entry, other.entry, pair)).inserted {
      isNew = true
    }
    guard isNew else {
      leftOut.alike += 1
      return false
    }
    add(first, second.text, second, node)
    return true
  }

  private func add(_ first: Step, _ text: String, _ second: Step, _ node: Node) {
    guard isWanted(first, second) else { return }
    pairs.append(
      candidate(
        SweepProgram(setup: node.setup, threads: renamed([[first.text], [text]], node)), [first, second]))
  }

  /// Operations that fail from a set-up and succeed once another one has run; gives how many there are.
  private func takeEnabled(_ steps: [Step], _ afters: [State], _ node: Node) -> Int {
    guard bounds.threads > 1 else { return 0 }
    var enabled: Set<String> = []
    for (index, first) in steps.enumerated() where first.run.succeeds {
      for second in steps where !second.run.succeeds && !second.run.isBroken {
        let pattern = Self.pattern(first, second, withNumbers: true)
        let paths = Self.key(
          6, first.entry, first.run.path, second.entry, second.run.path, pattern)
        guard seenPaths.insert(paths).inserted, Meeting.isDependent(first.run, second.run) else { continue }
        var state = afters[index]
        guard let later = run(second.line, in: &state, size: nil), later.run.succeeds else { continue }
        enabled.insert(second.text)
        guard
          seen.insert(Self.key(7, first.entry, second.entry, pattern)).inserted
        else {
          leftOut.alike += 1
          continue
        }
        add(first, second.text, second, node)
      }
    }
    return enabled.count
  }

  /// Operations on what another one is just making: its number is known beforehand, as user space guesses file
  /// descriptors and ids.
  private func takeGuessed(_ steps: [Step], _ afters: [State], _ node: Node) {
    guard bounds.threads > 1 else { return }
    let before = runner.filled(in: node.state)
    for (index, first) in steps.enumerated() where first.run.succeeds {
      let after = runner.filled(in: afters[index])
      var guesses: [String: String] = [:]
      for table in after.indices {
        for slot in after[table] where !before[table].contains(slot) {
          let value = runner.value(table: table, index: slot, in: afters[index])
          guesses["\(program.slots[table].letter)\(slot)"] = "\(value)"
        }
      }
      guard !guesses.isEmpty else { continue }
      for line in vocabulary.lines(filled: after) {
        let parameters = program.entries[line.entry].parameters
        let places = line.words.indices.filter { line.words[$0].flatMap { guesses[$0] } != nil }
        guard !places.isEmpty,
          places.allSatisfy({ parameters[$0].direction == .input && parameters[$0].kind != .flag })
        else { continue }
        guard seen.insert(Self.key(9, first.entry, line.entry, UInt64(places.count))).inserted else {
          leftOut.alike += 1
          continue
        }
        var state = afters[index]
        guard let later = run(line, in: &state, size: nil), later.run.succeeds else {
          seen.remove(Self.key(9, first.entry, line.entry, UInt64(places.count)))
          continue
        }
        var guessed = line
        for place in places { guessed.words[place] = line.words[place].flatMap { guesses[$0] } }
        add(first, guessed.text(of: program), later, node)
      }
    }
  }

  // MARK: Larger programs

  /// A row of operations of one thread, all of which succeed one after another from a set-up.
  struct Row {
    var steps: [Step]
  }

  private func larger(_ shape: SweepShape, _ node: Node) -> [SweepCandidate] {
    let size = runner.usedWordCount(of: node.state)
    var rows: [[Row]] = [[]]
    var ends: [(row: Row, state: State?)] = [(Row(steps: []), node.state)]
    for length in 1...(shape.lengths.first ?? 1) {
      var longer: [(row: Row, state: State?)] = []
      let isLast = length == shape.lengths.first
      for end in ends {
        guard let start = end.state else { continue }
        for line in vocabulary.lines(filled: runner.filled(in: start)) {
          if let entries = bounds.entries, !entries.contains(line.entry) { continue }
          var state = start
          guard let step = run(line, in: &state, size: size), step.run.succeeds, !step.run.hasFindings else {
            continue
          }
          longer.append((Row(steps: end.row.steps + [step]), isLast ? nil : state))
        }
      }
      rows.append(longer.map(\.row))
      ends = longer
    }
    var combination = SweepCombination(shape: shape, rows: rows, seen: seen)
    combination.choose()
    let chosen = combination.chosen
    seen = combination.seen
    leftOut.alike += combination.alike
    leftOut.idle += combination.idle
    return chosen.map { threads in
      candidate(
        SweepProgram(setup: node.setup, threads: renamed(threads.map { $0.steps.map(\.text) }, node)),
        threads.flatMap(\.steps))
    }
  }

  private func candidate(_ program: SweepProgram, _ steps: [Step]) -> SweepCandidate {
    var statements = [UInt64](repeating: 0, count: (self.program.statements.count + 63) / 64)
    for step in steps {
      for (index, word) in step.run.statements.enumerated() { statements[index] |= word }
    }
    return SweepCandidate(program: program, statements: statements)
  }

  // MARK: Names

  /// Gives each operation that fills a variable one of its own, where several would fill the same; what reads it in
  /// the same thread goes along.
  private func renamed(_ threads: [[String]], _ node: Node) -> [[String]] {
    var taken = runner.filled(in: node.state).map(Set.init)
    return threads.map { lines in
      var names: [String: String] = [:]
      return lines.map { text in
        var words = text.split(separator: " ").map(String.init)
        guard let entry = program.entry(named: words[0]) else { return text }
        var position = 1
        for parameter in program.entries[entry].parameters
        where parameter.from == nil && position < words.count {
          guard case .slot(let table) = parameter.kind else {
            if parameter.kind != .flag || words[position] == parameter.name { position += 1 }
            continue
          }
          defer { position += 1 }
          let word = words[position]
          if parameter.direction == .output, let variable = program.variable(word, of: table) {
            var index = variable.index
            while taken[table].contains(index) { index += 1 }
            taken[table].insert(index)
            names[word] = "\(program.slots[table].letter)\(index)"
          }
          words[position] = names[word] ?? word
        }
        return words.joined(separator: " ")
      }
    }
  }

  // MARK: Keys

  /// Which arguments of two operations are the same, whichever of the two stands first.
  static func pattern(_ first: Step, _ second: Step, withNumbers: Bool) -> UInt64 {
    func digest(_ one: Step, _ other: Step) -> UInt64 {
      var hash: UInt64 = 0xcbf2_9ce4_8422_2325
      func mix(_ word: UInt64) {
        hash = (hash ^ word) &* 0x0000_0100_0000_01b3
        hash ^= hash >> 29
      }
      for (left, argument) in one.arguments.enumerated() {
        for (right, another) in other.arguments.enumerated() {
          switch (argument, another) {
          case (.slot(let table, let index), .slot(let otherTable, let otherIndex)) where table == otherTable:
            mix(UInt64(left << 16 | right << 8 | (index == otherIndex ? 1 : 0)))
          case (.number(let value), .number(let otherValue))
          where withNumbers && (value > 1 || otherValue > 1):
            // Flags differ in the path that they make an operation take.
            mix(UInt64(bitPattern: value))
            mix(UInt64(bitPattern: otherValue))
          default: break
          }
        }
      }
      return hash
    }
    if first.entry != second.entry {
      return first.entry < second.entry ? digest(first, second) : digest(second, first)
    }
    return min(digest(first, second), digest(second, first))
  }

  static func key(_ kind: Int, _ entry: Int, _ words: UInt64...) -> UInt64 {
    var hash = FNV1a()
    hash.addWhole(Int64(kind), folds: true)
    hash.addWhole(Int64(entry), folds: true)
    for word in words { hash.addWhole(Int64(bitPattern: word), folds: true) }
    return hash.value
  }

  private static func key(_ kind: Int, _ first: Int, _ second: Int, _ word: UInt64) -> UInt64 {
    key(kind, first, UInt64(second), word)
  }

  private static func key(_ kind: Int, _ first: Int, _ path: UInt64, _ second: Int) -> UInt64 {
    key(kind, first, path, UInt64(second))
  }

  private static func key(
    _ kind: Int, _ first: Int, _ path: UInt64, _ second: Int, _ other: UInt64, _ pattern: UInt64
  ) -> UInt64 {
    key(kind, first, path, UInt64(second), other, pattern)
  }
}
