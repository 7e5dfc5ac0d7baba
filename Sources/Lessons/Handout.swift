import Machine
import Recording
import Scene
import StepLanguage

/// A lesson as a text to print or to hand out.
public struct Handout {
  /// A part of it.
  public enum Block: Hashable, Sendable {
    /// A heading, 1 the largest.
    case heading(Int, String)
    /// A paragraph.
    case paragraph(String)
    /// Possible answers to tick.
    case choices([String])
    /// A list.
    case items([String])
    /// Lines as they are.
    case code([String])
  }

  /// What goes in besides what is told and asked.
  public struct Contents: OptionSet, Sendable {
    /// The bits.
    public let rawValue: Int
    /// Bits.
    public init(rawValue: Int) { self.rawValue = rawValue }
    /// Answers and solutions, each behind its question.
    public static let answers = Contents(rawValue: 1)
    /// The steps that the lesson takes.
    public static let steps = Contents(rawValue: 2)
    /// The teacher's notes.
    public static let notes = Contents(rawValue: 4)
  }

  /// The parts in order.
  public private(set) var blocks: [Block] = []

  /// A lesson that was played.
  public init(_ lesson: Lesson, _ performances: [Rehearsal.Performance], contents: Contents) {
    blocks.append(.heading(1, lesson.title))
    if !lesson.about.isEmpty { tell(lesson.about) }
    for performance in performances {
      let beat = lesson.beats[performance.number]
      let name = beat.name.isEmpty ? "" : ": \(beat.name)"
      blocks.append(.heading(2, "\(performance.number + 1) of \(lesson.beats.count)\(name)"))
      if let stage = performance.opened {
        blocks.append(.paragraph("Scenario \(stage.scenario), model \(stage.model)."))
      }
      if contents.contains(.steps), !beat.directions.isEmpty {
        blocks.append(.code(beat.directions.map { "> \($0.text)" } + Self.rows(performance)))
      }
      tell(beat.say)
      if !beat.look.isEmpty {
        blocks.append(.paragraph("Look at: \(beat.look.map(\.inWords).joined(separator: ", "))."))
      }
      if let asked = performance.asked { tell(asked, contents) }
      if let goal = beat.goal { tell(goal, performance, contents) }
      if contents.contains(.notes), !beat.notes.isEmpty { tell("For the teacher: \(beat.notes)") }
    }
  }

  /// Paragraphs are set apart by empty lines; lines that begin with blanks are kept as they are.
  private mutating func tell(_ text: String) {
    for block in Self.paragraphs(text) { blocks.append(block) }
  }

  /// The paragraphs of a narration.
  public static func paragraphs(_ text: String) -> [Block] {
    var result: [Block] = []
    var words: [Substring] = []
    var code: [String] = []
    func isCode(_ line: Substring) -> Bool { line.hasPrefix("    ") }
    func flush() {
      if !words.isEmpty { result.append(.paragraph(words.joined(separator: " "))) }
      if !code.isEmpty { result.append(.code(code)) }
      words = []
      code = []
    }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.allSatisfy(\.isWhitespace) {
        flush()
      } else if isCode(line) {
        if !words.isEmpty { flush() }
        code.append(String(line.dropFirst(4)))
      } else {
        if !code.isEmpty { flush() }
        words += line.split(separator: " ")
      }
    }
    flush()
    return result
  }

  private mutating func tell(_ asked: AskedQuestion, _ contents: Contents) {
    blocks.append(.paragraph("Question. \(asked.text)"))
    if asked.form == .number {
      blocks.append(.paragraph("A number: ____"))
    } else {
      if asked.form == .several { blocks.append(.paragraph("All that are right:")) }
      blocks.append(.choices(asked.options.map(\.text)))
    }
    if contents.contains(.answers) {
      blocks.append(.paragraph("Answer: \(asked.words(asked.answer)). \(asked.why)"))
    }
  }

  private mutating func tell(_ goal: Goal, _ performance: Rehearsal.Performance, _ contents: Contents) {
    for (index, block) in Self.paragraphs(goal.text).enumerated() {
      if case .paragraph(let text) = block, index == 0 {
        blocks.append(.paragraph("Task. \(text)"))
      } else {
        blocks.append(block)
      }
    }
    if case .repair(let repair) = goal.kind {
      blocks.append(
        .code(repair.text.trimmed.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)))
    }
    guard contents.contains(.answers) else { return }
    if let fault = performance.fault { blocks.append(.paragraph("What the checker says before: \(fault)")) }
    blocks.append(.paragraph("Hints:"))
    blocks.append(.items(goal.hints))
    if let par = performance.par { blocks.append(.paragraph("Par: \(par) switch\(par == 1 ? "" : "es").")) }
    blocks.append(.paragraph("Solution:"))
    blocks.append(.code(performance.solution))
  }

  /// The steps of a beat in which something notable happened.
  private static func rows(_ performance: Rehearsal.Performance) -> [String] {
    var timeline = performance.timeline
    let path = timeline.path
    guard performance.depthBefore < path.count else { return [] }
    var before = timeline.situation(at: path[performance.depthBefore])
    var result: [String] = []
    for point in path[(performance.depthBefore + 1)...] {
      let after = timeline.situation(at: point)
      timeline.go(to: point)
      if let record = timeline.record {
        let row = LogRow(
          record, step: timeline.depth, before: StateView(before.state, world: before.world),
          after: StateView(after.state, world: after.world))
        if !row.notes.isEmpty {
          result.append(
            "\(row.step) \(row.threadName)  \(row.text)  (\(row.notes.map(\.text).joined(separator: "; ")))")
        }
      }
      before = after
    }
    return result
  }

  // MARK: Forms

  /// Plain text of a width.
  public func text(width: Int = 80) -> String {
    var lines: [String] = []
    for block in blocks {
      switch block {
      case .heading(1, let text): lines += [text, String(repeating: "=", count: text.count), ""]
      case .heading(_, let text): lines += ["", "--- \(text) ---", ""]
      case .paragraph(let text): lines += Self.wrap(text, width) + [""]
      case .choices(let options):
        lines += options.enumerated().map { "  \($0.offset + 1)  \($0.element)" } + [""]
      case .items(let items):
        lines += items.enumerated().flatMap { Self.wrap("\($0.offset + 1). \($0.element)", width) } + [""]
      case .code(let code): lines += code.map { "    \($0)" } + [""]
      }
    }
    while lines.last == "" { lines.removeLast() }
    return lines.joined(separator: "\n")
  }

  /// Markdown.
  public var markdown: String {
    var lines: [String] = []
    for block in blocks {
      switch block {
      case .heading(let level, let text): lines += [String(repeating: "#", count: level) + " " + text, ""]
      case .paragraph(let text): lines += [Self.escaped(text), ""]
      case .choices(let options): lines += options.map { "- [ ] \(Self.escaped($0))" } + [""]
      case .items(let items):
        lines += items.enumerated().map { "\($0.offset + 1). \(Self.escaped($0.element))" } + [""]
      case .code(let code): lines += ["```"] + code + ["```", ""]
      }
    }
    while lines.last == "" { lines.removeLast() }
    return lines.joined(separator: "\n")
  }

  /// A page of HTML that needs nothing else.
  public var html: String {
    func escaped(_ text: String) -> String {
      text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
    var title = ""
    var lines: [String] = []
    for block in blocks {
      switch block {
      case .heading(let level, let text):
        if title.isEmpty { title = text }
        lines.append("<h\(level)>\(escaped(text))</h\(level)>")
      case .paragraph(let text): lines.append("<p>\(escaped(text))</p>")
      case .choices(let options):
        lines.append("<ul class=\"choices\">")
        lines += options.map { "<li>\(escaped($0))</li>" }
        lines.append("</ul>")
      case .items(let items):
        lines.append("<ol>")
        lines += items.map { "<li>\(escaped($0))</li>" }
        lines.append("</ol>")
      case .code(let code): lines.append("<pre>\(escaped(code.joined(separator: "\n")))</pre>")
      }
    }
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <title>\(escaped(title))</title>
      <style>
      body { max-width: 42em; margin: 2em auto; padding: 0 1em; font: 1.05em/1.5 Georgia, serif; }
      h1, h2 { font-family: Helvetica, Arial, sans-serif; line-height: 1.2; }
      h2 { margin-top: 2em; border-top: 1px solid #999; padding-top: 0.6em; }
      pre { font-size: 0.85em; line-height: 1.35; background: #f4f4f4; padding: 0.7em; white-space: pre-wrap; }
      ul.choices { list-style: none; padding-left: 1em; }
      ul.choices li::before { content: "\\2610\\00a0"; }
      @media print { h2, ul, pre { break-inside: avoid; } }
      </style>
      </head>
      <body>
      \(lines.joined(separator: "\n"))
      </body>
      </html>
      """
  }

  /// A text for Markdown: what would be markup is not.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      if "\\`*_<>[]|".contains(character) { result.append("\\") }
      result.append(character)
    }
    return result
  }

  /// A text in lines of a width, broken at blanks.
  public static func wrap(_ text: String, _ width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = ""
      }
      line += line.isEmpty ? String(word) : " \(word)"
    }
    if !line.isEmpty { lines.append(line) }
    return lines
  }
}
