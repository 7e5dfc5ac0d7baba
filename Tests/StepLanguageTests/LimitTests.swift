import StepLanguage
import Testing

/// A text beyond a limit is an error with place, limit and remedy; a text at the limit is none.
@Suite struct LimitTests {
  private func compile(_ items: String, name: String = "m.step") throws -> Program {
    try Library { _, _ in nil }.program(
      from: SourceFile(name: name, text: "model m \"M\" {\n\(items)\n}\n"))
  }

  /// What is said of a model's items, each message once.
  private func errors(_ items: String) -> [String] {
    do {
      _ = try compile(items)
      return []
    } catch let error as DiagnosticError {
      return error.diagnostics.map { "\($0.line):\($0.column): \($0.message)" }
    } catch {
      return ["\(error)"]
    }
  }

  private func lines(_ count: Int, _ line: (Int) -> String) -> String {
    (0..<count).map(line).joined(separator: "\n")
  }

  /// Just enough, and one more.
  private func expect(_ limit: Limit, at line: Int?, _ text: (Int) -> String) {
    #expect(errors(text(limit.number)) == [])
    let beyond = errors(text(limit.number + 1))
    #expect(beyond.contains { $0.hasSuffix(": \(limit.message)") }, "\(beyond.prefix(3))")
    if let line { #expect(beyond.first?.hasPrefix("\(line):") == true, "\(beyond.prefix(3))") }
  }

  @Test func nesting() {
    // The blocks of the function and of the loops, and the condition inside.
    expect(Limits.nesting, at: nil) { depth in
      let opening = String(repeating: "loop {\n", count: depth - 1)
      let closing = String(repeating: "}\n", count: depth - 1)
      return "entry e() {\n" + opening + " break " + closing + "}"
    }
    for (opening, closing) in [
      ("(", ")"), ("!(", ")"), ("- -", ""), ("alive(g as t) && (", ")"), ("held(g.", ")"),
    ] {
      let deep = String(repeating: opening, count: 100_000) + "1" + String(repeating: closing, count: 100_000)
      #expect(!errors("object t { n: int }\nglobal g: t\nentry e() { let x = \(deep) }").isEmpty)
    }
    let chain = String(repeating: "if n == 1 { n = 2 } else ", count: 50_000) + "{ n = 3 }"
    let told = errors("global n: int\nentry e() { \(chain) }")
    #expect(told.first?.contains(Limits.nesting.message) == true, "\(told.prefix(2))")
  }

  @Test func partsOfAnExpression() {
    for symbol in ["+", "&&", "||", "==", "|"] {
      let value = symbol.contains("&") || symbol == "||" ? "true" : "1"
      let sum = Array(repeating: value, count: 200_000).joined(separator: " \(symbol) ")
      let told = errors("entry e() { let x = \(sum) }")
      #expect(told.first?.hasPrefix("2:") == true)
      #expect(told.first?.contains(Limits.expressionParts.message) == true, "\(told.prefix(2))")
    }
    let parts = Limits.expressionParts.number / 2
    let sum = Array(repeating: "1", count: parts).joined(separator: " + ")
    #expect(errors("entry e() { let x = \(sum) }") == [])
    let way = "g" + String(repeating: ".next", count: 200_000)
    let casts = String(repeating: " as t", count: 100_000)
    for statement in ["let x = \(way)", "\(way) = null", "mutex_lock \(way)", "let x = g\(casts)"] {
      let told = errors("object t { next: t }\nglobal g: t\nentry e() { \(statement) }")
      #expect(told.first?.contains(Limits.expressionParts.message) == true, "\(told.prefix(2))")
    }
    // The const of a model is an expression, too.
    let constant = Array(repeating: "1", count: 200_000).joined(separator: "+")
    #expect(errors("const N = \(constant)").first?.contains(Limits.expressionParts.message) == true)
  }

  @Test func parametersAndArguments() {
    func list(_ count: Int, _ text: (Int) -> String) -> String {
      (0..<count).map(text).joined(separator: ", ")
    }
    func declared(_ count: Int) -> String { list(count) { "p\($0): int" } }
    func given(_ count: Int) -> String { list(count) { "\($0)" } }
    func probe(_ count: Int) -> String { "entry e() { probe p(" + list(count) { "p\($0) = \($0)" } + ") }" }
    expect(Limits.parameters, at: 2) { "fn f(" + declared($0) + ") { }\nentry e() { f(" + given($0) + ") }" }
    expect(Limits.parameters, at: 2) { "entry e(" + declared($0) + ") { }" }
    expect(Limits.parameters, at: 2) { "ops o { fn f(" + declared($0) + ") }" }
    expect(Limits.parameters, at: 2) { probe($0) }
    #expect(!errors(probe(4_000)).isEmpty)
  }

  @Test func variablesAndStatementsOfAFunction() {
    expect(Limits.locals, at: 2) { count in
      "entry e() {\n" + lines(count) { "let v\($0) = \($0)" } + "\n}"
    }
    expect(Limits.statements, at: nil) { count in
      "global n: int\nentry e() {\n" + lines(count) { _ in "n = 1" } + "\n}"
    }
  }

  @Test func sizeOfAnObject() {
    // Each type has the header and what it inherits; a refcount has two words.
    let large = "object a {\n" + lines(4_000) { "f\($0): rw_semaphore" } + "\n}\n"
    let small = lines(7) { number in
      let base = number == 0 ? "a" : "b\(number - 1)"
      return "object b\(number) extends \(base) { g\(number): int }"
    }
    #expect(errors(large + small) == [])
    expect(Limits.fields, at: nil) { count in "object a {\n" + lines(count) { "f\($0): int" } + "\n}" }
    expect(Limits.fields, at: nil) { lines($0) { "global g\($0): int" } }
    #expect(
      errors("object a { x: int; x: int }").first?.contains("the field 'x' is declared twice") == true)
    // 65,535 words are more than 4,096 fields can have today; the limit guards the header's 16 bits whatever a field takes.
    #expect(Limits.fields.number * 3 < Limits.objectWords.number)
  }

  @Test func typesAndWhatTheyExtend() {
    // Four types are the machine's own.
    #expect(errors(lines(Limits.types.number - 4) { "object t\($0) { }" }) == [])
    let told = errors(lines(Limits.types.number) { "object t\($0) { }" })
    #expect(told.count == 1 && told[0].contains(Limits.types.message), "\(told.prefix(2))")
    let chain = { (count: Int) in
      lines(count) { $0 == 0 ? "object t0 { }" : "object t\($0) extends t\($0 - 1) { f\($0): int }" }
    }
    #expect(errors(chain(Limits.extending.number)) == [])
    // Told the other way round the whole chain is laid out from its end.
    let backwards = (0..<5_00).reversed().map {
      $0 == 0 ? "object t0 { }" : "object t\($0) extends t\($0 - 1) { }"
    }
    #expect(errors(backwards.joined(separator: "\n")).first?.contains(Limits.extending.message) == true)
  }

  @Test func locksFunctionsEntriesAndTables() {
    expect(Limits.lockClasses, at: nil) { count in
      lines((count + 999) / 1_000) { block in
        let locks = lines(min(1_000, count - block * 1_000)) { "l\($0): mutex" }
        return "object t\(block) {\n" + locks + "\n}"
      }
    }
    expect(Limits.functions, at: nil) { lines($0) { "fn f\($0)() { }" } }
    expect(Limits.entries, at: nil) { lines($0) { "entry e\($0)() { }" } }
    expect(Limits.slotTables, at: nil) { lines($0) { "slot s\($0) letter x\($0) = 0" } }
    expect(Limits.drivers, at: nil) { count in "ops o {\n" + lines(count) { "v\($0): int" } + "\n}" }
    expect(Limits.items, at: nil) { lines($0) { "const C\($0) = 1" } }
  }

  @Test func callsThatGoDeep() {
    let depth = Limits.stackWords.number / 500
    func chain(_ count: Int) -> String {
      lines(count) { number in
        let variables = lines(490) { "let v\($0) = \($0)" }
        let call = number == 0 ? "" : "f\(number - 1)()"
        return "fn f\(number)() {\n" + variables + "\n" + call + "\n}"
      }
    }
    #expect(errors(chain(depth - 1)) == [])
    #expect(errors(chain(depth + 2)).first?.contains(Limits.stackWords.message) == true)
  }

  @Test func numbersInTheText() {
    #expect(errors("object t layer 63 { }") == [])
    for number in ["64", "18446744073709551615", "0x7fffffffffffffff"] {
      #expect(errors("object t layer \(number) { }") == ["2:16: \(Limits.layers.message)"])
    }
    func wait(_ seconds: String) -> String {
      "global q: wait_queue\nentry e() { let ok = wait_event q until true timeout \(seconds) interruptible }"
    }
    #expect(errors(wait("1000000")) == [])
    #expect(errors(wait("18446744073709551615")) == ["3:54: \(Limits.seconds.message)"])
    #expect(errors("entry e() { let x = choose 17 }").first?.contains(Limits.choices.message) == true)
    #expect(errors("workqueue q workers 17").first?.contains(Limits.workers.message) == true)
    // Too few is another mistake than too many.
    #expect(errors("workqueue q workers 0").first?.contains("has one worker at least") == true)
    #expect(errors("const A = 1 << 18446744073709551615\nconst B = 1 << 64") == [])
  }

  @Test func revisions() throws {
    func texts(_ count: Int) -> [String: String] {
      var texts = ["m0": "model m0 { }"]
      for number in 1...count { texts["m\(number)"] = "revision m\(number) of m\(number - 1) { }" }
      return texts
    }
    func library(_ texts: [String: String]) -> Library {
      Library { kind, name in texts[name].map { ("\(name).step", $0) } }
    }
    let number = Limits.bases.number
    #expect(try library(texts(number - 1)).program(named: "m\(number - 1)").bases.count == number - 1)
    let error = #expect(throws: DiagnosticError.self) {
      _ = try library(texts(200)).program(named: "m200")
    }
    #expect(error?.rendered.contains(Limits.bases.message) == true)
  }

  @Test func scenarios() throws {
    func scenario(_ threads: Int, operations: Int = 1) -> String {
      "scenario s {\n"
        + lines(threads) { "thread T\($0 + 1) {\n" + String(repeating: "go\n", count: operations) + "}" }
        + "\n}"
    }
    func errors(_ text: String) -> [String] {
      do {
        _ = try Library { _, _ in nil }.scenarios(from: SourceFile(name: "s.step", text: text))
        return []
      } catch let error as DiagnosticError {
        return error.diagnostics.map { "\($0.line):\($0.column): \($0.message)" }
      } catch {
        return ["\(error)"]
      }
    }
    #expect(errors(scenario(61)) == [])
    #expect(errors(scenario(80)) == ["185:8: \(Limits.threads.message)"], "at the name of the 62nd thread")
    #expect(errors(scenario(1, operations: Limits.operations.number)) == [])
    #expect(errors(scenario(1, operations: 200_000)).first?.contains(Limits.operations.message) == true)
    let twice = errors("scenario s {\nthread A { go }\nthread A { go }\n}")
    #expect(twice == ["3:8: there is a thread 'A' already, in line 2; give this one another name"])
    let many = lines(2_000) { "scenario s\($0) { }" }
    #expect(errors(many).first?.contains(Limits.members.message) == true)
  }

  @Test func scripts() throws {
    func errors(_ text: String) -> [String] {
      do {
        _ = try OperationScript(SourceFile(name: "s.ops", text: text))
        return []
      } catch {
        return error.diagnostics.map { "\($0.line):\($0.column): \($0.message)" }
      }
    }
    #expect(errors(lines(62) { "T\($0) go" }) == [])
    #expect(errors(lines(200) { "T\($0) go" }) == ["63:1: \(Limits.threads.message)"])
    #expect(errors(lines(200_000) { _ in "T1 go" }) == ["10001:1: \(Limits.operations.message)"])
  }

  @Test func textsThatAreTooLarge() throws {
    let text = String(repeating: "; ", count: Limits.textBytes.number / 2 + 1)
    #expect(errors(text) == ["1:1: \(Limits.textBytes.message)"])
    // At the limit a text of one line, or of nothing but rubbish, is read in seconds.
    for piece in [
      "; ", "$", "model ", "x y\n", "{", "\"", "model m {\n", "remove x;", "}\nmodel m {", "/// d\n",
    ] {
      let large = String(repeating: piece, count: Limits.textBytes.number / piece.utf8.count)
      do {
        _ = try Library { _, _ in nil }.program(from: SourceFile(name: "large.step", text: large))
      } catch let error as DiagnosticError {
        #expect((1...60).contains(error.diagnostics.count))
      }
    }
  }

  @Test func everyLimitIsSaidOnceAndHasARemedy() {
    #expect(Set(Limits.all.map(\.name)).count == Limits.all.count)
    for limit in Limits.all { #expect(limit.number > 0 && !limit.remedy.isEmpty) }
  }
}
