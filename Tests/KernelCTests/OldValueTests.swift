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

  @Test func anAssignmentToMemoryIsNoValue() throws {
    let lines = try body("box->head = box->spare = NULL;\nreturn 0;")
    #expect(lines.first?.contains("is no value here") == true, "\(lines)")
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
