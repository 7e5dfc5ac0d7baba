import Explorer
public import Machine
import StepLanguage

/// The complete graph of a scenario's states: every thread tried at every state, in every way in which its choices go.
///
/// It answers what a search for findings does not: what can still become of a state. States are in canonical form and told apart by digests of 128
/// bits; nothing is left out by a reduction of threads. A step at which something is found leads to failure, and is not gone on from.
public final class StateGraph {
  /// Where a step leads.
  struct Edge {
    /// The state's number; -1 for failure.
    var to: Int32
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
  private var edges: [Int32] = []
  /// States in which all threads are through.
  private var isGoodEnd: [Bool] = []
  /// Whether everything was covered.
  public private(set) var isComplete = false
  /// How many states there are.
  public var stateCount: Int { isGoodEnd.count }
  /// For each state the share of its continuations that fail; made when first asked for.
  private var shares: [Double] = []
  private var canEndWell: [Bool] = []
  private var canFail: [Bool] = []

  /// Searches the graph.
  ///
  /// - Parameters:
  ///   - world: what runs.
  ///   - maxStates: the most states; with more the graph is not complete and says nothing.
  ///   - trace: gets each step's instructions, one step after another; nil for none.
  public init(world: World, maxStates: Int = 1_000_000, trace: ((InstructionTrace) -> Void)? = nil) {
    self.world = world
    machine = Machine(world: world)
    canonicalizer = Canonicalizer(world: world)
    isComplete = search(maxStates, trace)
    if isComplete { judge() }
  }

  private func search(_ maxStates: Int, _ trace: ((InstructionTrace) -> Void)?) -> Bool {
    let log = trace.map { _ in InstructionTrace() }
    machine.trace = log
    defer { machine.trace = nil }
    var first = machine.initialState()
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
            if machine.hasFindings {
              edges.append(-1)
              continue
            }
            canonicalizer.canonicalize(&work)
            let known = numbers.count
            let found = number(work)
            edges.append(found)
            if Int(found) == known { next.append(work) }
          }
        }
        starts.append(edges.count)
        // Nobody can move: all are through, or they wait for one another.
        isGoodEnd.append(count == 0 && DeadlockCheck.finding(machine, state) == nil)
        if numbers.count > maxStates || machine.hasExceededLimit { return false }
      }
      layer = next
      next = []
    }
    return true
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

  private func judge() {
    let count = stateCount
    canEndWell = isGoodEnd
    canFail = (0..<count).map { state in
      let own = edges[starts[state]..<starts[state + 1]]
      return own.contains(-1) || (own.isEmpty && !isGoodEnd[state])
    }
    var sources: [[Int32]] = Array(repeating: [], count: count)
    for state in 0..<count {
      for edge in edges[starts[state]..<starts[state + 1]] where edge >= 0 {
        sources[Int(edge)].append(Int32(state))
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
    // What never ends fails, too.
    for state in 0..<count where !canEndWell[state] { canFail[state] = true }
    spread(&canFail)
    shares = (0..<count).map { canEndWell[$0] ? 0 : 1 }
    for _ in 0..<10_000 {
      var change = 0.0
      for state in stride(from: count - 1, through: 0, by: -1) where canEndWell[state] && canFail[state] {
        let own = edges[starts[state]..<starts[state + 1]]
        guard !own.isEmpty else { continue }
        let share = own.reduce(0.0) { $0 + ($1 < 0 ? 1 : shares[Int($1)]) } / Double(own.count)
        change = max(change, abs(share - shares[state]))
        shares[state] = share
      }
      if change < 1e-9 { break }
    }
  }

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
  /// other; nil for one that it does not hold, such as one behind a finding.
  public func outlook(of state: State) -> (outlook: Outlook, failing: Double)? {
    guard isComplete else { return nil }
    var copy = state
    canonicalizer.canonicalize(&copy)
    guard let number = numbers[key(copy)] else { return nil }
    let here = Int(number)
    return (!canEndWell[here] ? .none : canFail[here] ? .some : .all, shares[here])
  }
}

extension State {
  fileprivate static func copy(of state: State) -> State { state }
}
