import Basics
import StepLanguage
import Testing

@testable import KernelC

/// What a file's own `#define` lines say is put in place, as C does it, with places that stay right.
struct MacroTests {
  private func work(_ defines: String, _ body: String, table: String = "") throws -> [String] {
    try lines("\(defines)\nint work(struct box *box)\n{\n\(body)\n}\n", table: table)
  }

  private func told(_ defines: String, _ body: String, table: String = "") throws -> [String] {
    try messages("\(defines)\nint work(struct box *box)\n{\n\(body)\n}\n", table: table)
  }

  @Test func parametersAreReplaced() throws {
    #expect(
      try work("#define SET(b, v) ((b)->total = (v))", " SET(box, 3);\n return 0;") == [
        "box.total = 3", "return 0",
      ])
    #expect(
      try work("#define HEAD(b) (b)->head\n#define VALUE(b) HEAD(b)->value", " return VALUE(box);") == [
        "let t1 = box.head", "return t1.value",
      ])
  }

  @Test func precedenceIsThatOfTheWords() throws {
    #expect(try work("#define N 1 + 2", " return N * 3;") == ["return 7"])
    #expect(try work("#define N (1 + 2)", " return N * 3;") == ["return 9"])
    #expect(try work("#define TWICE(x) x + x", " return TWICE(2) * 3;") == ["return 8"])
  }

  @Test func severalStatementsOverSeveralLines() throws {
    let define = """
      #define MOVE(b, v)  \\
      \tdo {              \\
      \t\tmutex_lock(&(b)->lock); /* taken */ \\
      \t\t(b)->total = v; \\
      \t\tmutex_unlock(&(b)->lock); \\
      \t} while (0)
      """
    let text = "\(define)\nint work(struct box *box)\n{\n MOVE(box, 7);\n return 0;\n}\n"
    for ends in ["\n", "\r\n"] {
      let translation = try translate(text.replacing("\n", with: ends))
      #expect(translation.diagnostics.map(\.rendered) == [])
      let function = try #require(translation.functions.first)
      let texts = function.item.lines.map(\.text)
      let first = try #require(texts.firstIndex(of: "mutex_lock box.lock"), "\(texts)")
      #expect(texts[(first + 1)...(first + 2)] == ["box.total = 7", "mutex_unlock box.lock"])
      #expect(function.translatedCount == function.statementCount)
      // Each of them stands in the line in which the macro is used.
      let source = SourceFile(name: "toy.c", text: text.replacing("\n", with: ends))
      #expect(
        Set(function.item.lines[first...(first + 2)].flatMap(\.pieces).map { source.line(at: $0.span.start) })
          == [9])
    }
  }

  @Test func argumentsKeepTheirPlaces() throws {
    let found = try told("#define SET(b, v) (b)->total = (v)", " SET(box,\n  LIMIT);\n return 0;")
    #expect(found == ["5:3: nothing says what 'LIMIT' is; add 'const LIMIT = NUMBER' to the table"])
  }

  @Test func aMistakeInABodyNamesTheMacro() throws {
    #expect(
      try told("#define SET(b) (b)->colour = 1", " SET(box);\n return 0;") == [
        "4:2: the model's box has no 'colour'; add 'field box.colour = NAME' or '= opaque' to the table (in what 'SET' of line 1 stands for)"
      ])
  }

  @Test func aNameInsideItsOwnMacroStaysAName() throws {
    // The kernel wraps functions so.
    #expect(
      try work(
        "#define item_put(i) item_put((i)->next)", " item_put(box->head);\n return 0;") == [
          "let t1 = box.head", "let t2 = t1.next", "item_put(t2)", "return 0",
        ])
    #expect(
      try told("#define A B\n#define B A", " return A;") == [
        "5:9: nothing says what 'A' is; add 'const A = NUMBER' to the table (in what 'A' of line 1 stands for)"
      ])
  }

  @Test func whatWasDefinedLastBeforeTheUseCounts() throws {
    #expect(
      try work("#define N 1\n#undef N\n#define N 2", " int x = N;\n#undef N\n#define N 3\n return x + N;")
        == [
          "let x: int = 0", "x = 2", "return x + 3",
        ])
    #expect(
      try told("#define N 1\n#undef N", " return N;").first?.hasPrefix("5:9: nothing says what 'N' is")
        == true)
    // What is defined behind a function is not known in it.
    #expect(
      try messages("int work(struct box *box)\n{\n return N;\n}\n#define N 1\n").first?.hasPrefix(
        "3:9: nothing says")
        == true)
  }

  @Test func conditionsChooseDefinitions() throws {
    let text =
      "#ifdef CONFIG_TOY\n#define N(x) (x)\n#else\n#define N(x) (-(x))\n#endif\n#if !defined(M)\n#define M 4\n#endif\n#if M >= 4\n#define K N(M)\n#endif"
    #expect(try work(text, " return K;") == ["return -4"])
    #expect(try work(text, " return K;", table: "config CONFIG_TOY\n") == ["return 4"])
    // Defined as 0 is not what #if wants.
    #expect(
      try work("#define DEBUG 0", "#if DEBUG\n return 1;\n#endif\n return 2;") == ["return 2"])
  }

  @Test func aParameterlessNameAndAParenthesisApart() throws {
    #expect(try work("#define N (4)", " return N;") == ["return 4"])
    #expect(try work("#define N() 4", " return N();") == ["return 4"])
    // Without a parenthesis behind it the name is only a name.
    #expect(
      try told("#define F(x) x", " return F;") == [
        "4:9: nothing says what 'F' is; add 'const F = NUMBER' to the table"
      ])
  }

  @Test func wordsArePastedAndArgumentsMayBeMany() throws {
    #expect(
      try work("#define FIELD(b, n) b->to##n", " return FIELD(box, tal) != 0;").contains(
        "if box.total != 0 {"))
    #expect(
      try work("#define CALL(f, ...) f(__VA_ARGS__)", " CALL(item_put, box->head);\n return 0;") == [
        "let t1 = box.head", "item_put(t1)", "return 0",
      ])
    #expect(
      try work(
        "#define LOG(fmt, ...) pr_info(fmt, ##__VA_ARGS__)", " LOG(\"a\");\n LOG(\"a %d\", 1);\n return 0;")
        == [
          "return 0"
        ])
    #expect(
      try told("#define BAD(a) a##->", " BAD(box);\n return 0;") == [
        "4:2: '##' in the #define of 'BAD' makes 'box->', which is no word of C"
      ])
  }

  @Test func walksAndGuardsMayComeFromMacros() throws {
    let translated = try work(
      "#define for_each_item(b, i, item) xa_for_each(&(b)->items, i, item)\n#define LOCKED(b) guard(mutex)(&(b)->lock)",
      " struct item *item;\n unsigned long i;\n LOCKED(box);\n for_each_item(box, i, item) {\n  if (item->ready)\n   continue;\n  item->value = 1;\n }\n return 0;"
    )
    #expect(translated.contains("mutex_lock box.lock"))
    #expect(translated.contains { $0.hasSuffix("= xa_find(box.items, 0)") }, "\(translated)")
  }

  @Test func statementsAsAValue() throws {
    let define = "#define TAKE(b) ({ struct item *__i = (b)->head; (b)->head = NULL; __i; })"
    let translated = try work(
      define, " struct item *item = TAKE(box);\n if (item)\n  item->value = 1;\n return 0;")
    #expect(
      translated == [
        "let item_2: item = null", "let __i: item = null", "__i = box.head", "box.head = null",
        "item_2 = __i",
        "if item_2 != null {", "  item_2.value = 1", "}", "return 0",
      ])
    let larger = try work(
      "#define LARGER(a, b) ({ typeof(a) _a = (a); typeof(b) _b = (b); _a > _b ? _a : _b; })",
      " return LARGER(box->head->value, 3) == 4;")
    #expect(larger.contains("if _a > _b {"), "\(larger)")
    #expect(
      try told("", " return ({ return 1; 2; });") == [
        "4:12: this leaves the statements whose value is asked for; write them out as statements of their own"
      ])
  }

  @Test func aFunctionMayComeOutOfAMacro() throws {
    let text =
      "#define OPERATION(name, v) int name(struct box *box) { box->total = v; return 0; }\nOPERATION(work, 5)\n"
    #expect(try lines(text) == ["box.total = 5", "return 0"])
  }

  @Test func anUnknownMacroBeforeAFunctionHidesNothing() throws {
    #expect(try lines("DEFINE_THING(a, b)\nint work(struct box *box)\n{\n return 0;\n}\n") == ["return 0"])
  }

  @Test func theTablesMeaningOfAMacroCountsAndIsSaid() throws {
    let text = "#define WARN_ON(x) (x)\nint work(struct box *box)\n{\n WARN_ON(box->total);\n return 0;\n}\n"
    let translation = try translate(text)
    #expect(translation.functions[0].item.lines.map(\.text).contains { $0.contains("warn_on(") })
    #expect(
      translation.notes == [
        "assumed: toy.c:4: 'WARN_ON' means what the table says, not what the #define in line 1 says"
      ])
  }

  @Test func whatCannotBePutInPlaceIsAnErrorWhereItIsUsed() throws {
    #expect(
      try told("#define F(a, b) a", " return F(1);") == [
        "4:9: 'F' takes 2 arguments by its #define in line 1, not 1"
      ])
    #expect(
      try told("#define F(a, a) a", " return F(1, 2);") == [
        "4:9: the #define of 'F' in line 1 is not read: two of its parameters are called 'a'; write out what it stands for"
      ])
    #expect(
      try told("#define F(1) 2", " return F(1);") == [
        "4:9: the #define of 'F' in line 1 is not read: its parameters are no names in parentheses; write out what it stands for"
      ])
    #expect(
      try told("#define F(a) a", " return F(1;\n}\n").first
        == "4:9: the arguments of 'F' have no end; close them with ')'")
    // Where no function uses it nothing is said.
    #expect(try work("#define F(a, a) a\nF(1, 2)", " return 0;") == ["return 0"])
  }

  @Test func macrosThatGrowWithoutBoundAreRefused() throws {
    var text = "#define A0(x) x x\n"
    for level in 1..<40 { text += "#define A\(level)(x) A\(level - 1)(x x) A\(level - 1)(x x)\n" }
    let found = try told(text, " A39(box);\n return 0;")
    #expect(found.first?.contains("words when its macros are put in place") == true, "\(found)")
    var deep = "#define B0 1\n"
    for level in 1..<3000 { deep += "#define B\(level) (B\(level - 1))\n" }
    #expect(try told(deep, " return B2999;").first?.contains("nested too deeply") == true)
  }

  @Test func severalUnitsInOneMacroAreSeveral() throws {
    // The base's function tells the holder of each, one after the other.
    let text =
      "#define BOTH(i) do { refcount_inc(&(i)->users); refcount_inc(&(i)->users); } while (0)\nint work(struct box *box)\n{\n struct item *item = box->head;\n BOTH(item);\n BOTH(item);\n return 0;\n}\n"
    let translation = try translate(text)
    #expect(translation.functions[0].item.lines.count { $0.text.hasPrefix("ref_inc ") } == 4)
    _ = try library.program(try toy(), translations: translation.texts)
  }
}
