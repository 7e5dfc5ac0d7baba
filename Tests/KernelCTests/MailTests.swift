import Basics
import Foundation
import Testing

@testable import KernelC

/// Mails as they come: encodings, line ends, series, files that come and go.
struct MailTests {
  private let whole =
    "--- a/toy.c\n+++ b/toy.c\n@@ -1,5 +1,5 @@\n int work(struct box *box)\n {\n-\tbox->total = 1;\n+\tbox->total = 2;\n \treturn 0;\n }\n"

  private func sides(_ text: String, tree: ((String) -> String?)? = nil) -> PatchSides {
    PatchSides(Patch(text), name: "p", configuration: [], tree: tree)
  }

  private func expectWork(_ text: String, _ comment: Comment) {
    let sides = sides(text)
    #expect(sides.problems == [], comment)
    #expect(sides.functions.map(\.name) == ["work"], comment)
    #expect(
      sides.after.first.map { String(decoding: $0.bytes, as: UTF8.self) }?.contains("total = 2") == true,
      comment)
  }

  @Test func lineEndsOfWindows() {
    expectWork(whole.replacing("\n", with: "\r\n"), "CRLF")
    expectWork("Hello\r\n" + whole.split(separator: "\n").map { "> \($0)\r\n" }.joined(), "quoted, CRLF")
  }

  @Test func encodedBodies() {
    let head = "From: a@b\nSubject: x\nContent-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: "
    let base64 = Data(("Hi\n" + whole).utf8).base64EncodedString(options: [
      .lineLength76Characters, .endLineWithLineFeed,
    ])
    expectWork("\(head)base64\n\n\(base64)\n", "base64")
    expectWork("\(head)BASE64\r\n\r\n\(base64.replacing("\n", with: "\r\n"))\r\n", "base64, CRLF")
    let quoted = whole.replacing("=", with: "=3D").replacing("struct box", with: "struct =\nbox")
    expectWork("\(head)quoted-printable\n\n\(quoted)", "quoted-printable")
    // A text without a head is no mail: an equals sign means itself.
    #expect(Patch("x\n" + whole).files.count == 1)
  }

  @Test func partsOfAMail() {
    let base64 = Data(whole.utf8).base64EncodedString()
    expectWork(
      "Subject: x\nContent-Type: multipart/mixed;\n boundary=\"ab c\"\n\n--ab c\nContent-Type: text/plain\n\nHello = you\n--ab c\nContent-Type: text/x-patch\nContent-Transfer-Encoding: base64\n\n\(base64)\n--ab c--\n",
      "multipart")
  }

  @Test func aSeriesWithoutATree() {
    let second = whole.replacing("total = 2", with: "total = 3").replacing("total = 1", with: "total = 2")
    let mbox =
      "From 1 Mon Sep 17 00:00:00 2001\nSubject: one\n\n\(whole)--\n2.40\n\nFrom 2 Mon Sep 17 00:00:00 2001\nSubject: two\nContent-Transfer-Encoding: base64\n\n\(Data(second.utf8).base64EncodedString())\n"
    let sides = sides(mbox)
    #expect(sides.problems == [])
    #expect(sides.functions.map(\.name) == ["work"])
    let before = String(decoding: sides.before[0].bytes, as: UTF8.self)
    let after = String(decoding: sides.after[0].bytes, as: UTF8.self)
    #expect(before.contains("total = 1") && !before.contains("total = 2"))
    #expect(after.contains("total = 3") && !after.contains("total = 2"))
  }

  @Test func filesThatComeAndGo() {
    let new =
      "--- /dev/null\n+++ b/toy.c\n@@ -0,0 +1,4 @@\n+int work(struct box *box)\n+{\n+\treturn 0;\n+}\n"
    for tree in [nil, { (_: String) -> String? in nil }] {
      let sides = sides(new, tree: tree)
      #expect(sides.problems == [])
      #expect(sides.functions == [.init(name: "work", path: "toy.c", isBefore: false, isAfter: true)])
    }
    let gone =
      "--- a/toy.c\n+++ /dev/null\n@@ -1,4 +0,0 @@\n-int work(struct box *box)\n-{\n-\treturn 0;\n-}\n"
    for tree in [nil, { (_: String) -> String? in "int work(struct box *box)\n{\n\treturn 0;\n}\n" }] {
      let sides = sides(gone, tree: tree)
      #expect(sides.problems == [])
      #expect(sides.functions == [.init(name: "work", path: "toy.c", isBefore: true, isAfter: false)])
    }
  }

  @Test func namesWithTimesAndOtherDirectories() {
    let text = whole.replacing(
      "--- a/toy.c\n+++ b/toy.c",
      with: "--- old-1.2/lib/toy.c\t2026-01-01 10:00:00\n+++ new-1.2/lib/toy.c 2026-01-02")
    let inTree = sides(
      text,
      tree: { $0 == "lib/toy.c" ? "int work(struct box *box)\n{\n\tbox->total = 1;\n\treturn 0;\n}\n" : nil })
    #expect(inTree.problems == [])
    #expect(inTree.functions.map(\.name) == ["work"])
  }

  @Test func aChangedDefinitionTouchesWhoUsesIt() {
    let text =
      "--- a/toy.c\n+++ b/toy.c\n@@ -1,6 +1,6 @@\n-#define LIMIT 3\n+#define LIMIT 4\n int work(struct box *box)\n {\n \tbox->total = LIMIT;\n \treturn 0;\n }\n"
    #expect(sides(text).functions.map(\.name) == ["work"])
  }

  @Test func whatATextIsWithoutAWholeFunction() {
    let text =
      "> --- a/toy.c\n> +++ b/toy.c\n> @@ -1,9 +1,9 @@\n>  int work(void)\n>  {\n\nNo.\n\n--- a/toy.c\n+++ b/toy.c\n@@ -3,1 +3,1 @@\n-\tx;\n+\ty;\n"
    #expect(
      Patch(text).summary
        == "this is a reply that quotes 1 hunk of a patch and has 1 of its own (line 3: toy.c, cut short, quoted by a reply; line 11: toy.c)"
    )
    #expect(Patch("Hello\n").summary == "there is no hunk of a diff in this text")
  }
}
