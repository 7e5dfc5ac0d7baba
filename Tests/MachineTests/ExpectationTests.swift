import Machine
import StepLanguage
import Testing

/// What an operation is expected to return.
@Suite struct ExpectationTests {
  private static let model =
    "global n: int\nentry go(x: int) { n = x; if x == 1 { return -EBUSY }; return 0 }\n"

  private func findings(_ operations: [String]) throws -> [String] {
    let laboratory = try Laboratory(Self.model, threads: [operations])
    laboratory.runAll()
    return laboratory.findings.map { "\($0.property.rawValue): \($0.message)" }
  }

  @Test func aResultThatIsNotExpectedIsAFinding() throws {
    #expect(try findings(["go 0", "go 1", "go 0 = 0 0", "go 1 = -1 EBUSY", "go 1 = 0 0 or -1 EBUSY"]) == [])
    #expect(try findings(["go 1 = 0 0"]) == ["unexpected-result: 'go 1' returned -1 EBUSY, expected 0 0"])
    #expect(
      try findings(["go 0 = -1 ENOENT or -1 EBUSY"])
        == ["unexpected-result: 'go 0' returned 0 0, expected -1 ENOENT or -1 EBUSY"])
  }

  @Test func aPositiveResultOfASystemCallIsAFinding() throws {
    let laboratory = try Laboratory("entry go(x: int) { return x }", threads: [["go 5", "go 0", "go -22"]])
    laboratory.runAll()
    #expect(laboratory.findings.map(\.property) == [.invariant])
    #expect(
      laboratory.findings[0].message.hasPrefix("go returned a positive number; a system call returns 0 or"))
  }

  @Test func expectationsTellThreadsApart() throws {
    let program = try Library { _, _ in nil }.program(
      from: SourceFile(name: "m.step", text: "model m {\n\(Self.model)\n}"))
    func world(_ lines: [String]) throws -> World {
      World(
        program: program,
        threads: try lines.enumerated().map { number, line in
          World.Thread(
            name: "T\(number)",
            operations: [
              try Operation(OperationLine(line), program: program, source: SourceFile(name: "", text: line))
            ])
        })
    }
    #expect(ThreadSymmetry(try world(["go 1", "go 1"])).classes == [[0, 1]])
    #expect(ThreadSymmetry(try world(["go 1", "go 1 = 0 0"])).classes == [])
    #expect(ThreadSymmetry(try world(["go 1 = 0 0", "go 1 = 0 0"])).classes == [[0, 1]])
  }

  @Test func wordsThatAreNoExpectation() throws {
    func error(_ line: String) -> String {
      let text = "scenario s {\n  thread T1 {\n    \(line)\n  }\n}\n"
      do {
        _ = try Library { _, _ in nil }.scenarios(from: SourceFile(name: "s.step", text: text))
        return "no error"
      } catch let error as DiagnosticError {
        return "\(error.diagnostics[0].line):\(error.diagnostics[0].column): \(error.diagnostics[0].message)"
      } catch {
        return "\(error)"
      }
    }
    #expect(error("go 1 = 0 0") == "no error")
    #expect(error("go 1 = -1 EBUSY or 0 0") == "no error")
    #expect(error("go 1 = -1 EBSY").contains("did you mean 'EBUSY'?"))
    #expect(error("go 1 = 5 0 or -1 EBUSY") == "no error")
    #expect(error("go 1 = 5 EBUSY").hasPrefix("3:12: expected '= 0 0', '= N 0' or '= -1 ERRNO'"))
    #expect(error("go 1 = -2 0").hasPrefix("3:12: expected '= 0 0', '= N 0' or '= -1 ERRNO'"))
    #expect(error("go 1 = -1").contains("an expected result is missing"))
    #expect(error("go 1 = ").contains("an expected result is missing"))
    #expect(error("go 1 = 0 0 -1 EBUSY").contains("expected 'or' or the end of the line"))
    #expect(error("go 1 =0 0").contains("'=' stands alone, with blanks around it"))
  }
}
