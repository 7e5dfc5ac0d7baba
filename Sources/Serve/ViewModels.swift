import Basics
import Machine
import Recording
import Scene
import StepLanguage
import Workbench

/// What there is to see of a session, each as a JSON value.
enum ViewModel: String, CaseIterable {
  case status, threads, objects, locks, changes, source, findings, branches

  func json(_ session: ExplorerSession) -> String {
    switch self {
    case .status: Self.status(session)
    case .threads: JSON.list(ThreadRow.rows(session.moment).map { Self.thread($0) })
    case .objects: Self.objects(session)
    case .locks: JSON.list(LockRow.rows(session.moment).map { Self.lock($0) })
    case .changes: session.log[session.timeline.here].map { Self.step($0) } ?? "null"
    case .source: Self.source(session)
    case .findings: Self.findings(session)
    case .branches:
      JSON.list(
        session.branches.map { end in
          JSON.object([
            JSON.field("name", session.branchName(of: end) ?? ""),
            JSON.field("steps", session.timeline.nodes[end].depth),
            JSON.field("isShown", end == session.timeline.tip),
          ])
        })
    }
  }

  /// Steps of the present branch, by number.
  static func log(_ session: ExplorerSession, from first: Int, to last: Int) -> String {
    let path = session.timeline.path(to: session.timeline.tip)
    guard first <= last else { return "[]" }
    return JSON.list((first...last).compactMap { session.log[path[$0]].map { step($0) } })
  }

  private static func status(_ session: ExplorerSession) -> String {
    let timeline = session.timeline
    let names = session.moment.threads.map(\.name)
    return JSON.object([
      JSON.field("model", session.modelName), JSON.field("scenario", session.scenarioName),
      JSON.field("title", session.scenarioTitle), JSON.field("about", session.about),
      JSON.field("step", timeline.depth), JSON.field("steps", timeline.path(to: timeline.tip).count - 1),
      JSON.field("setup", timeline.nodes[session.setupEnd].depth),
      JSON.field("thread", names.indices.contains(session.thread) ? names[session.thread] : ""),
      JSON.field("isOver", timeline.isOver), JSON.field("stops", session.stops.map { JSON.quoted($0.text) }),
    ])
  }

  private static func thread(_ row: ThreadRow) -> String {
    var fields = [
      JSON.field("name", row.name),
      JSON.field("canStep", row.condition == .ready || row.condition == .timeout),
      JSON.field("words", row.words),
      JSON.field(
        "stack",
        row.stack.map { frame in
          var fields = [JSON.field("function", frame.function)]
          if let line = frame.line { fields.append(JSON.field("line", line)) }
          fields.append(JSON.field("text", frame.text))
          return JSON.object(fields)
        }),
      JSON.field("held", row.held.map { JSON.quoted($0.name) }),
    ]
    if let operation = row.operation { fields.append(JSON.field("operation", operation)) }
    return JSON.object(fields)
  }

  private static func objects(_ session: ExplorerSession) -> String {
    let graph = session.graph
    let nodes = graph.nodes.map { node in
      JSON.object([
        JSON.field("name", node.name), JSON.field("type", node.typeName), JSON.field("role", node.role),
        JSON.field("presence", presence(node.presence)), JSON.field("isChanged", node.isChanged),
        JSON.field("places", node.places.map(JSON.quoted)),
        JSON.field(
          "fields",
          node.fields.map {
            JSON.object([
              JSON.field("name", $0.name), JSON.field("value", $0.text),
              JSON.field("isChanged", $0.isChanged),
            ])
          }),
        JSON.field(
          "counts",
          node.counts.map {
            JSON.object([
              JSON.field("name", $0.name), JSON.field("value", Int($0.value)),
              JSON.field("change", Int($0.change)),
            ])
          }),
      ])
    }
    let edges = graph.edges.compactMap { edge -> String? in
      guard let source = graph[edge.source], let target = graph[edge.target] else { return nil }
      return JSON.object([
        JSON.field("from", source.name), JSON.field("to", target.name), JSON.field("label", edge.label),
        JSON.field("change", edge.change == .none ? "" : edge.change == .added ? "added" : "removed"),
      ])
    }
    return JSON.object([JSON.field("nodes", nodes), JSON.field("edges", edges)])
  }

  private static func presence(_ presence: GraphNode.Presence) -> String {
    switch presence {
    case .present: "present"
    case .new: "new"
    case .tombstone: "freed, still pointed to"
    case .gone: "freed"
    }
  }

  private static func lock(_ row: LockRow) -> String {
    JSON.object([
      JSON.field("name", row.name), JSON.field("mode", row.mode.rawValue),
      JSON.field(
        "holders",
        row.holders.map { holder in
          var fields = [JSON.field("thread", holder.name)]
          if let since = holder.since { fields.append(JSON.field("since", since)) }
          return JSON.object(fields)
        }),
      JSON.field("waiters", row.waiters.map(JSON.quoted)),
    ])
  }

  private static func step(_ row: LogRow) -> String {
    JSON.object([
      JSON.field("step", row.step), JSON.field("thread", row.threadName), JSON.field("text", row.text),
      JSON.field("notes", row.notes.map { JSON.quoted($0.text) }), JSON.field("hasFinding", row.hasFinding),
    ])
  }

  private static func source(_ session: ExplorerSession) -> String {
    let excerpt = SourceExcerpt(session.moment, thread: session.thread)
    var fields = [
      JSON.field("function", excerpt.function), JSON.field("file", excerpt.file),
      JSON.field(
        "lines",
        excerpt.lines.map { line in
          JSON.object([
            JSON.field("number", line.number), JSON.field("text", line.tokens.map(\.text).joined()),
            JSON.field("isCurrent", line.isCurrent),
          ])
        }),
    ]
    if let note = excerpt.note { fields.append(JSON.field("note", note)) }
    return JSON.object(fields)
  }

  private static func findings(_ session: ExplorerSession) -> String {
    let here = (session.timeline.record?.findings ?? []).map { finding in
      JSON.object([JSON.field("property", finding.property.rawValue), JSON.field("message", finding.message)])
    }
    var fields = [JSON.field("here", here)]
    if let check = session.check {
      fields.append(JSON.field("isSearching", check.isRunning))
      fields.append(
        JSON.field(
          "found",
          check.findings.map {
            JSON.object(
              [
                JSON.field("property", $0.finding.property.rawValue),
                JSON.field("message", $0.finding.message),
                JSON.field("steps", $0.actions.count),
              ] + ($0.pointOfNoReturn.map { [JSON.field("pointOfNoReturn", $0)] } ?? []))
          }))
    }
    return JSON.object(fields)
  }
}
