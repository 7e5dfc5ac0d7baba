import CustomDump
import StepLanguage
import Testing

/// What a user sees for a wrong model: the message, the place, the line and a caret.
@Suite struct DiagnosticTests {
  private func messages(_ text: String, bases: [String: String] = [:]) -> String {
    let library = Library { kind, name in
      kind == .model ? bases[name].map { ("\(name).step", $0) } : nil
    }
    do {
      _ = try library.program(from: SourceFile(name: "m.step", text: text))
      return "no error"
    } catch let error as DiagnosticError {
      return error.rendered
    } catch {
      return "\(error)"
    }
  }

  @Test func severalErrorsInOneRun() {
    expectNoDifference(
      messages(
        """
        model m "M" {
          object thing { value: int; users: refcunt }
          global box: thing
          fn f(t: thing) -> int {
            let x = t.valeu
            mutex_lock box
            return y
          }
          entry go() {
            g()
            let n = f(null, 1)
          }
        }
        """),
      """
      m.step:2:37: error: there is no type 'refcunt'; did you mean 'refcount'?
        object thing { value: int; users: refcunt }
                                          ^^^^^^^
      m.step:5:15: error: 'thing' has no field 'valeu'; did you mean 'value'?
          let x = t.valeu
                    ^^^^^
      m.step:6:16: error: 'box' is no lock
          mutex_lock box
                     ^^^
      m.step:7:12: error: there is no 'y' here
          return y
                 ^
      m.step:10:5: error: there is no function 'g'
          g()
          ^
      m.step:11:13: error: 'f' takes 1 argument, not 2
          let n = f(null, 1)
                  ^^^^^^^^^^
      """)
  }

  @Test func syntaxErrorsDoNotHideOneAnother() {
    expectNoDifference(
      messages(
        """
        model m "M" {
          fn f( {
            return
          }
          const A = = 3
          entry go() {
            let = 3
            if x == {
            }
            lock everything
          }
          entry fine() { return 0 }
        """),
      """
      m.step:2:9: error: expected a parameter's name, found '{'
        fn f( {
              ^
      m.step:5:13: error: expected a value, found '='
        const A = = 3
                  ^
      m.step:7:9: error: expected a variable's name, found '='
          let = 3
              ^
      m.step:8:13: error: expected a value, found '{'
          if x == {
                  ^
      m.step:10:5: error: 'lock' begins no statement; see the grammar in docs/step-language.md
          lock everything
          ^^^^
      m.step:12:28: error: the model 'm' has no end; close it with '}'
        entry fine() { return 0 }
                                 ^
      """)
  }

  @Test func typesAreChecked() {
    let head = """
      model m "M" {
        object thing { const id: int; users: refcount; next: thing; lock: mutex; sem: rw_semaphore }
        object other { x: int }
        global box: thing
        fn needs(t: thing) -> bool { return t != null }

      """
    func check(_ body: String, _ expected: String, sourceLocation: SourceLocation = #_sourceLocation) {
      let text = messages(head + "  entry go() {\n\(body)\n}\n}\n")
      #expect(text.contains("error: \(expected)"), "\(text)", sourceLocation: sourceLocation)
    }
    check(
      "let a = alloc other; let b = needs(a)", "expected a reference to thing, this is a reference to other")
    check("let a = alloc thing; a.id = 3", "'id' is const; it gets its value in the braces of 'alloc'")
    check("let a = alloc thing; a.users = 3", "'users' is a refcount; use ref_set, ref_inc, ref_dec")
    check("let a = alloc thing; if a { }", "a condition is true or false, this is a reference to thing")
    check("let a = alloc thing; down_read a.lock", "'lock' is a mutex: use mutex_lock, mutex_unlock")
    check("let a = alloc thing; mutex_lock a.sem", "'sem' is an rw_semaphore")
    check("mutex_lock box.lock", "name the lock through a variable")
    check("let a = null", "say what 'a' refers to")
    check("let a = 1; let a = 2", "'a' is already declared here")
    check("let a = needs(null) && true", "expected the end of the line, found '&&'")
    check("let a = 1 + needs(null)", "a call of 'needs' cannot stand inside an expression")
    check("break", "'break' stands outside a loop")
    check("let a = result", "'result' is known only in a probe at return")
    check("check speed box == null \"slow\"", "there is no property 'speed'")
    check(
      "let a = alloc thing; let b = alloc other; if a == b { }",
      "a reference to thing and a reference to other cannot be compared")
    check("let a = list_first(box.next)", "'next' is no container")
  }

  @Test func recursionAndMissingReturnsAreRefused() {
    #expect(
      messages("model m \"M\" { fn a() { b() }\nfn b() { a() }\nentry go() { a() } }")
        .contains("'a' calls itself, directly or through others; write a loop"))
    #expect(
      messages("model m \"M\" { fn a(x: int) -> int { if x == 1 { return 2 } } }")
        .contains("'a' may end here without returning a value"))
  }

  @Test func revisionsNameTheirBases() {
    let base = "model base \"Base\" { entry go() { } }"
    #expect(messages("revision r of base \"R\" { entry more() { } }", bases: ["base": base]) == "no error")
    #expect(
      messages("revision r of nothing \"R\" { }")
        .contains("m.step:1:15: error: there is no model 'nothing'; see 'ioascope list models'"))
    #expect(
      messages("revision r of base \"R\" { remove fn absent }", bases: ["base": base])
        .contains("the base has no 'fn absent' to remove"))
    #expect(
      messages("revision r of base \"R\" { fn a() { }\nfn a() { } }", bases: ["base": base])
        .contains("'fn a' stands twice in this model"))
    // An error in the base is shown in the base's own file.
    #expect(
      messages("revision r of base \"R\" { }", bases: ["base": "model base \"B\" { entry go() { x = 1 } }"])
        .contains("base.step:1:31: error: there is no 'x' here"))
  }

  @Test func aVeryLongLineIsShownInPart() {
    let text =
      "model m \"M\" { entry go() { let é = 1; " + String(repeating: "é = 2; ", count: 300_000)
      + "nonsense = 3 } }"
    let shown = messages(text)
    #expect(shown.utf8.count < 60_000)
    let lines = messages("model m \"M\" { const A = \(String(repeating: "1 + ", count: 200))B }").split(
      separator: "\n")
    #expect(lines[0].hasSuffix("this is no constant; use numbers, constants, + - * and <<"))
    let caret = lines[2].count - 1
    #expect(lines[1].dropFirst(caret).first == "B", "the caret stands under its place: \(lines)")
  }

  @Test func hostileTextIsRefusedInBoundedTime() {
    let deep = "model m \"M\" { entry go() { let a = " + String(repeating: "(", count: 5_000) + " } }"
    #expect(messages(deep).contains("more than 64 levels of nesting"))
    let blocks = "model m \"M\" { entry go() { " + String(repeating: "loop { ", count: 5_000) + " } }"
    #expect(messages(blocks).contains("more than 64 levels of nesting"))
    let garbage = String(repeating: "\u{1}\u{7F}é@$", count: 2_000)
    #expect(messages(garbage).split(separator: "\n").count < 400)
    #expect(
      !messages("model m \"M\" { \u{1B}[31m }").contains("\u{1B}"), "control characters stay out of messages")
    #expect(messages("").contains("this file holds no model"))
    #expect(messages("model m \"M").contains("this string has no end"))
    #expect(messages("model m \"M\" { const A = 99999999999999999999 }").contains("is no number"))
  }
}
