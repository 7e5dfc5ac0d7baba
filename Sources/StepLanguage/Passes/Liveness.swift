/// Finds, for each place where a thread can rest, the locals that nothing will read any more.
///
/// Two states that differ in such locals only behave alike, so the machine clears them: then they are the same state, and a search sees
/// one where there would be several. Dead is what every way onward writes before it reads, or never reads (live-variable analysis; Aho, Lam,
/// Sethi, Ullman, "Compilers", 9.2.5). Of those only the ones that may hold something need clearing, which a second pass, forward, tells.
struct Liveness {
  private let code: [Instruction]
  private let range: Range<Int>
  private let words: Int
  /// What is read after a return: the parameters that are stored then.
  private let atExit: [UInt64]
  /// For each address of the function what is live before it.
  private var live: [[UInt64]]
  /// For each address of the function what may hold something else than zero before it.
  private var written: [[UInt64]]

  /// Analyses the function at these addresses.
  init(code: [Instruction], range: Range<Int>, function: Function, storedParameters: [Int]) {
    self.code = code
    self.range = range
    words = (function.locals.count + 63) / 64
    let none = [UInt64](repeating: 0, count: words)
    var exit = none
    for parameter in storedParameters { Self.insert(parameter, into: &exit) }
    atExit = exit
    live = Array(repeating: none, count: range.count)
    written = live
    findLive()
    if !range.isEmpty {
      for parameter in 0..<function.parameterCount { Self.insert(parameter, into: &written[0]) }
    }
    findWritten()
  }

  /// The locals that nothing reads any more where a thread rests, calls, or leaves a system call at this address.
  func dead(at address: Int, of count: Int) -> [Int] {
    let live = liveWhenResting(at: address)
    return (0..<count).filter { !Self.contains($0, live) }
  }

  /// Those of them that may hold something.
  func cleared(at address: Int, of count: Int) -> [Int] {
    dead(at: address, of: count).filter { Self.contains($0, written[address - range.lowerBound]) }
  }

  private func liveWhenResting(at address: Int) -> [UInt64] {
    let instruction = code[address]
    if instruction.opcode == .returnValue { return atExit }
    guard instruction.opcode == .call || instruction.opcode == .callOps else {
      return live[address - range.lowerBound]
    }
    // The arguments are handed over already, and the result is still to come.
    var live = liveAfter(address)
    if let result = Self.effect(of: instruction).writes { Self.remove(result, from: &live) }
    return live
  }

  private mutating func findLive() {
    var hasChanged = true
    while hasChanged {
      hasChanged = false
      for address in range.reversed() {
        var now = liveAfter(address)
        let effect = Self.effect(of: code[address])
        if let local = effect.writes { Self.remove(local, from: &now) }
        for local in effect.reads { Self.insert(local, into: &now) }
        if now != live[address - range.lowerBound] {
          live[address - range.lowerBound] = now
          hasChanged = true
        }
      }
    }
  }

  private func liveAfter(_ address: Int) -> [UInt64] {
    var result = [UInt64](repeating: 0, count: words)
    if code[address].opcode == .returnValue { return atExit }
    for next in successors(of: address) {
      for word in 0..<words { result[word] |= live[next - range.lowerBound][word] }
    }
    return result
  }

  private mutating func findWritten() {
    var hasChanged = true
    while hasChanged {
      hasChanged = false
      for address in range {
        var after = written[address - range.lowerBound]
        let instruction = code[address]
        if [.step, .call, .callOps].contains(instruction.opcode) {
          let live = liveWhenResting(at: address)
          for word in 0..<words { after[word] &= live[word] }
        }
        if let local = Self.effect(of: instruction).writes { Self.insert(local, into: &after) }
        for next in successors(of: address) {
          for word in 0..<words where after[word] & ~written[next - range.lowerBound][word] != 0 {
            written[next - range.lowerBound][word] |= after[word]
            hasChanged = true
          }
        }
      }
    }
  }

  private func successors(of address: Int) -> [Int] {
    let instruction = code[address]
    var next: [Int] = instruction.jumpTarget.map { [$0] } ?? []
    if ![.jump, .returnValue, .finishEntry].contains(instruction.opcode) { next.append(address + 1) }
    return next.filter { range.contains($0) }
  }

  /// The locals that an instruction reads, and the one that it writes.
  private static func effect(of instruction: Instruction) -> (reads: [Int], writes: Int?) {
    // Negative operands are temporaries, which do not outlive a step, or say that there is no result.
    return (
      instruction.reads.filter { $0 >= 0 }.map { Int($0) },
      instruction.writes.flatMap { $0 >= 0 ? Int($0) : nil }
    )
  }

  private static func contains(_ local: Int, _ set: [UInt64]) -> Bool {
    set[local / 64] & (1 << UInt64(local % 64)) != 0
  }

  private static func insert(_ local: Int, into set: inout [UInt64]) {
    set[local / 64] |= 1 << UInt64(local % 64)
  }

  private static func remove(_ local: Int, from set: inout [UInt64]) {
    set[local / 64] &= ~(1 << UInt64(local % 64))
  }
}
