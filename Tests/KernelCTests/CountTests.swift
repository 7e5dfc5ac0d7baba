import Basics
import StepLanguage
import Testing

@testable import KernelC

/// Statements in and out: whatever the C text is made of, each of its statements is in the translation, or told as one
/// that nothing reaches.
struct CountTests {
  /// Makes functions of numbered statements, and counts them on the way.
  private struct Writer {
    var random: SplitMix64
    var text = ""
    var statements = 0
    /// The numbers that are stored, in order.
    var numbers: [Int] = []
    var loops = 0
    var labels: [String] = []
    var wantsTail = false

    mutating func draw(_ bound: UInt64) -> UInt64 { random.next() % bound }

    mutating func store() {
      let number = 1000 + numbers.count
      numbers.append(number)
      statements += 1
      text += "box->total = \(number);\n"
    }

    mutating func condition() -> String {
      switch draw(6) {
      case 0: "box->total"
      case 1: "box->head && box->total > 3"
      case 2: "!box->head || box->spare == box->head"
      case 3: "box->total == 4 ? box->head != NULL : box->spare != NULL"
      case 4: "WARN_ON(box->total == 9)"
      default: "refcount_read(&box->head->users) == 1"
      }
    }

    mutating func block(_ depth: Int) {
      text += "{\n"
      let count = 1 + draw(3)
      for _ in 0..<count { statement(depth + 1) }
      text += "}\n"
    }

    /// A statement with all that it governs; a block in braces counts as one, too.
    mutating func statement(_ depth: Int) {
      guard depth < 4 else {
        store()
        return
      }
      switch draw(12) {
      case 0, 1:
        statements += 2
        text += "if (\(condition())) "
        block(depth)
        if draw(2) == 0 {
          statements += 1
          text += "else "
          block(depth)
        }
      case 2:
        statements += 2
        text += "while (\(condition())) "
        loops += 1
        block(depth)
        loops -= 1
      case 3:
        statements += 2
        text += "do "
        loops += 1
        block(depth)
        loops -= 1
        text += "while (\(condition()));\n"
      case 4:
        statements += 3
        text += "for (i = 0; i < 3; i++) "
        loops += 1
        block(depth)
        loops -= 1
      case 5:
        statements += 2
        text += "xa_for_each(&box->items, index, item) "
        loops += 1
        block(depth)
        loops -= 1
      case 6:
        statements += 2
        text += "scoped_guard(mutex, &box->lock) "
        block(depth)
      case 7:
        statements += 1
        text += "switch (box->total) {\n"
        let cases = 1 + draw(3)
        for number in 0..<cases {
          text += "case \(number):\n"
          statement(depth + 1)
          if draw(3) > 0 {
            statements += 1
            text += "break;\n"
          }
        }
        text += "default:\n"
        store()
        text += "}\n"
      case 8 where loops > 0:
        statements += 3
        text += "if (\(condition())) { \(draw(2) == 0 ? "break" : "continue"); }\n"
      case 9:
        statements += 3
        wantsTail = true
        text += "if (\(condition())) { goto out; }\n"
      case 10:
        statements += 3
        text += "if (\(condition())) { return \(draw(9)); }\n"
      default: store()
      }
    }

    mutating func function() -> String {
      statements = 3
      text = "int work(struct box *box)\n{\nint i;\nunsigned long index;\nstruct item *item;\n"
      for _ in 0..<(2 + draw(5)) { statement(0) }
      if wantsTail {
        statements += 1
        text += "out:\n"
      }
      store()
      statements += 1
      text += "return 0;\n}\n"
      return text
    }
  }

  @Test func nothingIsLeftOutSilently() throws {
    let model = try toy()
    let table = try table(and: toyTable)
    var reached = 0
    for seed in 0..<200 as Range<UInt64> {
      var writer = Writer(random: SplitMix64(seed: seed))
      let text = writer.function()
      let source = SourceFile(name: "toy.c", text: text)
      let translation = Translation([.init(source: source, functions: nil)], model: model, table: table)
      #expect(translation.diagnostics.map(\.rendered) == [], "\(seed)\n\(text)")
      guard let function = translation.functions.first else { continue }
      #expect(function.statementCount == writer.statements, "\(seed)\n\(text)")
      #expect(
        function.translatedCount + function.unreachedLines.count == function.statementCount,
        "\(seed)\n\(text)")
      let lines = Set(function.item.lines.map(\.text))
      for number in writer.numbers {
        let line =
          1
          + text[..<(text.firstRange(of: "= \(number);")?.lowerBound ?? text.startIndex)].count {
            $0 == "\n"
          }
        let isThere = lines.contains("box.total = \(number)")
        // There, or told as what nothing reaches; never neither and never both.
        #expect(isThere != function.unreachedLines.contains(line), "\(seed), \(number)\n\(text)")
        if isThere { reached += 1 }
      }
      _ = try library.program(model, translations: translation.texts)
    }
    #expect(reached > 500)
  }

  @Test func mangledTextsAreReadToTheirEnd() throws {
    var random = SplitMix64(seed: 11)
    var functions = 0
    for seed in 0..<40 as Range<UInt64> {
      var writer = Writer(random: SplitMix64(seed: seed))
      let whole = Array(("#define A(x) \\\n  x\n" + writer.function()).utf8)
      for _ in 0..<12 {
        var bytes = whole
        switch random.next() % 4 {
        case 0: bytes = Array(bytes.prefix(Int(random.next() % UInt64(bytes.count))))
        case 1:
          bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
        case 2:
          let place = Int(random.next() % UInt64(bytes.count))
          bytes.insert(
            contentsOf: Array(repeating: UInt8(ascii: random.next() % 2 == 0 ? "(" : "{"), count: 90),
            at: place)
        default: bytes.shuffle(using: &random)
        }
        let source = SourceFile(name: "x.c", text: String(decoding: bytes, as: UTF8.self))
        func read() -> ([CFunction], [CParser.Failure], [Diagnostic]) {
          var parser = CParser(source, file: 0, configuration: [])
          var failures: [CParser.Failure] = []
          let functions = parser.parseFile(failures: &failures)
          return (functions, failures, parser.diagnostics)
        }
        let (parsed, failures, diagnostics) = read()
        functions += parsed.count
        for failure in failures { #expect(!failure.diagnostics.isEmpty) }
        for one in diagnostics + failures.flatMap(\.diagnostics) {
          #expect(one.line >= 1 && one.line <= source.lineStarts.count && one.column >= 1)
          #expect(!one.message.isEmpty)
        }
        var end = 0
        for function in parsed {
          #expect(function.span.start >= end && function.span.end <= source.bytes.count)
          end = function.span.end
          #expect(Translator.statements(function.body).count == function.statementCount)
        }
        // The same text gives the same.
        let again = read()
        #expect(again.0.map(\.name) == parsed.map(\.name))
        #expect(again.2.map(\.rendered) == diagnostics.map(\.rendered))
      }
    }
    #expect(functions > 10)
  }
}
