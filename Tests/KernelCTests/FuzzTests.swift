import Basics
import StepLanguage
import Testing

@testable import KernelC

/// Broken C is told and never crashes; what is translated compiles.
struct FuzzTests {
  private static let seed = """
    static bool ready(struct box *box)
    {
    \treturn !box->head || box->head->ready;
    }

    int work(struct box *box)
    {
    \tstruct item *item;
    \tunsigned long index;
    \tint rc = 0;

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
    \t}
    #ifdef CONFIG_TOY
    \tif (box->total)
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
      "#if 0", "#endif\n", "\n", "continue", "break", "guard", "sizeof", ",", "[", "]", ".",
    ]
    let model = try toy()
    let table = try table(and: toyTable + "config CONFIG_TOY\n")
    var understood = 0
    for _ in 0..<1500 {
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
    #expect(understood > 20)
  }

  @Test func patchesOfAnyBytesAreRead() {
    var random = SplitMix64(seed: 4)
    let seed = "> --- a/x.c\n> +++ b/x.c\n> @@ -1,3 +1,3 @@ int f(void)\n>  int f(void)\n> -{\n> +{\n"
    for _ in 0..<2000 {
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
