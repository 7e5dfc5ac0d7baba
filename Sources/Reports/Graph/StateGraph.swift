import Explorer
public import Machine
import StepLanguage

/// The complete graph of a scenario's states: every thread tried at every state, in every way in which its choices go.
///
/// It answers what a search for findings does not: what can still become of a state. States are in canonical form and told apart by digests of 128
/// bits; nothing is left out by a reduction of threads. A step at which something is found is gone on from, as a search does.
public final class StateGraph {
  /// Findings that are the same but for the numbers of objects and threads.
  private struct Kind: Hashable {
    var property: String
    var message: String

    init(_ finding: Finding) {
      property = finding.property.rawValue
      message = finding.message.filter { !$0.isNumber }
    }

    init(livelock finding: Finding) {
      property = finding.property.rawValue
      message = ""
    }
  }

  /// What can become of each state where some findings count as failure.
  private struct Judgement {
    var shares: [Double]
    var canEndWell: [Bool]
    var canFail: [Bool]
  }

  private struct Key: Hashable {
    var first: UInt64
    var second: UInt64
  }

  private let world: World
  private let machine: Machine
  private let canonicalizer: Canonicalizer
  private var numbers: [Key: Int32] = [:]
  private var starts: [Int] = [0]
  /// Where each step leads.
  private var edges: [Int32] = []
  /// What is found at each step, as an index of `found`; 0 for nothing.
  private var failures: [Int32] = []
  /// What is found where nobody can move, as an index of `found`.
  private var endings: [Int32] = []
  /// Sets of findings, each in rising order of their numbers; the first is empty.
  private var found: [[Int]] = [[]]
  private var foundNumbers: [[Int]: Int32] = [[]: 0]
  private var kinds: [Kind: Int] = [:]
  /// Whether everything was covered.
  public private(set) var isComplete = false
  /// How many states there are.
  public var stateCount: Int { endings.count }
  /// Made when first asked for; under nil where every finding counts.
  private var judgements: [Kind?: Judgement] = [:]

  /// Searches the graph.
  ///
  /// - Parameters:
  ///   - world: what runs.
  ///   - start: the state from which on; the world's initial one without it.
  ///   - maxStates: the most states; with more the graph is not complete and says nothing.
  ///   - trace: gets each step's instructions, one step after another; nil for none.
  ///   - isCancelled: asked now and then; where it says yes the graph is left as it is, not complete.
  public init(
    world: World, start: State? = nil, maxStates: Int = 1_000_000, trace: ((InstructionTrace) -> Void)? = nil,
    isCancelled: () -> Bool = { false }
  ) {
    self.world = world
    machine = Machine(world: world)
    canonicalizer = Canonicalizer(world: world)
    isComplete = search(start ?? machine.initialState(), maxStates, isCancelled, trace)
  }

  private func search(
    _ start: State, _ maxStates: Int, _ isCancelled: () -> Bool, _ trace: ((InstructionTrace) -> Void)?
  ) -> Bool {
    let log = trace.map { _ in InstructionTrace() }
    machine.trace = log
    defer { machine.trace = nil }
    var first = State.copy(of: start)
    canonicalizer.canonicalize(&first)
    _ = number(first)
    var layer = [first]
    var next: [State] = []
    var work = State.copy(of: first)
    while !layer.isEmpty {
      for state in layer {
        var count = 0
        for thread in world.threads.indices {
          for choice in 0..<machine.mayStep(thread, in: state) {
            machine.copy(from: state, to: &work)
            log?.clear()
            guard machine.step(thread, choice: choice, in: &work) != .notReady else { continue }
            if let log, let trace { trace(log) }
            count += 1
            failures.append(number(of: machine.hasFindings ? machine.findings : []))
            canonicalizer.canonicalize(&work)
            let known = numbers.count
            let to = number(work)
            edges.append(to)
            if Int(to) == known { next.append(work) }
          }
        }
        starts.append(edges.count)
        // Nobody can move: all are through, or they wait for one another.
        let end = count == 0 ? DeadlockCheck.finding(machine, state) : nil
        endings.append(number(of: end.map { [$0] } ?? []))
        if numbers.count > maxStates || machine.hasExceededLimit { return false }
        if endings.count & 1023 == 0, isCancelled() { return false }
      }
      layer = next
      next = []
    }
    return true
  }

  private func number(of findings: [Finding]) -> Int32 {
    guard !findings.isEmpty else { return 0 }
    var set: [Int] = []
    for finding in findings {
      let kind = Kind(finding)
      let number = kinds[kind] ?? kinds.count
      kinds[kind] = number
      if !set.contains(number) { set.append(number) }
    }
    set.sort()
    if let known = foundNumbers[set] { return known }
    foundNumbers[set] = Int32(found.count)
    found.append(set)
    return Int32(found.count - 1)
  }

  private func key(_ state: State) -> Key {
    Key(first: machine.hash(of: state), second: state.digest(in: world))
  }

  private func number(_ state: State) -> Int32 {
    let key = key(state)
    if let known = numbers[key] { return known }
    let new = Int32(numbers.count)
    numbers[key] = new
    return new
  }

  // MARK: What can become of a state

  /// - Parameter kind: what counts as failure; nil: whatever is found. A run that shows something else only ends well.
  private func judge(_ kind: Kind?) -> Judgement {
    let count = stateCount
    let wanted = kind.map { kinds[$0] ?? -1 }
    let isFailure = found.map { set in wanted.map { set.contains($0) } ?? !set.isEmpty }
    func own(_ state: Int) -> Range<Int> { starts[state]..<starts[state + 1] }
    var canEndWell = (0..<count).map { own($0).isEmpty && !isFailure[Int(endings[$0])] }
    var canFail = (0..<count).map { state in
      isFailure[Int(endings[state])] || own(state).contains { isFailure[Int(failures[$0])] }
    }
    var sources: [[Int32]] = Array(repeating: [], count: count)
    for state in 0..<count {
      for edge in own(state) where !isFailure[Int(failures[edge])] {
        sources[Int(edges[edge])].append(Int32(state))
      }
    }
    func spread(_ flags: inout [Bool]) {
      var pending = flags.indices.filter { flags[$0] }
      while let state = pending.popLast() {
        for source in sources[state] where !flags[Int(source)] {
          flags[Int(source)] = true
          pending.append(Int(source))
        }
      }
    }
    spread(&canEndWell)
    // What never ends fails, too, where that is what counts.
    if kind == nil || kind?.property == Property.livelock.rawValue {
      for state in 0..<count where !canEndWell[state] { canFail[state] = true }
    }
    spread(&canFail)
    var shares: [Double] = (0..<count).map { canEndWell[$0] || !canFail[$0] ? 0 : 1 }
    for _ in 0..<10_000 {
      var change = 0.0
      for state in stride(from: count - 1, through: 0, by: -1) where canEndWell[state] && canFail[state] {
        let own = own(state)
        guard !own.isEmpty else { continue }
        var sum = 0.0
        for edge in own { sum += isFailure[Int(failures[edge])] ? 1 : shares[Int(edges[edge])] }
        let share = sum / Double(own.count)
        change = max(change, abs(share - shares[state]))
        shares[state] = share
      }
      if change < 1e-9 { break }
    }
    return Judgement(shares: shares, canEndWell: canEndWell, canFail: canFail)
  }

  /// Whether any interleaving shows a finding of this kind, whatever the numbers of its objects and threads.
  public func shows(_ finding: Finding) -> Bool {
    finding.property == .livelock || kinds[Kind(finding)] != nil
  }

  /// Whether a finding is of the same kind as another.
  static func isSame(_ first: Finding, _ second: Finding) -> Bool { Kind(first) == Kind(second) }

  /// What can become of a state.
  public enum Outlook: String, Sendable {
    /// However it goes on, it ends well.
    case all
    /// It may still end well, and may not.
    case some
    /// However it goes on, something is found, or it never ends.
    case none
  }

  /// What can become of a state that the graph holds, and the share of its continuations that fail when each possible step is as likely as any
  /// other; nil for one that it does not hold.
  ///
  /// - Parameter finding: what counts as failure; nil: whatever is found.
  public func outlook(
    of state: State, for finding: Finding? = nil
  ) -> (outlook: Outlook, failing: Double)? {
    guard isComplete else { return nil }
    var copy = state
    canonicalizer.canonicalize(&copy)
    guard let number = numbers[key(copy)] else { return nil }
    let here = Int(number)
    // How a livelock is told differs from state to state.
    let kind = finding.map { $0.property == .livelock ? Kind(livelock: $0) : Kind($0) }
    let judgement = judgements[kind] ?? judge(kind)
    judgements[kind] = judgement
    guard judgement.canFail[here] else { return (.all, 0) }
    return (judgement.canEndWell[here] ? .some : .none, judgement.shares[here])
  }
}

extension State {
  static func copy(of state: State) -> State { state }
}
