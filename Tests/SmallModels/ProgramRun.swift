import Machine
public import StepLanguage

/// Steps any program that compiles, whatever it is: threads are made of its entries, and numbers decide who goes next.
///
/// After each step the state must have the form that states have, for as long as nothing was found wrong with its memory and counts.
public struct ProgramRun {
  /// What is wrong with the first state that has a wrong form.
  public struct Defect: Error, CustomStringConvertible {
    /// What it is, and after how many steps.
    public let description: String
  }

  private let world: World
  private var state: UInt64

  /// A run of a program.
  ///
  /// - Parameter seed: decides on threads, arguments and the schedule.
  public init(program: Program, seed: UInt64) {
    var state = seed &* 0x9e37_79b9_7f4a_7c15 | 1
    func random(_ bound: Int) -> Int {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Int(state % UInt64(bound))
    }
    let source = SourceFile(name: "run.ops", text: "")
    var threads: [World.Thread] = []
    for number in 0..<3 {
      var operations: [Operation] = []
      for _ in 0..<(program.entries.isEmpty ? 0 : 1 + random(4)) {
        let entry = program.entries[random(program.entries.count)]
        let words = entry.parameters.compactMap { parameter -> String? in
          guard parameter.from == nil else { return nil }
          switch parameter.kind {
          case .int, .unsigned: return ["0", "1", "0x1000", "18446744073709551615", "-1", "63"][random(6)]
          case .flag: return random(2) == 0 ? nil : parameter.name
          case .slot(let table): return "\(program.slots[table].letter)\([0, 1, 2, 63][random(4)])"
          }
        }
        let line = OperationLine(([entry.name] + words).joined(separator: " "))
        if let operation = try? Operation(line, program: program, source: source) { operations.append(operation) }
      }
      threads.append(World.Thread(name: "T\(number)", operations: operations))
    }
    world = World(program: program, threads: threads, allowsFaults: seed % 2 == 0)
    self.state = state
  }

  /// Takes so many steps at most.
  ///
  /// - Returns: how many were taken.
  /// - Throws: `Defect`.
  @discardableResult
  public mutating func run(steps: Int) throws -> Int {
    let machine = Machine(world: world)
    var current = machine.initialState()
    let canonicalizer = Canonicalizer(world: world)
    try check(machine, current, 0)
    var taken = 0
    while taken < steps, !machine.hasExceededLimit {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let first = Int(state >> 33) % world.threads.count
      guard
        let thread = (0..<world.threads.count).map({ (first + $0) % world.threads.count })
          .first(where: { machine.mayStep($0, in: current) > 0 })
      else { break }
      let choices = machine.mayStep(thread, in: current)
      guard machine.step(thread, choice: Int(state >> 20) % choices, in: &current) != .notReady else { break }
      taken += 1
      // Where memory or counts are broken, a kernel's would be, too.
      if machine.findings.contains(where: { Self.breaks.contains($0.property.rawValue) }) { return taken }
      if machine.hasExceededLimit { return taken }
      if taken % 7 == 0 { canonicalizer.canonicalize(&current) }
      try check(machine, current, taken)
    }
    return taken
  }

  private static let breaks: Set<String> = [
    "use-after-free", "double-free", "null-dereference", "refcount-underflow", "refcount-resurrect", "livelock", "warn",
    "lock-imbalance", "invariant",
  ]

  private func check(_ machine: Machine, _ state: State, _ steps: Int) throws {
    guard !machine.hasExceededLimit, !machine.hasFindings else { return }
    let defects = machine.defects(of: state)
    if let first = defects.first { throw Defect(description: "after \(steps) steps: \(first)") }
  }
}
