import Machine
public import Recording
import StepLanguage

/// Who did what to which lock and object, as a Mermaid sequence diagram.
public enum SequenceDiagram {
  /// A lifeline for each thread and for each lock that was touched; notes where operations begin and end and where something was found.
  ///
  /// - Parameters:
  ///   - timeline: what was run.
  ///   - start: the number of the step after which it is told.
  public static func text(_ timeline: Timeline, from start: Int = 0) -> String {
    let rows = RunReport(timeline, from: start).rows
    let path = timeline.path
    var messages: [String] = []
    var locks: [String] = []
    func lifeline(_ name: String) -> String {
      if let index = locks.firstIndex(of: name) { return "L\(index)" }
      locks.append(name)
      return "L\(locks.count - 1)"
    }
    for row in rows {
      let node = path[row.step]
      guard let record = timeline.nodes[node].record else { continue }
      let situation = timeline.situation(at: node)
      let view = StateView(situation.state, world: situation.world)
      let thread = "T\(row.thread)"
      for event in record.events {
        let mode = LockMode(rawValue: Int(event.c)) ?? .exclusive
        switch event.kind {
        case .acquired:
          guard let lock = view.lock(at: event.a, mode: mode) else { continue }
          messages.append(
            "  \(thread)->>\(lifeline(view.name(of: lock))): lock\(mode == .read ? " for reading" : "")")
        case .released:
          guard let lock = view.lock(at: event.a, mode: mode) else { continue }
          messages.append("  \(lifeline(view.name(of: lock)))-->>\(thread): unlock")
        case .operationStarted: messages.append("  Note over \(thread): \(plain(row.text))")
        case .operationEnded:
          let text = row.notes.last { $0.contains(" = ") } ?? "returns"
          messages.append("  Note over \(thread): \(plain(text))")
        case .calledDriver: messages.append("  Note over \(thread): the driver is called")
        default: break
        }
      }
      for finding in record.findings {
        messages.append("  Note over \(thread): \(plain("\(finding.property.rawValue): \(finding.message)"))")
      }
    }
    var lines = ["sequenceDiagram"]
    lines += timeline.world.threads.enumerated().map { "  participant T\($0.offset) as \($0.element.name)" }
    lines += locks.enumerated().map { "  participant L\($0.offset) as \($0.element)" }
    return (lines + messages).joined(separator: "\n")
  }

  /// Without what Mermaid takes for the end of a statement or a comment.
  private static func plain(_ text: String) -> String {
    String(text.map { ";#\n%".contains($0) ? "," : $0 })
  }
}
