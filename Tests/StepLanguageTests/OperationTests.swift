import CustomDump
import StepLanguage
import Testing

@Suite struct OperationTests {
  static let program: Program = {
    let text = """
      model m "M" {
        slot f = -1 "a file"
        slot s = 4242 "an id"
        slot a = -1
        slot given letter a = 4242
        entry open(out f: f) { f = 3 }
        entry map(f: f, s: s, iova: u64, length: u64, ro: flag) { }
        entry access(f: f, s: s, out a: a, out id: given from a, nopin: flag) { }
      }
      """
    do {
      return try Library { _, _ in nil }.program(from: SourceFile(name: "m.step", text: text))
    } catch {
      preconditionFailure("\(error)")
    }
  }()

  private func resolve(_ line: String) -> String {
    do {
      let operation = try Operation(
        OperationLine(line), program: Self.program, source: SourceFile(name: "ops", text: line))
      switch operation.kind {
      case .barrier: return "barrier"
      case .entry(let entry, let arguments):
        let words = arguments.map { argument in
          switch argument {
          case .number(let number): "\(number)"
          case .slot(let table, let index): "\(Self.program.slots[table].name)[\(index)]"
          }
        }
        return ([Self.program.entries[entry].name] + words).joined(separator: " ")
      }
    } catch {
      return error.rendered
    }
  }

  @Test func linesBecomeCalls() {
    #expect(resolve("open f0") == "open f[0]")
    #expect(resolve("map f0 s1 0x100000 0x1000") == "map f[0] s[1] 1048576 4096 0")
    #expect(resolve("map f0 s1 0x100000 0x1000 ro") == "map f[0] s[1] 1048576 4096 1")
    #expect(resolve("map f0 999 0 18446744073709551615") == "map f[0] 999 0 -1 0")
    #expect(resolve("access f0 s1 a2 nopin") == "access f[0] s[1] a[2] given[2] 1")
    #expect(resolve("access f64 s65 a129") == "access f[0] s[1] a[1] given[1] 0", "indexes count modulo 64")
    #expect(resolve("barrier") == "barrier")
  }

  /// A word of several slots, an argument that may be left out, and a result that is a number.
  @Test func wordsOfSeveralSlotsAndArgumentsThatAreLeftOut() throws {
    let text = """
      model m "M" {
        slot s = 4242 "an IOAS"
        slot h = 4242 "a page table"
        slot q = 4242 "a queue"
        slot pt of s, h "what can be attached to"
        entry attach(pt: pt, out h: h, nested: flag, queue: q = 0) { h = 1 }
        entry read(q: q) -> int { return 40 }
      }
      """
    let program = try Library { _, _ in nil }.program(from: SourceFile(name: "m.step", text: text))
    func arguments(_ line: String) -> [Operation.Argument]? {
      guard
        let operation = try? Operation(
          OperationLine(line), program: program, source: SourceFile(name: "ops", text: line)),
        case .entry(_, let arguments) = operation.kind
      else { return nil }
      return arguments
    }
    #expect(
      arguments("attach s2 h1")
        == [.slot(table: 0, index: 2), .slot(table: 1, index: 1), .number(0), .number(0)])
    #expect(
      arguments("attach h3 h1 nested q1")
        == [
          .slot(table: 1, index: 3), .slot(table: 1, index: 1), .number(1), .slot(table: 2, index: 1),
        ])
    #expect(
      arguments("attach 999 h1 q1")
        == [.number(999), .slot(table: 1, index: 1), .number(0), .slot(table: 2, index: 1)])
    #expect(arguments("attach q1 h1") == nil)
    #expect(arguments("attach s1 h1 nested q1 q2") == nil)
    #expect(program.entries[0].usage(in: program) == "attach sN|hN hN [nested] [qN]")
    #expect(program.entries.map(\.returnsNumber) == [false, true])
  }

  @Test(arguments: [
    ("slot x of y", "there is no slot 'y'"),
    ("slot s = 1; slot t of s; entry e(out t: t) { }", "names several slots"),
    ("slot s = 1; entry e(a: s = 0, b: s) { }", "which a line may leave out"),
    ("slot s = 1; entry e(out a: s = 0) { }", "only a number or a slot that is read may be left out"),
    ("entry e(a: flag = 1) { }", "only a number or a slot that is read may be left out"),
  ])
  func wrongSlotsAndArguments(_ items: String, _ message: String) throws {
    do {
      let lines = items.replacing("; ", with: "\n")
      _ = try Library { _, _ in nil }.program(
        from: SourceFile(name: "m.step", text: "model m \"M\" {\n\(lines)\n}\n"))
      Issue.record("this should not be read: \(items)")
    } catch let error as DiagnosticError {
      #expect(error.rendered.contains(message), "\(error.rendered)")
    }
  }

  @Test func wrongLinesSayWhatWouldBeRight() {
    expectNoDifference(
      ["opne f0", "open", "open 3", "map f0 s1 0x100000", "map f0 s1 zero 1", "open f0 f1"].map(resolve),
      [
        """
        ops:1:1: error: the model 'm' has no operation 'opne'; did you mean 'open'?
        opne f0
        ^^^^
        """,
        """
        ops:1:5: error: 'open' needs more; write: open fN
        open
            ^
        """,
        """
        ops:1:6: error: expected f0 to f63 for 'f', found '3'; write: open fN
        open 3
             ^
        """,
        """
        ops:1:19: error: 'map' needs more; write: map fN sN IOVA LENGTH [ro]
        map f0 s1 0x100000
                          ^
        """,
        """
        ops:1:11: error: expected a number for 'iova', found 'zero'; write: map fN sN IOVA LENGTH [ro]
        map f0 s1 zero 1
                  ^^^^
        """,
        """
        ops:1:9: error: 'f1' is too much; write: open fN
        open f0 f1
                ^^
        """,
      ])
  }

  @Test func scriptsAndResultFilesAreRead() throws {
    let text = """
      # a script
      T0 open f0
      3 T1 map f0 s1 0x1000 0x1000 = -1 ENOENT
      T1 barrier
      """
    let script = try OperationScript(SourceFile(name: "x", text: text))
    #expect(script.threads == ["T0", "T1"])
    #expect(script.lines.map(\.operation.text) == ["open f0", "map f0 s1 0x1000 0x1000", "barrier"])
    #expect(script.lines.map { $0.expectations.first?.errno } == [nil, "ENOENT", nil])
  }

  @Test func wrongScriptsAreRefusedWithAllTheirErrors() {
    do {
      _ = try OperationScript(
        SourceFile(name: "x", text: "open f0\nT0\nT0 open f0 = 5 EBADF\nT0 open f0 = -1 EWHAT\n"))
      Issue.record("this should not be read")
    } catch {
      expectNoDifference(
        error.rendered,
        """
        x:1:1: error: expected a thread such as T0 at the beginning of the line
        open f0
        ^^^^
        x:2:1: error: expected an operation after 'T0'
        T0
        ^^
        x:3:14: error: expected '= 0 0', '= N 0' or '= -1 ERRNO' with a known errno name
        T0 open f0 = 5 EBADF
                     ^
        x:4:14: error: expected '= 0 0', '= N 0' or '= -1 ERRNO' with a known errno name
        T0 open f0 = -1 EWHAT
                     ^^
        """)
    }
  }
}
