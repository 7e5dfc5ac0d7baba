import Explorer
import Machine
import StepLanguage
import Testing

@testable import KernelC

/// Functions from C behave as their statements say: the search finds what is wrong with them.
struct BehaviourTests {
  private func verdict(_ text: String) throws -> [String] {
    let translation = try translate(text)
    let program = try library.program(try toy(), translations: translation.texts)
    let scenario = try library.scenarios(
      from: SourceFile(
        name: "s.step",
        text: "scenario s \"two\" {\n model toy\n thread T1 {\n run\n }\n thread T2 {\n run\n }\n}\n"))[0]
    return try KernelCTests.verdict(program, scenario)
  }

  private func body(_ text: String) -> String { "int work(struct box *box)\n{\n\(text)\n}\n" }

  @Test func aBalancedFunctionHolds() throws {
    #expect(
      try verdict(body("guard(mutex)(&box->lock);\nif (box->total)\n return 0;\nbox->total = 1;\nreturn 0;"))
        == [
          "holds"
        ])
  }

  @Test func aForgottenUnlockIsFoundAtTheCLine() throws {
    let text = body(
      "mutex_lock(&box->lock);\nif (box->total)\n return -EBUSY;\nbox->total = 1;\nmutex_unlock(&box->lock);\nreturn 0;"
    )
    #expect(try verdict(text).contains("lock-imbalance"))
    let translation = try translate(text)
    let program = try library.program(try toy(), translations: translation.texts)
    let function = try #require(program.function(named: "work"))
    let lines = program.statements.indices.filter { program.statements[$0].function == function }
      .map { program.location(of: $0) }
    #expect(lines.first == "toy.c:3")
    #expect(
      program.text(of: program.statements.firstIndex { $0.function == function } ?? 0)
        == "mutex_lock(&box->lock)")
  }

  @Test func twoReadsOfOneFieldAreTwoSteps() throws {
    // Another thread comes in between the test and the use.
    let text = body(
      "struct item *item;\nif (box->head) {\n box->head->value = 1;\n box->head = NULL;\n return 0;\n}\nitem = kzalloc(sizeof(*item), GFP_KERNEL);\nif (!item)\n return -ENOMEM;\nbox->head = item;\nbox->head->value = 2;\nreturn 0;"
    )
    #expect(try verdict(text) != ["holds"])
  }

  @Test func aRefcountedFreeIsFound() throws {
    let text = body(
      "struct item *item;\nmutex_lock(&box->lock);\nitem = box->head;\nif (!item) {\n item = kzalloc(sizeof(*item), GFP_KERNEL);\n if (item)\n  refcount_set(&item->users, 1);\n box->head = item;\n}\nmutex_unlock(&box->lock);\nif (!item)\n return -ENOMEM;\nitem->value = 1;\nif (refcount_dec_and_test(&item->users))\n kfree(item);\nreturn 0;"
    )
    #expect(try verdict(text).contains("use-after-free"))
  }

  @Test func theImportedRevisionIsTheSameProgram() throws {
    let text = body("mutex_lock(&box->lock);\nbox->total += 1;\nmutex_unlock(&box->lock);\nreturn 0;")
    let translation = try translate(text)
    let direct = try library.program(try toy(), translations: translation.texts)
    let both = Library { kind, name in name == "toy" && kind == .model ? ("toy.step", toyText) : nil }
    let imported = try both.program(
      from: SourceFile(name: "mine.step", text: translation.revision(named: "mine")))
    #expect(imported.digest == direct.digest)
  }
}
