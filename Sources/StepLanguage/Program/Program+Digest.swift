import Basics

extension Program {
  /// A 64-bit digest of what the program does (FNV-1a over instructions, constants, types and names), the same in every process.
  ///
  /// Comments and titles of a model may change without changing it.
  public var digest: UInt64 {
    var hash = FNV1a()
    func add(_ value: Int64) { hash.add(value) }
    func add(_ text: String) {
      hash.add(text.utf8)
      hash.add(-1 as Int64)
    }
    for instruction in code {
      add(Int64(instruction.opcode.rawValue))
      for operand in [instruction.a, instruction.b, instruction.c, instruction.d] { add(Int64(operand)) }
    }
    for constant in constants { add(constant) }
    for type in types {
      add(type.name)
      for field in type.fields {
        add(field.name)
        add(Int64(field.offset))
      }
    }
    for entry in entries { add(entry.name) }
    for slot in slots {
      add(slot.name)
      add(slot.initial)
    }
    for driver in drivers {
      add(driver.name)
      for member in driver.members { add(member) }
    }
    return hash.value
  }
}
