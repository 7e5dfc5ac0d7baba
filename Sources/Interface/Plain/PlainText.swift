import Workbench
import Machine
import Recording
import Scene
import StepLanguage
import Surface

/// What changed, as lines that a screen reader reads from top to bottom: no frames, no columns, no marks without words.
public struct PlainText: Sendable {
  private var shownNode: Int?
  private var shownMessage: Message?
  private var shownOverlay: Overlay?

  /// Nothing was told yet.
  public init() {}

  /// What there is to say since the last time.
  public mutating func news(_ state: AppState) -> [String] {
    var lines: [String] = []
    if shownNode != state.timeline.here {
      lines += Self.steps(from: shownNode, state)
      shownNode = state.timeline.here
    }
    if let overlay = state.overlay, overlay != shownOverlay { lines += Self.told(overlay, state) }
    shownOverlay = state.overlay
    if let message = state.message, message != shownMessage {
      lines.append(message.kind == .refusal ? "Not done: \(message.text)." : "\(message.text).")
    }
    shownMessage = state.message
    return lines
  }

  /// How many steps are told one by one; of more, the last ones.
  private static let mostSteps = 12

  private static func steps(from old: Int?, _ state: AppState) -> [String] {
    var lines: [String] = []
    let path = state.timeline.path
    let start = old.flatMap { path.lastIndex(of: $0) }
    if let start, start < path.count - 1 {
      let fresh = path[(start + 1)...]
      if fresh.count > mostSteps { lines.append("\(fresh.count - mostSteps) steps before these.") }
      for node in fresh.suffix(mostSteps) {
        guard let row = state.log[node] else { continue }
        lines.append(sentence(row))
      }
    } else {
      lines.append("Now at step \(state.timeline.depth).")
      if let row = state.log[state.timeline.here] { lines.append(sentence(row)) }
    }
    if let (finding, step, _) = state.finding, step == state.timeline.depth {
      lines.append("Finding: \(finding.property.rawValue), \(finding.message).")
    }
    lines.append(next(state))
    return lines
  }

  private static func sentence(_ row: LogRow) -> String {
    let notes = row.notes.filter { $0.kind != .started }.map {
      $0.text.replacing(" -> ", with: " to ").replacing(" <- ", with: " gets ").replacing("->", with: " to ")
    }
    return "Step \(row.step), \(row.threadName): \(row.text)."
      + (notes.isEmpty ? "" : " " + notes.map { "\($0)." }.joined(separator: " "))
  }

  /// What the chosen thread comes to.
  private static func next(_ state: AppState) -> String {
    let rows = ThreadRow.rows(state.moment)
    guard rows.indices.contains(state.thread) else { return "There is no thread." }
    let row = rows[state.thread]
    guard row.condition == .ready || row.condition == .timeout else { return "\(row.name) \(verb(row))." }
    if let frame = row.stack.last {
      return
        "Next, \(row.name): \(frame.text), in \(frame.function)\(frame.line.map { " line \($0)" } ?? "")."
    }
    return "Next, \(row.name): begins \(row.operation ?? "nothing")."
  }

  private static func verb(_ row: ThreadRow) -> String {
    switch row.condition {
    case .finished: "has finished"
    case .barrier: row.words
    default: "is \(row.words)"
    }
  }

  // MARK: Answers

  private static func told(_ overlay: Overlay, _ state: AppState) -> [String] {
    switch overlay {
    case .help:
      return HelpText.lines(state.keys, matching: "").map { line in
        switch line {
        case .section(let title): "\(title):"
        case .binding(let binding): "\(binding.command.rawValue): \(binding.help)."
        }
      }
    case .about:
      return [state.scenarioTitle, state.about].filter { !$0.isEmpty }
    case .page(let page):
      return [page.title(state)] + page.lines(state, width: 10_000).map(\.text).filter { !$0.isEmpty }
    case .branches:
      return state.branches.enumerated().map { number, end in
        "Branch \(number + 1)\(state.branchName(of: end).map { " \($0)" } ?? ""): \(state.timeline.nodes[end].depth) steps\(end == state.timeline.tip ? ", this one" : "")."
      }
    case .bookmarks:
      return state.bookmarks.map { "Step \(state.timeline.nodes[$0.node].depth): \($0.text)." }
    case .findings:
      return (state.check?.findings ?? []).enumerated().map { number, finding in
        "Finding \(number + 1): \(finding.finding.property.rawValue), \(finding.finding.message), \(finding.actions.count) steps."
      }
    case .stops: return state.stops.map { state.line(for: $0).text }
    case .operations:
      let program = state.timeline.world.program
      return program.entries.map { "\($0.usage(in: program)): \($0.title)." }
    case .prompt(let prompt): return ["This needs words behind it, in one line: \(prompt.purpose.hint)."]
    case .palette, .form, .choices, .themes:
      return ["This needs a screen; write the operation or command as a line."]
    }
  }

  /// A panel as sentences.
  public static func panel(_ panel: Panel, _ state: AppState) -> [String] {
    switch panel {
    case .graph:
      return state.shownGraph.nodes.map { node in
        var parts = ["\(node.name), \(node.typeName)"]
        switch node.presence {
        case .new: parts.append("new")
        case .tombstone: parts.append("freed but still pointed to")
        case .gone: parts.append("freed now")
        case .present: break
        }
        if let range = node.range { parts.append("range \(range)") }
        for lock in node.locks where lock.isActive {
          let holders = lock.holders.isEmpty ? "free" : "held by \(lock.holders.joined(separator: " and "))"
          let waiters = lock.waiters.isEmpty ? "" : ", \(lock.waiters.joined(separator: " and ")) waits"
          parts.append("\(lock.name) \(holders)\(waiters)")
        }
        for count in node.counts {
          let change =
            count.change == 0 ? "" : count.change > 0 ? ", up \(count.change)" : ", down \(-count.change)"
          parts.append("\(count.name) \(count.value)\(change)")
        }
        for field in node.fields {
          parts.append(
            "\(field.name) \(field.isReference ? "leads to " : "")\(field.text)\(field.isChanged ? ", changed" : "")"
          )
        }
        return parts.joined(separator: "; ") + "."
      }
    case .threads:
      return ThreadRow.rows(state.moment).map { row in
        var parts = [
          "\(row.name) \(row.operation.map { row.isInOperation ? "in \($0)" : "before \($0)" } ?? "without operations"), \(row.words)"
        ]
        if !row.held.isEmpty {
          parts.append(
            "holds \(row.held.map { "\($0.name)\($0.since.map { " since \($0)" } ?? "")" }.joined(separator: ", "))"
          )
        }
        if !row.stack.isEmpty { parts.append("in \(row.stack.map(\.function).joined(separator: ", "))") }
        return parts.joined(separator: "; ") + "."
      }
    case .locks:
      let rows = LockRow.rows(state.moment)
      if rows.isEmpty { return ["No lock is held."] }
      return rows.map { row in
        let holders =
          row.holders.isEmpty
          ? "free"
          : "held by \(row.holders.map { "\($0.name)\($0.since.map { " since \($0)" } ?? "")" }.joined(separator: ", "))"
        let waiters = row.waiters.isEmpty ? "" : "; \(row.waiters.joined(separator: ", ")) waits"
        return "\(row.name), \(row.mode.rawValue), \(holders)\(waiters)."
      }
    default:
      var state = state
      state.glyphs = .unicode
      // These are lists of lines already.
      return PanelContent(panel, state, size: .init(width: 10_000, height: 1_000)).lines.map(\.plainText)
        .filter { !$0.isEmpty }
    }
  }
}

extension PanelLine {
  /// The pieces with blanks between them, without those that only mark a place.
  var plainText: String {
    // Marks are written with the glyphs of boxes and shapes; the words beside them say the same.
    let told = (spans + trailing).map { span in
      let words = span.text.replacing(GlyphSet.unicode.arrowRight, with: " to ")
        .replacing(GlyphSet.unicode.arrowLeft, with: " from ")
      return String(words.unicodeScalars.filter { !(0x2022...0x27BF).contains($0.value) }).trimmingBlanks
    }
    return told.filter { !$0.isEmpty }.joined(separator: " ")
  }
}

extension String {
  fileprivate var trimmingBlanks: String {
    var text = Substring(self)
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
