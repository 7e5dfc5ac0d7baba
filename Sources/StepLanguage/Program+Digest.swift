extension Program {
  /// A 64-bit digest of what the program does (FNV-1a over instructions, constants, types and names), the same in every process.
  ///
  /// Comments and titles of a model may change without changing it.
  public var digest: UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func add(_ value: Int64) {
      var bits = UInt64(bitPattern: value)
      for _ in 0..<8 {
        hash = (hash ^ (bits & 0xFF)) &* 0x0000_0100_0000_01b3
        bits >>= 8
      }
    }
    func add(_ text: String) {
      for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
      add(-1)
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
    return hash
  }
}
