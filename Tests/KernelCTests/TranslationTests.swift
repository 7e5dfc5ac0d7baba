import StepLanguage
import Testing

@testable import KernelC

/// What each construct of C becomes. Each C text is the body of `int work(struct box *box)`.
struct TranslationTests {
  private func body(_ text: String, table: String = "") throws -> [String] {
    try lines("int work(struct box *box)\n{\n\(text)\n}\n", table: table)
  }

  @Test func eachReadOfSharedMemoryIsAStepInOrder() throws {
    #expect(
      try body("if (box->head != box->spare)\n return -EBUSY;\nreturn 0;") == [
        "let t1 = box.head", "if t1 != box.spare {", "  return -EBUSY", "}", "return 0",
      ])
  }

  @Test func aChainOfPointersIsReadLinkByLink() throws {
    #expect(
      try body("box->head->next->value = 3;\nreturn box->head->value;") == [
        "let t1 = box.head", "let t2 = t1.next", "t2.value = 3", "let t3 = box.head", "return t3.value",
      ])
  }

  @Test func assignmentReadsThenWrites() throws {
    #expect(
      try body("box->total += 2;\nreturn 0;") == ["let t1 = box.total", "box.total = t1 + 2", "return 0"])
    #expect(
      try body("box->head = box->spare;\nreturn 0;") == ["let t1 = box.spare", "box.head = t1", "return 0"])
  }

  @Test func callsInConditionsKeepTheirShortCircuit() throws {
    #expect(
      try body("if (box->head && refcount_dec_and_test(&box->head->users))\n return 1;\nreturn 0;") == [
        "let r: bool = false", "let t1 = box.head != null", "if t1 {", "  let t2 = box.head",
        "  r = ref_dec_and_test t2.users by \"box\"", "  t1 = r", "}", "if t1 {", "  return 1", "}",
        "return 0",
      ])
  }

  @Test func gotoTailsAreWrittenOutWhereTheJumpStands() throws {
    #expect(
      try body(
        "int rc = -EINVAL;\nmutex_lock(&box->lock);\nif (box->total) goto out;\nrc = 0;\nout:\nmutex_unlock(&box->lock);\nreturn rc;"
      )
        == [
          "let rc: int = 0", "rc = -EINVAL", "mutex_lock box.lock", "if box.total != 0 {",
          "  mutex_unlock box.lock",
          "  return rc", "}", "rc = 0", "mutex_unlock box.lock", "return rc",
        ])
  }

  @Test func gotoBackwardIsALoop() throws {
    #expect(
      try body("again:\nif (box->total) goto again;\nreturn 0;") == [
        "loop {", "  if box.total != 0 {", "    continue", "  }", "  return 0", "}",
      ])
  }

  @Test func gotoBackwardOutOfAnInnerLoopCarriesAFlag() throws {
    #expect(
      try body("again:\nwhile (box->head) {\n if (box->total) goto again;\n break;\n}\nreturn 0;") == [
        "let jump: bool = false", "loop {", "  while box.head != null {", "    if box.total != 0 {",
        "      jump = true", "      break", "    }", "    break", "  }", "  if jump {", "    jump = false",
        "    continue", "  }", "  return 0", "}",
      ])
  }

  @Test func guardsAreReleasedOnEveryWayOutLastFirst() throws {
    #expect(
      try body(
        "guard(mutex)(&box->lock);\nguard(rwsem_write)(&box->sem);\nif (box->total)\n return -EBUSY;\nreturn 0;"
      )
        == [
          "mutex_lock box.lock", "down_write box.sem", "if box.total != 0 {", "  up_write box.sem",
          "  mutex_unlock box.lock", "  return -EBUSY", "}", "up_write box.sem", "mutex_unlock box.lock",
          "return 0",
        ])
  }

  @Test func aValueIsReadBeforeItsGuardIsReleased() throws {
    #expect(
      try body("guard(mutex)(&box->lock);\nreturn box->head->value;") == [
        "mutex_lock box.lock", "let t1 = box.head", "let t2 = t1.value", "mutex_unlock box.lock", "return t2",
      ])
  }

  @Test func scopedGuardEndsWithItsBlock() throws {
    #expect(
      try body(
        "scoped_guard(mutex, &box->lock) {\n if (box->total) return 1;\n box->total = 1;\n}\nreturn 0;") == [
          "loop {", "  mutex_lock box.lock", "  if box.total != 0 {", "    mutex_unlock box.lock",
          "    return 1", "  }",
          "  box.total = 1", "  mutex_unlock box.lock", "  break", "}", "return 0",
        ])
  }

  @Test func freeOnTheWayOutUnlessItWasHandedOn() throws {
    #expect(
      try body(
        "struct item *item __free(kfree) = kzalloc(sizeof(*item), GFP_KERNEL);\nif (!item) return -ENOMEM;\nbox->spare = no_free_ptr(item);\nreturn 0;"
      ) == [
        "let item_2: item = null", "item_2 = try_alloc item", "if item_2 == null {", "  if item_2 != null {",
        "    free item_2", "  }", "  return -ENOMEM", "}", "let t1 = item_2", "item_2 = null",
        "box.spare = t1",
        "if item_2 != null {", "  free item_2", "}", "return 0",
      ])
  }

  @Test func warnOnDoesWhatItsArgumentDoesFirst() throws {
    #expect(
      try body("if (WARN_ON(refcount_dec_and_test(&box->head->users)))\n return -EINVAL;\nreturn 0;") == [
        "let r: bool = false", "let t1 = box.head", "r = ref_dec_and_test t1.users by \"box\"",
        "let t2 = warn_on(r)", "if t2 {", "  return -EINVAL", "}", "return 0",
      ])
  }

  @Test func anErrnoAsAPointerIsASecondVariable() throws {
    #expect(
      try body(
        "struct item *item = item_new(box);\nif (IS_ERR(item))\n return PTR_ERR(item);\nbox->head = item;\nreturn 0;"
      )
        == [
          "let item_2: item = null", "let item_2_err: errno = 0", "let t1_err: int = 0",
          "let t1 = item_new(box)",
          "t1_err = 0", "if t1 == null {", "  t1_err = -ENOMEM", "}", "item_2 = t1", "item_2_err = t1_err",
          "if item_2_err != 0 {", "  return item_2_err", "}", "box.head = item_2", "return 0",
        ])
  }

  @Test func walksAreLoopsAndContinueTakesTheNextOne() throws {
    #expect(
      try body(
        "struct item *item;\nunsigned long index;\nxa_for_each(&box->items, index, item) {\n if (item->ready) continue;\n item->value = 1;\n}\nreturn 0;"
      ) == [
        "let item_2: item = null", "let index: u64 = 0", "let i = xa_find(box.items, 0)", "loop {",
        "  if i < 0 {",
        "    item_2 = null", "    break", "  }", "  index = i", "  item_2 = xa_load(box.items, i)",
        "  if item_2.ready {", "    i = xa_find(box.items, i + 1)", "    continue", "  }",
        "  item_2.value = 1",
        "  i = xa_find(box.items, i + 1)", "}", "return 0",
      ])
  }

  @Test func forRunsItsStepBeforeContinue() throws {
    #expect(
      try body(
        "int i;\nfor (i = 0; i < 3; i++) {\n if (box->total == i) continue;\n box->total = i;\n}\nreturn i;")
        == [
          "let i: int = 0", "i = 0", "while i < 3 {", "  if box.total == i {", "    i += 1", "    continue",
          "  }",
          "  box.total = i", "  i += 1", "}", "return i",
        ])
  }

  @Test func doWhileTestsAtItsEnd() throws {
    #expect(
      try body("int i = 0;\ndo {\n i++;\n} while (i < 3);\nreturn i;") == [
        "let i: int = 0", "i = 0", "loop {", "  i += 1", "  if !(i < 3) {", "    break", "  }", "}",
        "return i",
      ])
  }

  @Test func switchRunsOnIntoTheNextCase() throws {
    #expect(
      try body(
        "switch (box->total) {\ncase 1:\n box->total = 2;\n fallthrough;\ncase 2:\ncase 3:\n return 7;\ndefault:\n break;\n}\nreturn 0;"
      ) == [
        "let fall: bool = false", "let t1 = box.total", "loop {", "  fall = false", "  if fall || t1 == 1 {",
        "    box.total = 2", "    fall = true", "  }", "  if fall || t1 == 2 || t1 == 3 {", "    return 7",
        "  }",
        "  if fall || !(t1 == 1 || t1 == 2 || t1 == 3) {", "    break", "  }", "  break", "}", "return 0",
      ])
  }

  @Test func conditionalExpressionsEvaluateOneSide() throws {
    #expect(
      try body("return box->total ? box->head->value : -1;") == [
        "let choice: int = 0", "if box.total != 0 {", "  let t1 = box.head", "  choice = t1.value",
        "} else {",
        "  choice = -1", "}", "return choice",
      ])
  }

  @Test func overflowOfASumIsTestedAndTheSumIsThere() throws {
    #expect(
      try body(
        "unsigned long last;\nif (check_add_overflow(box->total, 5UL, &last))\n return -EOVERFLOW;\nreturn 0;"
      ) == [
        "let last: u64 = 0", "let t1 = box.total", "let t2 = add_overflows(t1, 5)", "last = t1 + 5",
        "if t2 {",
        "  return -EOVERFLOW", "}", "return 0",
      ])
  }

  @Test func theConfigurationDecidesAndNothingOfTheOtherBranchIsLost() throws {
    let text =
      "int work(struct box *box)\n{\n if (IS_ENABLED(CONFIG_TOY)) {\n  box->total = 1;\n  return 1;\n }\n#ifdef CONFIG_TOY\n box->total = 2;\n#endif\n return 0;\n}\n"
    #expect(try lines(text) == ["return 0"])
    #expect(try lines(text, table: "config CONFIG_TOY\n") == ["box.total = 1", "return 1"])
    let translation = try translate(text)
    #expect(translation.functions[0].translatedCount == translation.functions[0].statementCount)
  }

  @Test func structuresOnTheStackAreVariables() throws {
    #expect(
      try body(
        "struct plan plan = {};\nplan.first = box->head;\nif (plan.first) box->spare = plan.first;\nreturn 0;"
      ) == [
        "let plan_first: item = null", "plan_first = box.head", "if plan_first != null {",
        "  box.spare = plan_first",
        "}", "return 0",
      ])
  }

  @Test func callbacksGoThroughTheDriver() throws {
    #expect(
      try body("if (box->ops->notify)\n return box->ops->notify(box->head, 4);\nreturn 0;") == [
        "let t1 = box.ops", "if t1->notify != null {", "  let t2 = box.head",
        "  let t3 = box.ops->notify(t2, 4)",
        "  return t3", "}", "return 0",
      ])
  }

  @Test func functionsOfTheSameFileComeAlong() throws {
    let text =
      "static void bump(struct box *box, unsigned long by)\n{\n box->total += by;\n}\nint work(struct box *box)\n{\n bump(box, 2);\n return 0;\n}\n"
    let translation = try translate(text)
    #expect(translation.functions.map(\.name) == ["work", "bump"])
    #expect(translation.functions.map(\.isInModel) == [true, false])
    _ = try library.program(try toy(), translations: translation.texts)
  }

  @Test func attributesCommentsAndLikelyChangeNothing() throws {
    #expect(
      try body(
        "/* note */ int __maybe_unused rc; // note\nif (likely(box->ready_count))\n rc = 1;\nreturn 0;",
        table: "field box.ready_count = total\n")
        == ["let rc: int = 0", "if box.total != 0 {", "  rc = 1", "}", "return 0"])
  }

  @Test func waitsTestTheirConditionAgainAndAgain() throws {
    #expect(
      try body("if (!wait_event_timeout(box->queue, box->total == 0, HZ))\n return -EBUSY;\nreturn 0;") == [
        "let r: bool = false", "r = wait_event box.queue until box.total == 0 timeout 60 uninterruptible",
        "if !r {",
        "  return -EBUSY", "}", "return 0",
      ])
  }
}
