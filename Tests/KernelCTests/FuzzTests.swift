import Basics
import Foundation
import StepLanguage
import Testing

@testable import KernelC

/// Broken C is told and never crashes; what is translated compiles.
struct FuzzTests {
  /// Every run does a third of the rounds; who asks for a longer run gets all of them.
  private static let share =
    (Int(ProcessInfo.processInfo.environment["IOASCOPE_FUZZ_ROUNDS"] ?? "") ?? 0) > 60 ? 1 : 3

  private static let seed = """
    #define CLAMP(x, low) ((x) < (low) ? (low) : (x))
    #define BUMP(i, by) \\
    \tdo { \\
    \t\t(i)->value += (by); \\
    \t} while (0)
    #define NAME(a, b) a##b

    static bool ready(struct box *box)
    {
    \treturn !box->head || box->head->ready;
    }

    int work(struct box *box)
    {
    \tstruct item *item;
    \tunsigned long index;
    \tint NAME(r, c) = 0;
    \tu32 left = 7;

    \tguard(mutex)(&box->lock);
    again:
    \txa_for_each(&box->items, index, item) {
    \t\tif (!refcount_inc_not_zero(&item->users))
    \t\t\tcontinue;
    \t\tif (WARN_ON(item->value > 3 && !ready(box))) {
    \t\t\trc = -EINVAL;
    \t\t\tgoto out;
    \t\t}
    \t\titem->value += index ? 1 : 2;
    \t\tBUMP(item, CLAMP(rc, 3));
    \t\tleft = ({ u32 __l = left; __l - 1; });
    \t}
    #ifdef CONFIG_TOY
    \tif (box->total || (u8)left-- > 250)
    \t\tgoto again;
    #endif
    \tswitch (rc) {
    \tcase 0:
    \t\tbox->total = 1;
    \t\tbreak;
    \tdefault:
    \t\tgoto again;
    \t}
    out:
    \treturn rc;
    }

    """

  @Test func theSeedItselfIsUnderstood() throws {
    let translation = try translate(Self.seed, table: "config CONFIG_TOY\n")
    #expect(translation.diagnostics.map(\.rendered) == [])
    _ = try library.program(try toy(), translations: translation.texts)
  }

  @Test func mutationsAreToldOrCompile() throws {
    var random = SplitMix64(seed: 17)
    let words = [
      "(", ")", "{", "}", ";", "->", "goto", "out", "again", ":", "if", "else", "while", "for", "return",
      "box", "item",
      "=", "==", "!", "&&", "||", "&", "*", "+", "--", "?", "case", "default", "struct", "0", "NULL", "\"",
      "'", "/*",
      "#if 0", "#endif\n", "\n", "\n#define A(x) x x\n", "\n#undef BUMP\n", "A(", "BUMP(", "##", "\\\n", "({",
      "})",
      "(u8)", "typeof(", "<<", ">>", "0xffffffffu", "continue", "break", "guard", "sizeof", ",", "[", "]",
      ".",
    ]
    let model = try toy()
    let table = try table(and: toyTable + "config CONFIG_TOY\n")
    var understood = 0
    for _ in 0..<(1500 / Self.share) {
      var text = Array(Self.seed.utf8)
      for _ in 0..<(1 + random.next() % 4) {
        let position = Int(random.next() % UInt64(text.count))
        switch random.next() % 4 {
        case 0:
          let end = min(text.count, position + 1 + Int(random.next() % 20))
          text.removeSubrange(position..<end)
        case 1:
          text.insert(contentsOf: Array(words[Int(random.next() % UInt64(words.count))].utf8), at: position)
        case 2: text[position] = UInt8(truncatingIfNeeded: random.next())
        default:
          let end = min(text.count, position + 1 + Int(random.next() % 40))
          text.insert(contentsOf: Array(text[position..<end]), at: position)
        }
      }
      let source = SourceFile(name: "toy.c", text: String(decoding: text, as: UTF8.self))
      let translation = Translation([.init(source: source, functions: nil)], model: model, table: table)
      for one in translation.diagnostics { #expect(!one.rendered.isEmpty) }
      guard translation.diagnostics.isEmpty, !translation.functions.isEmpty else { continue }
      understood += 1
      // What the step language then refuses has its place in the C text.
      do {
        _ = try library.program(model, translations: translation.texts)
      } catch let error as DiagnosticError {
        #expect(error.diagnostics.allSatisfy { $0.line >= 1 && $0.line <= source.lineStarts.count })
      }
    }
    #expect(understood > 20 / Self.share)
  }

  /// A mail with a diff on top of a quoted one, as whole functions.
  private static func mail() -> String {
    let body = seed.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    func diff(_ old: String, _ new: String) -> [String] {
      var lines = ["--- a/x/toy.c", "+++ b/x/toy.c", "@@ -1,\(body.count) +1,\(body.count) @@"]
      for line in body {
        let changed = line.replacing(old, with: new)
        lines += changed == line ? [" \(line)"] : ["-\(line)", "+\(changed)"]
      }
      return lines
    }
    return
      (["From 1 Mon Sep 17 00:00:00 2001", "From: a@b", "Subject: x", "", "> Why?", ""]
      + diff("value > 3", "value > 4").map { "> \($0)" } + ["No.", ""]
      + diff("value > 3", "value > 5") + ["-- ", "2.40", ""]).joined(separator: "\n")
  }

  @Test func mailsOfAnyKindAreReadToTheirEnd() throws {
    var random = SplitMix64(seed: 23)
    let model = try toy()
    let table = try table(and: toyTable + "config CONFIG_TOY\n")
    let whole = PatchSides(Patch(Self.mail()), name: "p", configuration: ["CONFIG_TOY"], tree: nil)
    #expect(whole.functions.map(\.name) == ["work"])
    let words = [
      "@@ -1,3 +1,3 @@", "@@@ -1 -1 +1 @@@", "\n> ", "\n+", "\n-", "\n ", "--- a/x/toy.c\n",
      "+++ /dev/null\n", "\r\n",
      "Content-Transfer-Encoding: base64\n", "\nFrom 2 Mon\nSubject: y\n", "=3D", "=\n",
      "99999999999999999999", "{", "}",
      "#define work(x) (\n", "diff --git a/y b/y\n",
    ]
    var judged = 0
    var told = 0
    for _ in 0..<(400 / Self.share) {
      var text = Array(Self.mail().utf8)
      for _ in 0..<(1 + random.next() % 4) {
        let position = Int(random.next() % UInt64(text.count))
        let end = min(text.count, position + 1 + Int(random.next() % 60))
        switch random.next() % 4 {
        case 0: text.removeSubrange(position..<end)
        case 1:
          text.insert(contentsOf: Array(words[Int(random.next() % UInt64(words.count))].utf8), at: position)
        case 2: text[position] = UInt8(truncatingIfNeeded: random.next())
        default: text.insert(contentsOf: Array(text[position..<end]), at: position)
        }
      }
      let patch = Patch(String(decoding: text, as: UTF8.self))
      for tree in [nil, { (path: String) -> String? in path == "x/toy.c" ? Self.seed : nil }] {
        let sides = PatchSides(patch, name: "p", configuration: ["CONFIG_TOY"], tree: tree)
        if !sides.problems.isEmpty { told += 1 }
        // Each hunk that changes something was used, or told.
        if sides.problems.isEmpty,
          patch.files.contains(where: { $0.path.hasSuffix(".c") && !$0.hunks.isEmpty })
        {
          #expect(!sides.before.isEmpty && !sides.after.isEmpty)
        }
        for texts in [sides.before, sides.after] {
          for source in texts {
            let translation = Translation(
              [.init(source: source, functions: sides.functions.map(\.name), mayLack: true)], model: model,
              table: table)
            guard translation.diagnostics.isEmpty else { continue }
            judged += translation.functions.count
          }
        }
      }
    }
    #expect(judged > 100 && told > 100)
  }

  @Test func patchesOfAnyBytesAreRead() {
    var random = SplitMix64(seed: 4)
    let seed = "> --- a/x.c\n> +++ b/x.c\n> @@ -1,3 +1,3 @@ int f(void)\n>  int f(void)\n> -{\n> +{\n"
    for _ in 0..<(2000 / Self.share) {
      var text = Array(seed.utf8)
      for _ in 0..<(1 + random.next() % 5) {
        let position = Int(random.next() % UInt64(text.count))
        text[position] = UInt8(truncatingIfNeeded: random.next())
      }
      let patch = Patch(String(decoding: text, as: UTF8.self))
      let sides = PatchSides(patch, name: "p", configuration: [], tree: { _ in seed })
      #expect(sides.functions.count <= 4)
    }
  }
}
