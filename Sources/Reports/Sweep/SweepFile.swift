import Basics
public import Explorer
import StepLanguage

/// A sweep as text: what a part hands to the join, and what a stopped sweep continues from. One JSON object a line.
public enum SweepFile {
  /// Why a text is none.
  public struct Problem: Error, Hashable, Sendable {
    /// The line, from 1.
    public var line: Int
    /// What is wrong, and what to do.
    public var message: String
  }

  /// What a file holds, without what explains it.
  public static func text(_ result: SweepResult, other: String?) -> String {
    (result.findings.map { json($0, more: []) }
      + result.differences.map { json($0, model: result.model, other: other ?? "") } + [
        summary(result, more: [])
      ])
      .joined(separator: "\n") + "\n"
  }

  // MARK: Writing

  static func json(_ finding: SweepFinding, more: [String]) -> String {
    let identity = finding.identity
    return JSON.object(
      [
        JSON.field("property", identity.property), JSON.field("message", finding.message),
      ] + more + [
        JSON.field("program", finding.program.text), JSON.field("operations", finding.program.operations),
        JSON.field("threads", finding.program.threads.count), JSON.field("programs", finding.programs),
        "\"setup\":\(list(finding.program.setup))",
        "\"lines\":\(JSON.list(finding.program.threads.map(list)))",
        JSON.field("number", finding.number), JSON.field("steps", finding.steps),
        JSON.field("identityPlace", identity.place), "\"identityStack\":\(list(identity.stack))",
        "\"identityOthers\":\(JSON.list(identity.others.map(list)))",
      ])
  }

  static func json(_ difference: SweepResult.Difference, model: String, other: String) -> String {
    JSON.object([
      "\"difference\":\(JSON.object([JSON.field("model", model), JSON.field("against", other)]))",
      "\"own\":\(list(difference.own))", "\"other\":\(list(difference.other))",
      JSON.field("program", difference.program.text), "\"setup\":\(list(difference.program.setup))",
      "\"lines\":\(JSON.list(difference.program.threads.map(list)))", JSON.field("number", difference.number),
      JSON.field("programs", difference.programs),
    ])
  }

  static func summary(_ result: SweepResult, more: [String]) -> String {
    let options = result.options
    let sizes = result.sizes.map { size in
      JSON.object([
        "\"operations\":\(JSON.list(size.shape.lengths.map(String.init)))",
        JSON.field("programs", size.programs),
        JSON.field("covered", size.covered), JSON.field("bounded", size.bounded),
        JSON.field("violated", size.violated), JSON.field("incomparable", size.incomparable),
        JSON.field("whole", size.isWhole),
      ])
    }
    let left = result.leftOut
    let fields = [
      JSON.field("model", result.model), JSON.field("digest", String(result.digest, radix: 16)),
      JSON.field("programs", result.sizes.reduce(0) { $0 + $1.covered + $1.bounded }),
      JSON.field("covered", sizes),
      "\"leftOut\":"
        + JSON.object([
          JSON.field("failing", left.failing), JSON.field("idle", left.idle), JSON.field("alike", left.alike),
        ]),
      JSON.field("setups", result.setups), JSON.field("states", result.states),
      JSON.field("position", result.position), JSON.field("stopped", result.isStopped),
      JSON.field("complete", result.isCovered),
      "\"options\":"
        + JSON.object([
          JSON.field("threads", options.threads), JSON.field("ops", options.operations),
          "\"entries\":\(options.entries.map(list) ?? "null")", JSON.field("faults", options.faults),
          JSON.field("setup", options.setup), JSON.field("variables", options.variables),
          JSON.field("states", options.states), JSON.field("part", options.part),
          JSON.field("parts", options.parts),
        ]),
    ]
    return JSON.object(["\"summary\":\(JSON.object(fields + more))"])
  }

  private static func list(_ words: [String]) -> String { JSON.list(words.map(JSON.quoted)) }

  // MARK: Reading

  /// Reads what `text` or a sweep's JSON wrote.
  ///
  /// - Throws: `Problem`.
  public static func read(_ text: String) throws(Problem) -> SweepResult {
    var findings: [SweepFinding] = []
    var differences: [SweepResult.Difference] = []
    var result: SweepResult?
    var number = 0
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      number += 1
      if line.isEmpty { continue }
      guard result == nil else { throw Problem(line: number, message: "something stands behind the summary") }
      guard let fields = JSONLine.object(String(line)) else {
        throw Problem(
          line: number, message: "this is no line of a sweep; it may be torn, so run that part again")
      }
      let reader = Fields(fields: fields, line: number)
      if let summary = fields["summary"]?.object {
        result = try read(Fields(fields: summary, line: number))
      } else if fields["difference"] != nil {
        differences.append(
          SweepResult.Difference(
            program: try reader.program(), number: try reader.number("number"), own: try reader.words("own"),
            other: try reader.words("other"), programs: try reader.number("programs")))
      } else {
        findings.append(try read(finding: reader))
      }
    }
    guard var result else {
      throw Problem(
        line: max(1, number), message: "the summary is missing, so the sweep did not end; run that part again"
      )
    }
    result.findings = findings
    result.differences = differences
    return result
  }

  private static func read(finding reader: Fields) throws(Problem) -> SweepFinding {
    SweepFinding(
      identity: SweepFinding.Identity(
        property: try reader.text("property"), place: try reader.text("identityPlace"),
        stack: try reader.words("identityStack"), others: try reader.rows("identityOthers")),
      message: try reader.text("message"), program: try reader.program(), number: try reader.number("number"),
      steps: try reader.number("steps"), programs: try reader.number("programs"))
  }

  private static func read(_ reader: Fields) throws(Problem) -> SweepResult {
    guard let digest = UInt64(try reader.text("digest"), radix: 16) else {
      throw reader.problem("digest")
    }
    let given = try reader.object("options")
    var options = Sweep.Options()
    options.threads = try given.number("threads", 1...61)
    options.operations = try given.number("ops", 1...64)
    options.entries = given.isNull("entries") ? nil : try given.words("entries")
    options.faults = try given.truth("faults")
    options.setup = try given.number("setup", 0...64)
    options.variables = try given.number("variables", 1...32)
    options.states = try given.number("states", 1...Int.max)
    options.parts = try given.number("parts", 1...1_000_000)
    options.part = try given.number("part", 1...options.parts)
    var result = SweepResult(model: try reader.text("model"), digest: digest, options: options)
    result.setups = try reader.number("setups")
    result.states = try reader.number("states")
    result.position = try reader.number("position")
    result.isStopped = try reader.truth("stopped")
    if reader.fields["unreached"] != nil {
      for place in try reader.objects("unreached") { result.unreached.append(try place.number("statement")) }
    }
    let left = try reader.object("leftOut")
    result.leftOut = SweepLeftOut(
      failing: try left.number("failing"), idle: try left.number("idle"), alike: try left.number("alike"))
    for size in try reader.objects("covered") {
      let lengths = try size.numbers("operations")
      guard !lengths.isEmpty, lengths.allSatisfy({ (1...64).contains($0) }) else {
        throw size.problem("operations")
      }
      var row = SweepResult.Size(shape: SweepShape(lengths))
      row.programs = try size.number("programs")
      row.covered = try size.number("covered")
      row.bounded = try size.number("bounded")
      row.violated = try size.number("violated")
      row.incomparable = try size.number("incomparable")
      row.isWhole = try size.truth("whole")
      result.sizes.append(row)
    }
    return result
  }

  /// The fields of a line, with messages for those that are missing.
  private struct Fields {
    let fields: [String: JSONLine.Value]
    let line: Int

    func problem(_ name: String) -> Problem {
      Problem(line: line, message: "'\(name)' is missing or no such value; run that part again")
    }

    func isNull(_ name: String) -> Bool { if case .null? = fields[name] { true } else { false } }

    func text(_ name: String) throws(Problem) -> String {
      guard let value = fields[name]?.string else { throw problem(name) }
      return value
    }

    func number(_ name: String, _ range: ClosedRange<Int> = 0...Int.max >> 1) throws(Problem) -> Int {
      guard let value = fields[name]?.integer, range.contains(value) else { throw problem(name) }
      return value
    }

    func truth(_ name: String) throws(Problem) -> Bool {
      guard let value = fields[name]?.bool else { throw problem(name) }
      return value
    }

    func object(_ name: String) throws(Problem) -> Fields {
      guard let value = fields[name]?.object else { throw problem(name) }
      return Fields(fields: value, line: line)
    }

    func objects(_ name: String) throws(Problem) -> [Fields] {
      guard let values = fields[name]?.array else { throw problem(name) }
      let objects = values.compactMap(\.object)
      guard objects.count == values.count else { throw problem(name) }
      return objects.map { Fields(fields: $0, line: line) }
    }

    func numbers(_ name: String) throws(Problem) -> [Int] {
      guard let values = fields[name]?.array else { throw problem(name) }
      let numbers = values.compactMap(\.integer)
      guard numbers.count == values.count else { throw problem(name) }
      return numbers
    }

    func words(_ name: String) throws(Problem) -> [String] {
      guard let values = fields[name]?.array else { throw problem(name) }
      let words = values.compactMap(\.string)
      guard words.count == values.count else { throw problem(name) }
      return words
    }

    func rows(_ name: String) throws(Problem) -> [[String]] {
      guard let values = fields[name]?.array else { throw problem(name) }
      var rows: [[String]] = []
      for value in values {
        guard let row = value.array else { throw problem(name) }
        let words = row.compactMap(\.string)
        guard words.count == row.count else { throw problem(name) }
        rows.append(words)
      }
      return rows
    }

    func program() throws(Problem) -> SweepProgram {
      let threads = try rows("lines")
      guard (1...61).contains(threads.count) else { throw problem("lines") }
      return SweepProgram(setup: try words("setup"), threads: threads)
    }
  }
}
