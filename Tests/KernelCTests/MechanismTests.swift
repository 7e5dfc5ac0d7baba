import Basics
import Explorer
import StepLanguage
import Testing

@testable import KernelC

/// What tables and translation can say together: lines for one function, errnos, late const fields, releases, types.
struct MechanismTests {
  private func body(_ text: String, table: String = "") throws -> [String] {
    try lines("int work(struct box *box)\n{\n\(text)\n}\n", table: table)
  }

  private func notes(_ text: String, table: String = "") throws -> [String] {
    try translate("int work(struct box *box)\n{\n\(text)\n}\n", table: table).notes
  }

  @Test func aLineMayCountInOneFunctionOnly() throws {
    let text = "int work(struct box *box)\n{\n poke(box);\n return 0;\n}\n"
    let table = "opaque poke\nin work fn poke(b) { $b.total = 7 }\n"
    #expect(try lines(text, table: table) == ["box.total = 7", "return 0"])
    let other = try translate("void release(struct box *box)\n{\n poke(box);\n}\n", table: table)
    #expect(other.opaque == ["poke"])
    #expect(throws: DiagnosticError.self) { _ = try KernelCTests.table(and: "in work nonsense x\n") }
  }

  @Test func aTemplateSaysWithWhichErrnoItFails() throws {
    let table = """
      fn find(b, n) -> item {
        $error = -EINVAL
        $result = null
        if $n > 3 {
          $error = 0
          $result = $b.head
          if $result == null { $error = -ENOENT; }
        }
      }

      """
    let translated = try body(
      " struct item *item = find(box, 5);\n if (IS_ERR(item))\n  return PTR_ERR(item);\n return 0;",
      table: table)
    #expect(translated.contains("err = -EINVAL"))
    #expect(translated.contains("item_2_err = err") || translated.contains("item_err = err"))
    #expect(translated.contains { $0.hasPrefix("  return item") && $0.hasSuffix("_err") })
  }

  @Test func aConstFieldMayGetItsValueAfterTheObjectWasMade() throws {
    let text =
      "struct leaf *leaf_new(struct box *box)\n{\n struct leaf *p = kzalloc(sizeof(*p), GFP_KERNEL);\n if (!p)\n  return NULL;\n p->key = 3;\n p->owner = box;\n return p;\n}\n"
    #expect(
      try lines(text) == [
        "let p: leaf = null", "p = try_alloc leaf", "if p == null {", "  return null", "}", "init p.key = 3",
        "init p.owner = box", "return p",
      ])
    #expect(
      try translate(text).notes == [
        "assumed: toy.c:6: nobody else knows the leaf yet when it gets its key, owner"
      ])
  }

  @Test func theLastUnitCallsTheRelease() throws {
    let text = """
      static void leaf_release(struct kref *kref)
      {
      \tstruct leaf *p = container_of(kref, struct leaf, count);
      \tkfree(p);
      }

      void leaf_put(struct leaf *leaf)
      {
      \tkref_put(&leaf->count, leaf_release);
      }

      """
    let translation = try translate(text, table: "fold leaf_release kref = leaf\n")
    #expect(translation.diagnostics.map(\.rendered) == [])
    try #require(translation.functions.map(\.name) == ["leaf_put", "leaf_release"])
    #expect(
      translation.functions[0].item.lines.map(\.text).dropFirst(2) == [
        "let t1 = ref_dec_and_test leaf.count by \"leaf\"", "if t1 {", "leaf_release(leaf)", "}", "return",
        "}",
      ])
    _ = try library.program(try toy(), translations: translation.texts)
  }

  @Test func aTableOfFunctionsTellsTheType() throws {
    #expect(
      try body(
        " if (box->head->ops != &leaf_ops)\n  return -EINVAL;\n return 0;",
        table: "field item.ops = type\ntype leaf_ops = leaf\n") == [
          "let t1 = box.head", "if !(t1 is leaf) {", "  return -EINVAL", "}", "return 0",
        ])
  }

  @Test func memoryThatTheModelHasNotIsNeverNullAndSaid() throws {
    let text =
      " void *buffer = kzalloc(8, GFP_KERNEL);\n if (!buffer)\n  return -ENOMEM;\n box->total = 1;\n return 0;"
    #expect(try body(text) == ["box.total = 1", "return 0"])
    #expect(try notes(text) == ["opaque: kzalloc of what the model has not"])
  }

  @Test func aSizeThatDecidesIsSaid() throws {
    #expect(try notes(" return sizeof(*box) > 4 ? 1 : 2;") == ["opaque: sizeof"])
    #expect(try notes(" if (sizeof(struct box) == 8)\n  box->total = 1;\n return 0;") == ["opaque: sizeof"])
  }

  @Test func whatTheFileDefinesCounts() throws {
    let text =
      "#define LIMIT (BASE + 1)\n#define BASE 4\nint work(struct box *box)\n{\n if (box->total > LIMIT)\n  return 1;\n return 0;\n}\n"
    #expect(
      try lines(text, table: "const LIMIT = 100\n") == [
        "if box.total > 5 {", "  return 1", "}", "return 0",
      ])
    #expect(
      try messages("#define A A\nint work(struct box *box)\n{\n return A;\n}\n") == [
        "4:9: nothing says what 'A' is; add 'const A = NUMBER' to the table (in what 'A' of line 1 stands for)"
      ])
    #expect(
      try messages("#define A do {\nint work(struct box *box)\n{\n return A;\n}\n") == [
        "4:9: expected a value, found 'do' (in what 'A' of line 1 stands for)"
      ])
    let macro = try translate(
      "#define poke(b) (b)\nint work(struct box *box)\n{\n poke(box);\n return 0;\n}\n",
      table: "fn poke(b) { $b.total = 7 }\n")
    #expect(
      macro.notes == [
        "assumed: toy.c:4: 'poke' means what the table says, not what the #define in line 1 says"
      ])
  }

  @Test func numbersWithoutASignAreComparedWithoutOne() throws {
    let text =
      "int work(struct box *box)\n{\n unsigned int left = 0;\n left -= 1;\n return left > 5 ? 1 : 2;\n}\n"
    #expect(try lines(text).first == "let left: u64 = 0")
    #expect(
      try body(" unsigned long x = 12;\n return x >> 2;").contains("return x / 4"))
    #expect(
      try body(" int x = 5;\n return x ^ 3;").contains("return ((x | 3) - (x & 3))"))
  }

  @Test func anErrnoInAFieldIsKeptBesideIt() throws {
    let text =
      " box->head = item_new(box);\n if (IS_ERR(box->head)) {\n  int rc = PTR_ERR(box->head);\n  box->head = NULL;\n  return rc;\n }\n return 0;"
    #expect(try body(text).contains { $0.hasPrefix("head_err = t1_err") })
    #expect(
      try notes(text) == [
        "assumed: toy.c:3: box->head holds an errno here for a while; other threads see null"
      ])
  }

  @Test func fallingThroughStandsThereOnce() throws {
    let translated = try body(
      " switch (box->total) {\n case 1:\n  box->total = 10;\n case 2:\n  box->total = 20;\n  break;\n default:\n  box->total = 30;\n }\n return 0;"
    )
    for value in [10, 20, 30] { #expect(translated.count { $0.hasSuffix("box.total = \(value)") } == 1) }
    #expect(translated.contains("  if fall || t1 == 2 {"))
  }

  @Test func aLongSwitchIsAsLongAsItsText() throws {
    var text = " switch (box->total) {\n"
    for number in 0..<400 { text += " case \(number):\n  box->total = \(number + 1);\n" }
    text += " }\n return 0;"
    #expect(try body(text).count < 400 * 8)
  }

  @Test func aCheckWithoutAPlaceForbidsToSayThatItHolds() throws {
    let text = "int promise(struct box *box)\n{\n return 1;\n}\n"
    let translation = try translate(text)
    #expect(
      translation.notes == [
        "assumed: toy.c:1: marks of the model without a place in this C text: M1",
        "left out: toy.c:1: the model's 'check invariant spread == 1 \"the spread is one\"' has no place in this C text",
      ])
    let program = try library.program(try toy(), translations: translation.texts)
    let scenario = try library.scenarios(
      from: SourceFile(name: "s.step", text: "scenario s \"s\" {\n  thread T1 { run }\n}\n"))[0]
    #expect(
      try verdict(program, scenario) == [
        "bounded by 1 check of the model is left out, which has no place in the C text"
      ])
  }

  @Test func aCheckThatTheTablePutsSomewhereIsNotLeftOut() throws {
    let text =
      "int promise(struct box *box)\n{\n int rc = 1;\n mutex_lock(&box->lock);\n mutex_unlock(&box->lock);\n return rc;\n}\n"
    let translation = try translate(
      text,
      table: "before promise mutex_unlock 1 { check invariant $$rc == 1 \"the spread is one\"; }\n")
    #expect(translation.functions[0].leftOut == [])
    #expect(
      translation.functions[0].item.lines.map(\.text).contains(
        "check invariant rc == 1 \"the spread is one\""))
  }
}
