import StepLanguage
import Testing

@testable import KernelC

/// Values of expressions that change something.
struct OldValueTests {
  private func body(_ text: String) throws -> [String] {
    try lines("int work(struct box *box)\n{\n\(text)\n}\n", table: "")
  }

  @Test func postfixGivesTheOldValue() throws {
    let old = try body("int n = 5;\nint j = n++;\nreturn j;")
    let new = try body("int n = 5;\nint j = ++n;\nreturn j;")
    #expect(old != new)
    // The old value is copied before the variable changes.
    let copy = try #require(old.firstIndex(of: "old = n"), "\(old)")
    let change = try #require(old.firstIndex(of: "n += 1"), "\(old)")
    let use = try #require(old.firstIndex(of: "j = old"), "\(old)")
    #expect(copy < change && change < use)
  }

  @Test func anAssignmentToMemoryIsNotReadAgain() throws {
    #expect(
      try body("struct item *p;\np = box->head = box->spare;\nreturn p != NULL;").prefix(4) == [
        "let p: item = null", "let flag_2: int = 0", "let t1 = box.spare", "box.head = t1",
      ])
    #expect(
      try body("if (--box->head->value == 0)\n return 1;\nreturn 0;") == [
        "let t1 = box.head", "let t2 = t1.value", "let t3 = t2 - 1", "t1.value = t3", "if t3 == 0 {",
        "  return 1", "}",
        "return 0",
      ])
  }

  @Test func anErrnoStaysWithItsPointer() throws {
    let chosen = try body(
      "struct item *p = box->total ? box->head : ERR_PTR(-EBUSY);\nif (IS_ERR(p))\n return PTR_ERR(p);\nif (p == NULL)\n return 1;\nreturn 0;"
    )
    #expect(chosen.contains("  choice_err = -EBUSY") && chosen.contains("  choice_err = 0"), "\(chosen)")
    #expect(chosen.contains("if p == null && p_err == 0 {"), "\(chosen)")
    let handed = try body("item_put(ERR_PTR(-EBUSY));\nreturn 0;")
    #expect(handed.first?.contains("an errno as a pointer is handed to 'item_put'") == true, "\(handed)")
  }

  @Test func returnPtrLeavesTheFunction() throws {
    let text =
      "struct item *item_new(struct box *box)\n{\n struct item *p __free(kfree) = kzalloc(sizeof(*p), GFP_KERNEL);\n if (!p)\n  return NULL;\n return_ptr(p);\n}\n"
    #expect(try lines(text, table: "").contains("return t1"))
    #expect(try translate(text).functions.first?.unreachedLines == [])
  }

  @Test func longRowsOfOperatorsAreRefused() throws {
    let short = try body("int x = 1\(String(repeating: " + 1", count: 50));\nreturn x;")
    #expect(!short.contains { $0.contains("error") }, "\(short)")
    for count in [100, 1_000, 100_000] {
      for text in [
        "int x = 1\(String(repeating: " + 1", count: count));\nreturn x;",
        "if (box->head\(String(repeating: " && box->head", count: count)))\n return 1;\nreturn 0;",
      ] {
        let lines = try body(text)
        #expect(lines.first?.contains("operators in a row") == true, "\(count)")
      }
    }
  }

  /// Two hunks of one file are one text, or places would lead into the wrong one.
  @Test func hunksOfOneFileStandInOneText() {
    let patch = """
      --- a/toy.c
      +++ b/toy.c
      @@ -3,5 +3,5 @@
       int work(struct box *box)
       {
      -\tbox->total = 1;
      +\tbox->total = 2;
       \treturn 0;
       }
      @@ -100,3 +100,4 @@
       struct foo {
       \tint a;
      +\tint b;
       };

      """
    let sides = PatchSides(Patch(patch), name: "p", configuration: [], tree: nil)
    #expect(sides.after.count == 1)
    #expect(sides.after.first?.text(ofLine: 5) == "\tbox->total = 2;")
    #expect(sides.after.first?.text(ofLine: 102) == "\tint b;")
    #expect(sides.functions.map(\.name) == ["work"])
  }
}
