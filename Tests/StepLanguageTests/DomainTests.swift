import StepLanguage
import Testing

/// The numbers that a model declares worth trying.
@Suite struct DomainTests {
  private func program(_ items: String) throws -> Program {
    let library = Library { _, _ in nil }
    return try library.program(from: SourceFile(name: "d.step", text: "model d \"d\" {\n\(items)\n}"))
  }

  private func message(_ items: String) -> String {
    do {
      _ = try program(items)
      return ""
    } catch let error as DiagnosticError {
      return error.diagnostics.map { "\($0)" }.joined(separator: "\n") + error.rendered
    } catch {
      return "\(error)"
    }
  }

  private static let entry = "entry go(a: u64, n: int) { }"

  @Test func valuesOfOneNameAndOfSeveral() throws {
    let one = try program("const K = 3\ndomain n = 0, -1, K << 2 \"few\"\n" + Self.entry)
    #expect(one.domains == [one.domains[0]])
    #expect(one.domains[0].names == ["n"])
    #expect(one.domains[0].tuples == [[0], [-1], [12]])
    #expect(one.domains[0].title == "few")
    let two = try program("domain a, n = (1, 2), (3,\n 4)\n" + Self.entry)
    #expect(two.domains[0].tuples == [[1, 2], [3, 4]])
  }

  @Test func whatIsWrongIsSaidAtItsPlace() {
    #expect(
      message("domain m = 1\n" + Self.entry).contains(
        "d.step:2:8: error: no entry has a number parameter 'm'"))
    #expect(message("domain a, n = (1, 2, 3)\n" + Self.entry).contains("3 values for 2 names"))
    #expect(message("domain n = 1, 1\n" + Self.entry).contains("these values stand here already"))
    #expect(message("domain n = 1\ndomain a, n = (1, 2)\n" + Self.entry).contains("'n' has a domain already"))
    #expect(message("domain n = go\n" + Self.entry).contains("this is no constant"))
    #expect(message("domain n\n" + Self.entry).contains("error"))
  }

  @Test func aRevisionReplacesADomain() throws {
    let library = Library { _, _ in nil }
    let text = """
      model d "d" { domain n = 1; entry go(n: int) { } }
      revision e of d "e" { domain n = 2, 3 }
      """
    let program = try library.program(from: SourceFile(name: "d.step", text: text), named: "e")
    #expect(program.domains.map(\.tuples) == [[[2], [3]]])
  }
}
