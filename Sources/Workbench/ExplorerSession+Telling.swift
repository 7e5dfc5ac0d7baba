package import Machine
package import Recording
import Scene
import StepLanguage

// What there is to say about the steps that a command took.
extension ExplorerSession {
  /// The first thing that a step found and the step before it had not found already: what stays wrong ends a run once.
  package func news(of record: StepRecord) -> Finding? {
    guard !record.findings.isEmpty else { return nil }
    let before = timeline.nodes[timeline.here].parent.flatMap { timeline.record(at: $0)?.findings } ?? []
    return record.findings.first { finding in
      !before.contains { $0.property == finding.property && $0.message == finding.message }
    }
  }

  /// Why a run ended at a step: what it found, or the stop that it reached and what happened there; nil when neither.
  package func reasonToStop(_ record: StepRecord) -> String? {
    if let finding = news(of: record) { return "stopped: \(finding.property.rawValue): \(finding.message)" }
    guard let stop = stopReached(record) else { return nil }
    let what = happened
    return "stopped: \(stop.text)" + (what.isEmpty ? "" : "; \(what)")
  }

  /// What the present point's step did: `T1: access1.ioas ioas1 -> null`; empty when the statement says it all.
  package var happened: String {
    guard let row = log[timeline.here], !row.isByHand else { return "" }
    let told = row.notes.filter { $0.kind != .started }
    // What is wrong, and what the model marks, comes before what may be cut off.
    let first = told.filter { $0.kind == .finding || $0.kind == .mark }
    let rest = told.filter { $0.kind != .finding && $0.kind != .mark }
    guard !told.isEmpty else { return "" }
    return "\(row.threadName): " + (first + rest).map(\.text).joined(separator: ", ")
  }

  /// What a run of some steps came to: what an operation returned, or how many steps there were.
  package func outcome(of taken: Int) -> String {
    let steps = "\(taken) step\(taken == 1 ? "" : "s")"
    guard let row = log[timeline.here],
      let result = row.notes.first(where: { $0.kind == .succeeded || $0.kind == .failed })
    else { return steps }
    let marks = row.notes.filter { $0.kind == .finding || $0.kind == .mark }.map { ", \($0.text)" }.joined()
    return "\(row.threadName): \(result.text.replacing(" = ", with: " returned ")) after \(steps)\(marks)"
  }
}
