import StepLanguage

/// Which branches decide whether an instruction runs (Ferrante, Ottenstein and Warren, "The program dependence graph and its use in
/// optimization", TOPLAS 9(3), 1987), function by function, made when first asked for.
final class ControlDependence {
  private let program: Program
  /// Where the code of each function begins, in rising order, and behind the last the end of the code.
  private let starts: [Int]
  private var known: [Int: [[Int]]] = [:]

  init(program: Program) {
    self.program = program
    starts = (program.functions.map(\.address) + [program.code.count]).sorted()
  }

  /// The addresses of the branches that decide whether the instruction at an address runs once its function was called.
  func branches(deciding address: Int) -> [Int] {
    var low = 0
    var high = starts.count - 1
    guard high > 0, address >= starts[0] else { return [] }
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= address { low = middle } else { high = middle }
    }
    let start = starts[low]
    if known[start] == nil { known[start] = Self.branches(program.code, start..<starts[low + 1]) }
    return known[start]?[address - start] ?? []
  }

  /// For each instruction of a function the branches on which it depends.
  private static func branches(_ code: [Instruction], _ range: Range<Int>) -> [[Int]] {
    let count = range.count
    func successors(_ node: Int) -> [Int] {
      let instruction = code[range.lowerBound + node]
      let next = node + 1 < count ? [node + 1] : []
      let target =
        instruction.jumpTarget.map { [$0 - range.lowerBound] }?.filter { (0..<count).contains($0) } ?? []
      switch instruction.opcode.control {
      case .jump: return target
      case .branch: return target + next
      case .goBack, .end: return []
      case .next, .call, .callback: return next
      }
    }
    let words = (count + 63) / 64
    let full = [UInt64](repeating: .max, count: words)
    // What comes behind each instruction on every path to a return.
    var behind = [[UInt64]](repeating: full, count: count)
    var changed = true
    while changed {
      changed = false
      for node in stride(from: count - 1, through: 0, by: -1) {
        let next = successors(node)
        var set = next.isEmpty ? [UInt64](repeating: 0, count: words) : full
        for other in next { for word in 0..<words { set[word] &= behind[other][word] } }
        set[node >> 6] |= 1 << UInt64(node & 63)
        if set != behind[node] {
          behind[node] = set
          changed = true
        }
      }
    }
    func isBehind(_ node: Int, _ other: Int) -> Bool {
      behind[node][other >> 6] >> UInt64(other & 63) & 1 != 0
    }
    var result = [[Int]](repeating: [], count: count)
    for branch in 0..<count {
      let next = successors(branch)
      guard next.count == 2 else { continue }
      for node in 0..<count
      where next.contains(where: { isBehind($0, node) }) && (node == branch || !isBehind(branch, node)) {
        result[node].append(range.lowerBound + branch)
      }
    }
    return result
  }
}
