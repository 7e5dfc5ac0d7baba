import StepLanguage
import Testing

/// What C fingers type gets an error that says what to write.
@Suite struct HintTests {
  private func error(_ items: String) -> String {
    let text = """
      model m "M" {
        object thing { const id: int; lock: mutex; sl: spinlock; q: wait_queue; refs: refcount; v: int; next: thing }
        global g: thing
        fn foo(x: int) -> int { return x }
        \(items)
      }
      """
    do {
      _ = try Library { _, _ in nil }.program(from: SourceFile(name: "m.step", text: text))
      return "no error"
    } catch let error as DiagnosticError {
      return error.diagnostics[0].message
    } catch {
      return "\(error)"
    }
  }

  /// What is typed in an entry, and what the message says.
  @Test(arguments: [
    ("x->v = 1", "a field is reached with '.': x.v"),
    ("let y = x->v", "a field is reached with '.': x.v"),
    (
      "if !g { return -EINVAL }",
      "a condition is true or false, this is a reference to thing; write g == null"
    ),
    ("if g { return -EINVAL }", "write g != null"),
    ("if x.v { return -EINVAL }", "write x.v != 0"),
    ("if foo(1) != 0 { return -EINVAL }", "give its result a name with 'let' first"),
    ("let ok = g != null && foo(1) == 1", "give its result a name with 'let' first"),
    ("let y = foo(foo(1))", "give its result a name with 'let' first"),
    ("let y = choose 2 + 1", "give what stands before it a name with 'let'"),
    ("for i in 0 { }", "there is no 'for'; write 'let i = 0', then 'while"),
    ("warn \"a\u{202E}b\"", "the invisible character U+202E"),
    ("warn \"a\u{1B}[31m\"", "the invisible character U+1B"),
    ("goto out", "there is no 'goto'"),
    ("if g == null\nreturn", "expected '{' to open the block, found the end of the line; a block has braces"),
    ("kfree(x)", "there is no function 'kfree'; write 'free x'"),
    ("kfree(x.next)", "write 'free x.next'"),
    ("kfree(&x)", "write 'free x'"),
    ("kref_get(x.refs)", "write 'ref_inc x.refs by \"holder\"'"),
    ("kref_get(&x->refs)", "write 'ref_inc x.refs by \"holder\"'"),
    ("kref_put(&x->refs, release)", "write 'let last = ref_dec_and_test x.refs by \"holder\"', then"),
    ("mutex_lock(&x->lock)", "'mutex_lock' is a statement, not a function; write 'mutex_lock x.lock'"),
    ("mutex_lock(x.lock)", "write 'mutex_lock x.lock'"),
    ("spin_lock_irqsave(&x->sl, flags)", "write 'spin_lock x.sl'; there are no interrupts"),
    ("ref_inc(x.refs)", "write 'ref_inc x.refs by \"holder\"'"),
    ("ref_inc x.refs", "expected 'by' and who holds this unit, found the end of the line; write by"),
    ("wake_up(&x->q)", "write 'wake_up x.q all'"),
    ("x.v = ~1", "'~' means nothing here; there is no '~'; write the number"),
    ("if g == NULL { return -EINVAL }", "there is no 'NULL' here; write 'null'"),
    ("x.v++", "write 'x.v += 1'"), ("++x.v", "write 'x += 1'"), ("x.v--", "write 'x.v -= 1'"),
    ("x.v *= 2", "write 'x.v = x.v * …'"), ("x.v == 1", "'=' assigns, and '==' compares"),
    ("rcu_read_lock()", "RCU is not part of the language; count the readers"),
    ("let y = g == null ? 1 : 2", "there is no '?:'; write"),
    (
      "if mutex_trylock x.lock { mutex_unlock x.lock }",
      "give its result a name first: let ok = mutex_trylock"
    ),
    ("if ref_dec_and_test x.refs by \"fd\" { free x }", "let ok = ref_dec_and_test"),
    ("ref_dec_and_test x.refs by \"fd\"", "give its result a name: let ok = ref_dec_and_test"),
    ("let y: int", "every variable begins with a value"), ("int y = 5", "a variable is declared with 'let'"),
    ("let y = 1\nlet y = 2", "'y' is already declared here; use '=' to change it"),
    ("return 5", "a system call returns 0 or a negative errno name"),
    ("return EBUSY", "a system call returns 0 or"),
    ("foo(\"fd\")", "a text in quotes is no value; it names a holder behind 'by'"),
    ("WARN_ON(g == null)", "write 'if warn_on(g == null) { }'"),
    ("for (i = 0; i < 3; i++) {", "there is no 'for'"), ("switch (i) {", "there is no 'switch'"),
    ("n++", "write 'n += 1'"), ("n--", "write 'n -= 1'"),
    ("let y = READ_ONCE(x.v)", "there is no function 'READ_ONCE'; write 'x.v'"),
    ("let y = *x", "there is no '*' for pointers"), ("let y = &x", "there is no '&' for addresses"),
    ("list_for_each_entry(p, head, list) { }", "write 'let x = list_first(LIST)'"),
    ("mutx_lock x.lock", "did you mean 'mutex_lock'?"),
  ])
  func inAnEntry(_ typed: String, _ said: String) {
    let message = error("entry e() \"e\" {\nlet x = g\n\(typed)\n}")
    #expect(message.contains(said), "\(typed): \(message)")
  }

  @Test(arguments: [
    ("fn f(struct thing *x) { }", "the name comes first: x: TYPE"),
    ("fn f(int x) { }", "the name comes first: x: TYPE"),
    ("fn f() -> void { }", "leave '-> void' out"), ("fn f(x: u32) { }", "write 'u64'"),
    ("object o { r: refcount_t }", "write 'refcount'"), ("object o { l: spinlock_t }", "write 'spinlock'"),
    ("entry a(x: int, y: flag, z: int) { }", "'z' stands behind the flag 'y'; flags come last"),
    ("fn f(x: int, x: int) { }", "there is a parameter 'x' already"),
  ])
  func inADeclaration(_ typed: String, _ said: String) {
    let message = error(typed)
    #expect(message.contains(said), "\(typed): \(message)")
  }

  /// C's own names are free for a model's functions.
  @Test func aModelMayHaveAFunctionOfThatName() {
    #expect(error("fn complete(x: thing) { x.v = 1 }\nentry e() { complete(g) }") == "no error")
    #expect(error("fn kfree(x: thing) { free x }\nentry e() { kfree(g) }") == "no error")
  }

  @Test func threadsOfAScenario() {
    let text = "scenario s {\n  thread worker-1 {\n    go\n  }\n}\n"
    let error = #expect(throws: DiagnosticError.self) {
      _ = try Library { _, _ in nil }.scenarios(from: SourceFile(name: "s.step", text: text))
    }
    #expect(
      error?.diagnostics[0].message.contains("a thread's name has letters, digits and '_' only") == true)
  }

  /// What is no constant is looked at when the system call returns.
  @Test func whatAnEntryReturnsIsLookedAt() {
    #expect(
      error(
        "entry e(n: int) { return n }\nentry f() { let rc = foo(3); return rc }\nentry g() { return -EBUSY }")
        == "no error")
  }
}
