import Testing

@testable import KernelC

/// What is not understood is said with its place and what would settle it; nothing is left out.
struct NotUnderstoodTests {
  private func body(_ text: String, table: String = "") throws -> [String] {
    try messages("int work(struct box *box)\n{\n\(text)\n}\n", table: table)
  }

  @Test func anUnknownCallNamesTheTableLine() throws {
    #expect(
      try body(" frobnicate(box);\n return 0;") == [
        "3:2: 'frobnicate' is neither in the model nor in the table nor in this file; add 'fn frobnicate(…) { … }' or 'opaque frobnicate' to the table, or say --opaque frobnicate"
      ])
  }

  @Test func anUnknownMemberNamesTheTableLine() throws {
    #expect(
      try body(" return box->colour;") == [
        "3:14: the model's box has no 'colour'; add 'field box.colour = NAME' or '= opaque' to the table"
      ])
  }

  @Test func anUnknownWalkNamesTheTableLine() throws {
    #expect(
      try body(" struct item *item;\n box_for_each(item, box) {\n  item->value = 1;\n }\n return 0;") == [
        "4:2: 'box_for_each' governs a statement and is not known; add 'walk box_for_each(PARAMETERS) { … } { … } { … }' to the table; did you mean 'xa_for_each'?"
      ])
  }

  @Test func anUnknownGuardNamesTheTableLine() throws {
    #expect(
      try body(" guard(frob)(&box->lock);\n return 0;") == [
        "3:2: the guard 'frob' is not known; add 'guard frob(&lock) { … } { … }' to the table"
      ])
  }

  @Test func anUnknownNameNamesTheTableLine() throws {
    #expect(
      try body(" return LIMIT;") == [
        "3:9: nothing says what 'LIMIT' is; add 'const LIMIT = NUMBER' to the table"
      ])
  }

  @Test func whatStandsForNothingInTheLanguageIsAnError() throws {
    #expect(
      try body(" asm(\"nop\");\n return 0;") == [
        "3:2: assembly is not read; declare the function that holds it opaque"
      ])
    #expect(
      try body(" return ({ if (box->total) box->total = 1; });") == [
        "3:9: these statements give no value; the last one must be an expression"
      ])
    #expect(
      try body(" static int count;\n return count;").first?.hasPrefix("3:13: a static variable is shared")
        == true)
  }

  @Test func aLabelInsideABlockIsAnError() throws {
    #expect(
      try body(" if (box->total) {\nhere:\n  box->total = 0;\n }\n return 0;") == [
        "4:1: the label 'here' stands inside a block; labels are read in the function's outermost block only"
      ])
  }

  @Test func aDirectiveInsideAFunctionIsAnError() throws {
    #expect(
      try body("#include \"x.h\"\n return 0;") == [
        "3:1: a #include inside a function is not read; write out what it stands for"
      ])
  }

  @Test func mistakesOfCAreTold() throws {
    #expect(try body(" return 0") == ["4:1: expected ';' behind the value of 'return', found '}'"])
    #expect(try body(" box->total = ;\n return 0;") == ["3:15: expected a value, found ';'"])
    #expect(
      try body(" goto nowhere;") == ["3:7: there is no label 'nowhere' in the function's outermost block"])
  }

  @Test func aPointerWhoseErrnoNobodyKnowsIsAnError() throws {
    let text =
      "int work(struct box *box)\n{\n struct item *item = item_new(box);\n if (IS_ERR(item))\n  return PTR_ERR(item);\n return 0;\n}\n"
    let translation = Translation(
      [.init(source: .init(name: "toy.c", text: text), functions: nil)], model: try toy(), table: try table())
    #expect(
      translation.diagnostics.map(\.message) == [
        "nothing says which errno 'item_new' gives where the model has null; add 'error item_new = -ENOMEM' to the table"
      ])
  }

  @Test func opaqueCallsAreNamed() throws {
    let text = "int work(struct box *box)\n{\n frobnicate(box);\n return 0;\n}\n"
    var own = try table(and: toyTable)
    own.declareOpaque("frobnicate")
    let translation = Translation(
      [.init(source: .init(name: "toy.c", text: text), functions: nil)], model: try toy(), table: own)
    #expect(translation.diagnostics.isEmpty)
    #expect(translation.opaque == ["frobnicate"])
  }

  @Test func anUnknownHolderIsAssumedAndSaid() throws {
    let translation = try translate(
      "int work(struct box *box)\n{\n refcount_inc(&box->head->users);\n return 0;\n}\n")
    #expect(
      translation.assumptions == [
        "toy.c:3: nothing tells who holds the unit of 'ref_inc …users'; it is work itself"
      ])
  }

  @Test func aFunctionThatIsNotThereIsToldWithAGuess() throws {
    #expect(
      try translate("int work(struct box *box)\n{\n return 0;\n}\n", ["wrok"]).diagnostics.map(\.message) == [
        "there is no function 'wrok' in this file; did you mean 'work'?"
      ])
  }

  @Test func everyStatementIsCountedInAndOut() throws {
    let text =
      "int work(struct box *box)\n{\n int rc = 0;\n if (box->total) {\n  rc = 1;\n  goto out;\n }\n while (box->head)\n  rc++;\nout:\n return rc;\n}\n"
    let function = try translate(text).functions[0]
    #expect(function.statementCount == 9)
    #expect(function.translatedCount == 9)
    let unreachable = try translate("int work(struct box *box)\n{\n return 0;\n box->total = 1;\n}\n")
      .functions[0]
    #expect(unreachable.statementCount == 2)
    #expect(unreachable.translatedCount == 1)
    #expect(unreachable.unreachedLines == [4])
  }
}
