import Basics
import StepLanguage
import Testing

@testable import KernelC

/// Patches of which a part is of no use: that is said, and what changes nothing is told from what does.
struct PatchTroubleTests {
  private static let tree =
    "#define LIMIT 3\n\nint work(struct box *box)\n{\n\tint rc = 0;\n\n\tmutex_lock(&box->lock);\n\tif (box->total > LIMIT)\n\t\trc = -EBUSY;\n\tmutex_unlock(&box->lock);\n\treturn rc;\n}\n"

  private func sides(_ hunk: String, tree: String? = Self.tree) -> PatchSides {
    PatchSides(
      Patch("--- a/toy.c\n+++ b/toy.c\n\(hunk)"), name: "p", configuration: [],
      tree: tree.map { text in { $0 == "toy.c" ? text : nil } })
  }

  private static let good =
    "@@ -7,4 +7,4 @@ int work(struct box *box)\n \tmutex_lock(&box->lock);\n \tif (box->total > LIMIT)\n-\t\trc = -EBUSY;\n+\t\treturn -EBUSY;\n \tmutex_unlock(&box->lock);\n"

  @Test func aCountThatIsTooSmallHidesNothing() {
    #expect(sides(Self.good).problems == [])
    let short = sides(Self.good.replacing("-7,4 +7,4", with: "-7,3 +7,2"))
    #expect(
      short.problems == [
        "p:3: this hunk says 3 lines before and 2 after, and goes on behind them; take the patch as it was sent"
      ])
    #expect(short.functions == [])
  }

  @Test func hunksInAnotherFormAreTold() {
    for head in ["@@@ -7,4 -7,4 +7,4 @@@", "@@ -7,4 +7,x @@", "@@ -7,4 @@"] {
      let told = sides(Self.good.replacing("@@ -7,4 +7,4 @@", with: head))
      #expect(
        told.problems.first
          == "p:3: this begins a hunk in a form that is not read; take the patch as 'git format-patch' or 'diff -u' makes it",
        "\(head)")
    }
  }

  @Test func whatOnlyMovesOrSpeaksIsTold() {
    let text =
      "@@ -5,3 +5,4 @@\n \tint rc = 0;\n \n+\t/* One at a time. */\n-\tmutex_lock(&box->lock);\n+\tmutex_lock( &box->lock );\n"
    let sides = sides(text)
    #expect(sides.problems == [])
    #expect(sides.functions == [])
    #expect(sides.unchanged == ["work"])
    // A definition that the function uses is no comment.
    let limit = self.sides("@@ -1,1 +1,1 @@\n-#define LIMIT 3\n+#define LIMIT 4\n")
    #expect(limit.functions.map(\.name) == ["work"])
    let unused = self.sides("@@ -1,1 +1,2 @@\n #define LIMIT 3\n+#define OTHER 4\n")
    #expect(unused.functions == [] && unused.problems == [])
  }

  @Test func aHunkWhoseOuterLinesDifferIsPutInAndSaid() {
    let other = Self.tree.replacing(
      "\tmutex_lock(&box->lock);\n", with: "\tmutex_lock_nested(&box->lock, 1);\n")
    let sides = sides(Self.good, tree: other)
    #expect(sides.problems == [])
    #expect(sides.functions.map(\.name) == ["work"])
    #expect(sides.notes == ["p:3: this hunk fits toy.c of the tree only when 1 line around it may differ"])
    let after = String(decoding: sides.after[0].bytes, as: UTF8.self)
    #expect(after.contains("mutex_lock_nested") && after.contains("return -EBUSY"))
    #expect(self.sides(Self.good, tree: other.replacing("> LIMIT", with: "< LIMIT")).problems.count == 1)
  }

  @Test func aThreadIsReadOnce() {
    let diff = "--- a/toy.c\n+++ b/toy.c\n\(Self.good)"
    let lines = diff.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    for count in [lines.count, lines.count - 3] {
      let quoted = lines.prefix(count).map { "> \($0)\n" }.joined()
      let thread =
        "From 1 Mon\nSubject: x\n\n\(diff)-- \n2.40\n\nFrom 2 Mon\nSubject: Re: x\n\n\(quoted)\nWhy?\n"
      let sides = PatchSides(Patch(thread), name: "p", configuration: [], tree: { _ in Self.tree })
      #expect(sides.problems == [], "\(count)")
      #expect(sides.functions.map(\.name) == ["work"])
      #expect(String(decoding: sides.after[0].bytes, as: UTF8.self).contains("return -EBUSY"))
    }
  }

  @Test func aPageBesideThePatchIsNoPatch() {
    let page = "<pre>\n--- a/toy.c\n+++ b/toy.c\n@@ -1,1 +1,1 @@\n-x\n+y\n</pre>\n"
    let mail =
      "Subject: x\nContent-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n--- a/toy.c\n+++ b/toy.c\n\(Self.good)\n--b\nContent-Type: text/html; charset=utf-8\n\n\(page)--b--\n"
    let sides = PatchSides(Patch(mail), name: "p", configuration: [], tree: { _ in Self.tree })
    #expect(sides.problems == [])
    #expect(sides.functions.map(\.name) == ["work"])
  }

  @Test func aFunctionThatIsNotUnderstoodIsNeverLeftOut() throws {
    let sides = sides(Self.good.replacing("return -EBUSY;", with: "asm(\"nop\");"))
    #expect(sides.functions.map(\.name) == ["work"])
    let translation = Translation(
      [.init(source: sides.after[0], functions: ["work"], mayLack: true)], model: try toy(),
      table: try table())
    #expect(
      translation.diagnostics.map(\.message) == [
        "assembly is not read; declare the function that holds it opaque"
      ])
  }

  @Test func membersAndIncludesNeedNoWholeFunction() {
    let whole = "@@ -20,4 +21,5 @@\n int work(struct box *box)\n {\n+\tbox->total = 1;\n \treturn 0;\n }\n"
    let text =
      "@@ -1,1 +1,2 @@\n #include <a.h>\n+#include <b.h>\n@@ -10,3 +11,4 @@ struct box {\n \tint a;\n+\tint b;\n \tint c;\n };\n\(whole)"
    let sides = sides(text, tree: nil)
    #expect(sides.problems == [])
    #expect(sides.functions.map(\.name) == ["work"])
  }

  @Test func twoFunctionsOfOneNameAreNotTakenForOne() throws {
    func source(_ name: String, _ value: Int) -> SourceFile {
      SourceFile(
        name: name,
        text:
          "static void put(struct box *box)\n{\n box->total = \(value);\n}\nint \(name == "a.c" ? "work" : "promise")(struct box *box)\n{\n int spread = 1;\n put(box);\n return spread;\n}\n"
      )
    }
    func translation(_ values: (Int, Int)) throws -> Translation {
      Translation(
        [
          .init(source: source("a.c", values.0), functions: nil),
          .init(source: source("b.c", values.1), functions: nil),
        ],
        model: try toy(), table: try table())
    }
    #expect(try translation((1, 1)).diagnostics.map(\.message) == [])
    #expect(
      try translation((1, 2)).diagnostics.map(\.message) == [
        "'put' is another function here than in a.c; say which is meant by --source FILE:put, and leave out what calls the other"
      ])
  }
}
