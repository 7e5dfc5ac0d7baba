/// A type of whole numbers in C.
struct CNumber: Hashable, Sendable {
  /// How wide it is: 8, 16, 32 or 64.
  var bits: Int
  /// Whether it has a sign.
  var isSigned: Bool
  /// Whether the C text tells it; not so for what only the model names.
  var isKnown = true

  static let int = CNumber(bits: 32, isSigned: true)
  static let unsignedInt = CNumber(bits: 32, isSigned: false)
  static let long = CNumber(bits: 64, isSigned: true)
  static let unsignedLong = CNumber(bits: 64, isSigned: false)
  /// What a number is that the model has as `int`: C does not tell how wide it is there.
  static let modelInt = CNumber(bits: 32, isSigned: true, isKnown: false)
  /// What a number is that the model has as `u64`.
  static let modelUnsigned = CNumber(bits: 64, isSigned: false, isKnown: false)

  /// The type of a name such as `unsigned int`, `u32` or `long unsigned int`, on a machine of 64 bits.
  init?(name: String) {
    switch name {
    case "size_t", "u64", "__u64", "uint64_t", "dma_addr_t", "phys_addr_t", "ulong", "uintptr_t", "pgoff_t":
      self = .unsignedLong
    case "u32", "__u32", "uint32_t", "uint": self = .unsignedInt
    case "u16", "__u16", "uint16_t", "ushort": self.init(bits: 16, isSigned: false)
    case "u8", "__u8", "uint8_t": self.init(bits: 8, isSigned: false)
    case "s64", "__s64", "int64_t", "ssize_t", "loff_t", "ptrdiff_t", "intptr_t", "ktime_t": self = .long
    case "s32", "__s32", "int32_t", "pid_t": self = .int
    case "s16", "__s16", "int16_t": self.init(bits: 16, isSigned: true)
    case "s8", "__s8", "int8_t": self.init(bits: 8, isSigned: true)
    default:
      let words = name.split(separator: " ")
      let known: Set<Substring> = ["unsigned", "signed", "int", "long", "short", "char"]
      guard !words.isEmpty, words.allSatisfy(known.contains) else { return nil }
      let isSigned = !words.contains("unsigned")
      if words.contains("char") {
        // A plain char has no sign in the kernel, since 6.2.
        self.init(bits: 8, isSigned: words.contains("signed"))
      } else if words.contains("short") {
        self.init(bits: 16, isSigned: isSigned)
      } else {
        self.init(bits: words.contains("long") ? 64 : 32, isSigned: isSigned)
      }
    }
  }

  init(bits: Int, isSigned: Bool, isKnown: Bool = true) {
    self.bits = bits
    self.isSigned = isSigned
    self.isKnown = isKnown
  }

  /// What arithmetic makes of it: nothing is narrower than an int there.
  var promoted: CNumber { bits < 32 ? CNumber(bits: 32, isSigned: true, isKnown: isKnown) : self }

  /// The type in which two numbers are added, compared and so on.
  static func common(_ one: CNumber, _ other: CNumber) -> CNumber {
    let (first, second) = (one.promoted, other.promoted)
    let isKnown = one.isKnown && other.isKnown
    if first.bits != second.bits {
      let wider = first.bits > second.bits ? first : second
      return CNumber(bits: wider.bits, isSigned: wider.isSigned, isKnown: isKnown)
    }
    return CNumber(bits: first.bits, isSigned: first.isSigned && second.isSigned, isKnown: isKnown)
  }

  /// The values that it can have, as far as they fit in 64 bits with a sign; nil for 64 bits without one.
  var range: ClosedRange<Int64>? {
    if bits == 64 { return isSigned ? Int64.min...Int64.max : nil }
    return isSigned ? -(1 << (bits - 1))...(1 << (bits - 1)) - 1 : 0...(1 << bits) - 1
  }

  /// All its bits, as a number.
  var mask: Int64 { bits == 64 ? -1 : (1 << bits) - 1 }

  /// What a number becomes when it is converted to this type, by its 64 bits.
  func wrapped(_ value: Int64) -> Int64 {
    guard bits < 64 else { return value }
    let low = value & mask
    return isSigned && low >> (bits - 1) != 0 ? low - (1 << bits) : low
  }

  /// The number in the step language.
  func text(_ value: Int64) -> String {
    !isSigned && value < 0 ? String(UInt64(bitPattern: value)) : String(value)
  }
}
