import Foundation
import StepLanguage
import Testing

@testable import KernelC

/// Patches and mails of our own.
struct PatchTests {
  private let whole = """
    --- a/toy.c
    +++ b/toy.c
    @@ -3,5 +3,5 @@
     int work(struct box *box)
     {
    -\tbox->total = 1;
    +\tbox->total = 2;
     \treturn 0;
     }

    """

  private func sides(_ text: String, tree: ((String) -> String?)? = nil) -> PatchSides {
    PatchSides(Patch(text), name: "p", configuration: [], tree: tree)
  }

  @Test func aHunkWithAWholeFunctionNeedsNoTree() throws {
    let sides = sides(whole)
    #expect(sides.problems.isEmpty)
    #expect(sides.functions.map(\.name) == ["work"])
    let translation = Translation(
      [.init(source: sides.after[0], functions: ["work"])], model: try toy(), table: try table())
    #expect(translation.functions[0].item.lines.map(\.text).contains("box.total = 2"))
    // Lines have the numbers that the patch gives them.
    #expect(sides.after[0].text(ofLine: 5) == "\tbox->total = 2;")
  }

  @Test func aQuotedPatchIsReadWithTheRepliesBetweenItsLines() {
    var mail = "Hello\n\n"
    for line in whole.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      mail += "> \(line)\n"
      if line.hasPrefix("+\t") { mail += "\nWhy two?\n\n" }
    }
    let sides = sides(mail)
    #expect(sides.problems.isEmpty)
    #expect(sides.functions.map(\.name) == ["work"])
  }

  @Test func halfAFunctionAsksForATree() {
    let text = """
      --- a/toy.c
      +++ b/toy.c
      @@ -5,3 +5,3 @@ int work(struct box *box)
      -\tbox->total = 1;
      +\tbox->total = 2;
       \treturn 0;
       }

      """
    #expect(
      sides(text).problems == [
        "p:3: this hunk shows only a part of work; say --tree DIR with the source that it was made for"
      ])
    let before = "\n\nint work(struct box *box)\n{\n\tbox->total = 1;\n\treturn 0;\n}\n"
    let inTree = sides(text, tree: { $0 == "toy.c" ? before : nil })
    #expect(inTree.problems.isEmpty)
    #expect(inTree.functions.map(\.name) == ["work"])
    // A tree that has the patch already is the side after it.
    let patched = sides(text, tree: { _ in before.replacing("= 1", with: "= 2") })
    #expect(patched.functions.map(\.name) == ["work"])
    #expect(String(decoding: patched.before[0].bytes, as: UTF8.self).contains("total = 1"))
    let other = sides(text, tree: { _ in "int other(void)\n{\n}\n" })
    #expect(
      other.problems == [
        "p:3: this hunk does not fit toy.c of the tree; take the tree that the patch was made for"
      ])
    #expect(sides(text, tree: { _ in nil }).problems.first == "p: the tree has no toy.c")
  }

  @Test func aHunkThatLostItsFirstColumnIsToldIfItDoesNotAddUp() {
    let text = """
      --- a/toy.c
      +++ b/toy.c
      @@ -3,6 +3,6 @@
      int work(struct box *box)
      {
      -box->total = 1;
      +box->total = 2;
      return 0;
      --
      A signature
      """
    #expect(
      sides(text).problems == [
        "p:3: this hunk says 6 lines before and 6 after, and has 4 and 4; 3 of them have lost their first column, as archives show mails; take the patch as it was sent"
      ])
  }

  @Test func aTextWithoutADiffHasNothing() {
    #expect(Patch("Hello\n--- \nBye\n").files.isEmpty)
  }

  @Test func aSeriesAppliesInOrder() {
    let text =
      "--- a/toy.c\n+++ b/toy.c\n@@ -3,1 +3,1 @@\n-\tbox->total = 1;\n+\tbox->total = 2;\nFrom abc\n--- a/toy.c\n+++ b/toy.c\n@@ -3,1 +3,1 @@\n-\tbox->total = 2;\n+\tbox->total = 3;\n"
    let sides = sides(
      text, tree: { _ in "int work(struct box *box)\n{\n\tbox->total = 1;\n\treturn 0;\n}\n" })
    #expect(sides.problems.isEmpty)
    #expect(String(decoding: sides.after[0].bytes, as: UTF8.self).contains("total = 3"))
    #expect(sides.functions.map(\.name) == ["work"])
  }

  /// The story of the mail: the posting, and what its reply changes.
  @Test func fromAMailToTheDifferenceOfTwoVerdicts() throws {
    let path = checkout.appendingPathComponent("docs/examples/detach-flush.mail").path
    let sides = PatchSides(
      Patch(try String(contentsOfFile: path, encoding: .utf8)), name: "mail", configuration: [], tree: nil)
    #expect(sides.problems.isEmpty)
    #expect(sides.functions.map(\.name) == ["iommufd_access_destroy_object", "iommufd_access_set_ioas"])
    let model = try library.model("replace-v2")
    let names = sides.functions.map(\.name)
    let table = try table(["kernel", "linux-6.12", "objects-6.2"])
    let scenario = try library.scenario(named: "detach-with-pin")
    var verdicts: [[String]] = []
    for side in [sides.before[0], sides.after[0]] {
      let translation = Translation([.init(source: side, functions: names)], model: model, table: table)
      #expect(translation.diagnostics.map(\.rendered) == [])
      let program = try library.program(model, translations: translation.texts)
      verdicts.append(try verdict(program, scenario))
    }
    #expect(verdicts[0].contains("pin-on-old-ioas"))
    #expect(verdicts[1] == ["holds"])
  }
}
