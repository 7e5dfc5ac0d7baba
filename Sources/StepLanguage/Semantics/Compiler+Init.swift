import Basics

extension Compiler {
  /// `init` runs once, alone and in one way, so what is tried in several ways or runs at the end of a system call has no place in it, or in what it
  /// calls.
  mutating func checkInit() {
    guard let initial = program.initialFunction else { return }
    let starts = program.functions.map(\.address).sorted()
    var functions = [initial]
    var position = 0
    while position < functions.count {
      let start = program.functions[functions[position]].address
      position += 1
      let end = starts.first { $0 > start } ?? program.code.count
      for address in start..<end {
        let instruction = program.code[address]
        if instruction.opcode == .call, !functions.contains(Int(instruction.a)) {
          functions.append(Int(instruction.a))
        }
        guard instruction.opcode == .choose || instruction.opcode == .taskWork else { continue }
        let statement = Int(program.places[address])
        let span =
          program.statements.indices.contains(statement)
          ? program.statements[statement].span : program.functions[initial].span
        complain(
          instruction.opcode == .choose
            ? "'init' runs in one way only, so nothing is chosen in it; let an entry choose, or write a model for each"
            : "'init' is no system call, so it has no task work; call the function, or leave the work to an entry",
          at: span)
      }
    }
  }
}
