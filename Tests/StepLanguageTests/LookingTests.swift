import StepLanguage
import Testing

/// What only looks changes nothing, and a callback is no value.
@Suite struct LookingTests {
  private static let model = """
    object thing { n: int }
    object ops_user { const ops: callbacks; m: mutex }
    ops callbacks { fn first(x: int) -> int; fn second(x: int) -> int; value: int }
    fn one(x: int) -> int { return x }
    driver d: callbacks { first = one; second = null; value = 3 }
    global table: xarray of thing from 0
    global line: list of thing
    global map: interval_map of thing
    global n: int
    global q: wait_queue
    global user: ops_user
    init { user = alloc ops_user { ops: d } }

    """

  private func errors(_ text: String) -> [String] {
    do {
      _ = try Library { _, _ in nil }.program(
        from: SourceFile(name: "m.step", text: "model m {\n\(Self.model)\(text)\n}\n"))
      return []
    } catch let error as DiagnosticError {
      return error.diagnostics.map(\.message)
    } catch {
      return ["\(error)"]
    }
  }

  @Test(arguments: [
    "xa_alloc(table)", "xa_store(table, 0, x)", "xa_erase(table, 0)", "list_append(line, x)",
    "list_remove(line, x)",
    "imap_insert(map, 0, 1, x)", "imap_remove(map, x)",
  ])
  func nothingThatLooksChangesAContainer(_ call: String) {
    let name = String(call.prefix { $0 != "(" })
    let isReference = name == "xa_erase"
    let test = isReference ? "\(call) == null" : "\(call) == 0"
    for (what, text) in [
      ("a probe", "entry e() { let x = alloc thing; probe p(k = \(call)) }"),
      ("a check", "entry e() { let x = alloc thing; check warn \(test) \"no\" }"),
      (
        "the condition of a wait",
        "entry e() { let x = alloc thing; let ok = wait_event q until \(test) timeout 1 interruptible }"
      ),
      ("an invariant", "invariant i \"i\" always for x: thing { \(test) }"),
    ] {
      let told = errors(text)
      #expect(told.first?.hasPrefix("\(what) only looks, and '\(name)' changes") == true, "\(what): \(told)")
    }
    // As a statement of its own it is fine.
    #expect(errors("entry e() { let x = alloc thing; \(call) }") == [])
    #expect(errors("fn f(x: thing) probe p(k = \(call)) { }").first?.hasPrefix("a probe only looks") == true)
    #expect(
      errors("fn f(x: thing) returns p(k = \(call)) { }").first?.hasPrefix("a probe only looks") == true)
  }

  @Test func looksAreFine() {
    #expect(
      errors(
        """
        entry e() {
          let x = alloc thing
          probe p(k = xa_find(table, 0), c = count(line))
          check warn list_first(line) == null "empty"
          let ok = wait_event q until xa_load(table, 3) == null timeout 1 interruptible
        }
        """) == [])
  }

  @Test func anInvariantChangesNothing() {
    for body in [
      "n = 1\nreturn true", "let x = alloc thing\nreturn true", "mutex_lock user.m\nreturn true",
      "wake_up q all\nreturn true",
    ] {
      let told = errors("invariant i \"i\" always { let z = 0\n\(body) }")
      #expect(!told.isEmpty, "\(body)")
    }
  }

  @Test func aCallbackIsCalledWhereItStandsOrComparedWithNull() {
    let sentence = "a callback is called where it stands, place->fn(…), or compared with null; it is no value"
    for text in [
      "let f = user.ops->second", "let f: callbacks = user.ops->second", "let f: any = user.ops->first",
      "probe p(f = user.ops->first)", "let c = user.ops\nc = user.ops->second",
    ] {
      #expect(errors("entry e() { \(text) }").contains(sentence), "\(text)")
    }
    #expect(errors("fn f() -> callbacks { return user.ops->first }").contains(sentence))
    #expect(errors("entry e() { let r = user.ops->first->second(1) }") == ["'->' follows an ops field"])
    #expect(
      errors("entry e() { if user.ops->first == user.ops->second { return } }").first?.contains(
        "cannot be compared")
        == true)
    #expect(
      errors(
        "entry e() { let u = user; if u.ops->second != null { let r = u.ops->second(1) } let v = u.ops->value }"
      ) == [])
  }
}
