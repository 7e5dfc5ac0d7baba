import Basics
import Explorer
import Machine
import StepLanguage
import Testing

@testable import KernelC

/// Numbers are as wide as C has them.
struct NumberTests {
  private func body(_ text: String, table: String = "") throws -> [String] {
    try lines("int work(struct box *box)\n{\n\(text)\n}\n", table: table)
  }

  /// Whether a condition of C holds when the machine runs it.
  private func holds(_ statements: String, _ condition: String, before: String = "") throws -> Bool {
    let text =
      "\(before)int work(struct box *box)\n{\n\(statements)\n if (\(condition))\n  return 0;\n return -EINVAL;\n}\n"
    let translation = try translate(text)
    try #require(translation.diagnostics.map(\.rendered) == [], "\(text)")
    let program = try library.program(try toy(), translations: translation.texts)
    let scenario = try library.scenarios(
      from: SourceFile(
        name: "s.step", text: "scenario s \"s\" {\n model toy\n thread T1 {\n run = 0 0\n }\n}\n"))[0]
    let words = try verdict(program, scenario)
    try #require(words == ["holds"] || words == ["unexpected-result"], "\(words)\n\(text)")
    return words == ["holds"]
  }

  @Test func numbersOf32BitsWrap() throws {
    #expect(try holds(" u32 x = 0;\n x--;", "x == 4294967295u && x > 5"))
    #expect(try holds(" u32 x = 4294967295u;\n x += 2;", "x == 1"))
    #expect(try holds(" int x = 2147483647;\n int y = x + 1;", "y < 0 && y == -2147483647 - 1"))
    #expect(try holds(" u8 x = 250;\n x += 10;", "x == 4"))
    #expect(try holds(" u16 x = 0;\n x -= 1;", "x == 65535"))
    #expect(try holds(" s8 x = 127;\n x++;", "x == -128"))
    #expect(try holds(" unsigned int a = 65536, b = 65536;", "a * b == 0"))
    #expect(try holds(" unsigned long a = 65536, b = 65536;", "a * b == 4294967296"))
  }

  @Test func castsCutAndExtend() throws {
    #expect(
      try holds(" u64 x = 0x1234567890ULL;", "(u32)x == 0x34567890 && (u8)x == 0x90 && (s8)x == (s8)0x90"))
    #expect(try holds(" u64 x = 0xffffffffUL;\n int y = x;", "y == -1 && (u64)y == ULONG_MAX"))
    #expect(try holds(" int x = -1;", "(unsigned int)x == 0xffffffffu && (unsigned long)x > 0xffffffffUL"))
    #expect(try holds(" u32 x = 0xffffffff;\n long y = x;", "y > 0 && y == 4294967295"))
  }

  @Test func narrowNumbersAreIntsInArithmetic() throws {
    #expect(try holds(" u8 a = 200, b = 100;", "a + b == 300 && (u8)(a + b) == 44"))
    #expect(try holds(" u8 a = 1;", "a - 2 < 0 && ~a < 0"))
    #expect(try holds(" u32 a = 1;", "a - 2 > 0 && ~a > 0"))
    // An int beside an unsigned int has no sign any more.
    #expect(try holds(" int a = -1;\n u32 b = 1;", "a > b"))
    #expect(try holds(" int a = -1;\n u16 b = 1;", "a < b"))
    #expect(try holds(" long a = -1;\n u32 b = 1;", "a < b"))
    #expect(try holds(" long a = -1;\n unsigned long b = 1;", "a > b"))
  }

  @Test func constantsHaveTypes() throws {
    #expect(try holds("", "0xffffffff > 0 && -1 > 0u && -1 < 0 && 1 << 31 < 0 && 1u << 31 > 0"))
    #expect(try holds("", "~0u == 4294967295 && ~0UL == ULONG_MAX && 1UL << 40 == 1099511627776"))
    #expect(try holds("", "sizeof(u32) == 4 && sizeof(int) - 5 > 0 && sizeof(void *) == 8"))
    #expect(
      try messages("int work(struct box *box)\n{\n return 1 << 32;\n}\n") == [
        "3:9: a number of 32 bits is shifted by 32; C does not say what that is"
      ])
  }

  @Test func whatOnlyCountsNeedsNoCutting() throws {
    #expect(
      try body(" int i;\n for (i = 0; i < 3; i++)\n  box->total = i;\n return 0;").contains("  i += 1"))
    #expect(try body(" unsigned int tries = 0;\n tries++;\n return tries > 5;").contains("tries += 1"))
    #expect(
      try body(" unsigned int left = 0;\n left--;\n return left > 5;").contains {
        $0.contains("& 4294967295")
      })
    // 256 rounds are not many.
    #expect(
      try body(" u8 i;\n for (i = 0; i < 3; i++)\n  box->total = i;\n return 0;").contains {
        $0.contains("& 255")
      })
  }

  @Test func theFilesDeclarationsTellHowWideMembersAre() throws {
    let text =
      "struct item {\n\tstruct item *next;\n\tu32 value, other;\n\tu8 mode:3;\n};\nint work(struct box *box)\n{\n box->head->value--;\n return 0;\n}\n"
    #expect(
      try lines(text) == [
        "let t1 = box.head", "let t2 = t1.value", "t1.value = ((t2 - 1) & 4294967295)", "return 0",
      ])
    #expect(try translate(text).notes == [])
    // Without it the model's width counts, and that is said.
    let bare = "int work(struct box *box)\n{\n box->head->value--;\n return 0;\n}\n"
    #expect(
      try translate(bare).notes == [
        "assumed: toy.c:3: numbers that this file does not declare are as wide as in the model: value"
      ])
  }

  @Test func sumsThatOverflowTheirType() throws {
    #expect(
      try holds(
        " u32 a = 4294967295u, sum;\n bool over = check_add_overflow(a, 2u, &sum);", "over && sum == 1"))
    #expect(
      try holds(" u8 a = 200, sum;\n bool over = check_add_overflow(a, 55, &sum);", "!over && sum == 255"))
    #expect(
      try holds(" int a = 2147483647, sum;\n bool over = check_add_overflow(a, 1, &sum);", "over && sum < 0"))
    #expect(
      try holds(
        " unsigned long a = ULONG_MAX, sum;\n bool over = check_add_overflow(a, 2UL, &sum);",
        "over && sum == 1"))
  }

  @Test func aTypeAmongTheArgumentsIsThatOfTheOthers() throws {
    #expect(try holds(" u64 a = 0x100000001UL;", "min_t(u32, a, 5) == 1 && max_t(u32, a, 5) == 5"))
  }

  // MARK: Against another reading of the standard

  /// A value with its type, and what C makes of it: written once more, by other means than the translation's.
  private struct Value {
    var bits: Int
    var isSigned: Bool
    var value: Int128

    init(_ bits: Int, _ isSigned: Bool, _ raw: Int128) {
      self.bits = bits
      self.isSigned = isSigned
      let modulus = Int128(1) << Int128(bits)
      var rest = raw % modulus
      if rest < 0 { rest += modulus }
      value = isSigned && rest >= modulus / 2 ? rest - modulus : rest
    }

    func converted(_ bits: Int, _ isSigned: Bool) -> Value { Value(bits, isSigned, value) }
    var promoted: Value { bits < 32 ? converted(32, true) : self }

    static func both(_ a: Value, _ b: Value) -> (Value, Value) {
      let (x, y) = (a.promoted, b.promoted)
      let bits = max(x.bits, y.bits)
      let isUnsigned = (x.bits == bits && !x.isSigned) || (y.bits == bits && !y.isSigned)
      return (x.converted(bits, !isUnsigned), y.converted(bits, !isUnsigned))
    }
  }

  private static let types: [(name: String, bits: Int, isSigned: Bool)] = [
    ("u8", 8, false), ("s8", 8, true), ("u16", 16, false), ("s16", 16, true), ("u32", 32, false),
    ("int", 32, true),
    ("unsigned long", 64, false), ("long", 64, true), ("u64", 64, false), ("unsigned int", 32, false),
  ]

  private struct Writer {
    var random: SplitMix64
    var variables: [(name: String, value: Value)] = []

    mutating func draw(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }

    /// A number near the ends of the types, or any.
    mutating func number() -> Int128 {
      let edges: [Int128] = [
        0, 1, 2, 127, 128, 255, 256, 32767, 65535, 2_147_483_647, 2_147_483_648, 4_294_967_295,
      ]
      if draw(3) > 0 { return edges[draw(edges.count)] }
      return Int128(random.next() >> UInt64(draw(64)))
    }

    mutating func expression(_ depth: Int) -> (text: String, value: Value) {
      if depth == 0 || draw(6) == 0 {
        if draw(3) > 0 {
          let one = variables[draw(variables.count)]
          return (one.name, one.value)
        }
        let value = number()
        let isUnsigned = draw(2) == 0
        let isLong = draw(2) == 0
        let text = "\(value)\(isUnsigned ? "u" : "")\(isLong ? "l" : "")"
        let bits = isLong || value > (isUnsigned ? 4_294_967_295 : 2_147_483_647) ? 64 : 32
        if !isUnsigned, value > Int128(Int64.max) { return ("0", Value(32, true, 0)) }
        return (text, Value(bits, !isUnsigned, value))
      }
      switch draw(9) {
      case 0:
        let (text, value) = expression(depth - 1)
        let type = NumberTests.types[draw(NumberTests.types.count)]
        return ("(\(type.name))(\(text))", value.converted(type.bits, type.isSigned))
      case 1:
        let (text, value) = expression(depth - 1)
        let own = value.promoted
        return draw(2) == 0
          ? ("-(\(text))", Value(own.bits, own.isSigned, -own.value))
          : ("~(\(text))", Value(own.bits, own.isSigned, -1 - own.value))
      case 2:
        let (text, value) = expression(depth - 1)
        let own = value.promoted
        let count = draw(own.bits)
        return draw(2) == 0
          ? ("(\(text)) << \(count)", Value(own.bits, own.isSigned, own.value << Int128(count)))
          : ("(\(text)) >> \(count)", Value(own.bits, own.isSigned, own.value >> Int128(count)))
      case 3:
        let (left, a) = expression(depth - 1)
        let (right, b) = expression(depth - 1)
        let (x, y) = Value.both(a, b)
        let symbols = ["<", ">", "<=", ">=", "==", "!="]
        let symbol = symbols[draw(symbols.count)]
        let truth =
          switch symbol {
          case "<": x.value < y.value
          case ">": x.value > y.value
          case "<=": x.value <= y.value
          case ">=": x.value >= y.value
          case "==": x.value == y.value
          default: x.value != y.value
          }
        return ("((\(left)) \(symbol) (\(right)))", Value(32, true, truth ? 1 : 0))
      case 4:
        let (test, which) = expression(depth - 1)
        let (left, a) = expression(depth - 1)
        let (right, b) = expression(depth - 1)
        let (x, y) = Value.both(a, b)
        return ("((\(test)) ? (\(left)) : (\(right)))", which.value != 0 ? x : y)
      case 5:
        // The divisor is no zero, and not -1, which the type's lowest number has no answer to.
        let (left, a) = expression(depth - 1)
        let divisor = Int128(3 + draw(1000))
        let (x, y) = Value.both(a, Value(32, true, divisor))
        return draw(2) == 0
          ? ("(\(left)) / \(divisor)", Value(x.bits, x.isSigned, x.value / y.value))
          : ("(\(left)) % \(divisor)", Value(x.bits, x.isSigned, x.value % y.value))
      default:
        let (left, a) = expression(depth - 1)
        let (right, b) = expression(depth - 1)
        let (x, y) = Value.both(a, b)
        let symbols = ["+", "-", "*", "&", "|", "^"]
        let symbol = symbols[draw(symbols.count)]
        let mask = (Int128(1) << 64) - 1
        let raw: Int128 =
          switch symbol {
          case "+": x.value + y.value
          case "-": x.value - y.value
          case "*": (x.value & mask).multipliedReportingOverflow(by: y.value & mask).partialValue
          case "&": x.value & y.value
          case "|": x.value | y.value
          default: x.value ^ y.value
          }
        return ("(\(left)) \(symbol) (\(right))", Value(x.bits, x.isSigned, raw))
      }
    }
  }

  @Test func arithmeticIsThatOfC() throws {
    for seed in 0..<60 as Range<UInt64> {
      var writer = Writer(random: SplitMix64(seed: seed))
      var text = ""
      for index in 0..<5 {
        let type = Self.types[writer.draw(Self.types.count)]
        let value = Value(type.bits, type.isSigned, writer.number())
        writer.variables.append(("v\(index)", value))
        text += " \(type.name) v\(index) = (\(type.name))\(UInt64(truncatingIfNeeded: value.value))ul;\n"
      }
      var conditions: [String] = []
      for index in 0..<8 {
        let type = Self.types[writer.draw(Self.types.count)]
        let (expression, value) = writer.expression(3)
        let result = value.converted(type.bits, type.isSigned)
        text += " \(type.name) r\(index) = \(expression);\n"
        conditions.append("r\(index) == (\(type.name))\(UInt64(truncatingIfNeeded: result.value))ul")
      }
      for condition in conditions { #expect(try holds(text, condition), "\(seed): \(condition)\n\(text)") }
    }
  }
}
