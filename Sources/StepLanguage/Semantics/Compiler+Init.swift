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
        var called: [Int] = []
        if instruction.opcode == .call { called = [Int(instruction.a)] }
        // Which driver's function it will be is not known here.
        if instruction.opcode == .callOps { called = callbacks(member: Int(instruction.c)) }
        functions += called.filter { $0 >= 0 && !functions.contains($0) }
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

  /// The functions that drivers put into a member of their ops, of whatever ops.
  private func callbacks(member: Int) -> [Int] {
    program.drivers.compactMap { driver in
      let members = program.ops[driver.ops].members
      guard members.indices.contains(member), members[member].parameters != nil,
        driver.members.indices.contains(member)
      else { return nil }
      return Int(driver.members[member]) - 1
    }
  }
}
