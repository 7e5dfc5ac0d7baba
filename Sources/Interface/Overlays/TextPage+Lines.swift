import Machine
import Recording
import Reports
import Scene
import Surface

extension TextPage {
  /// The page's heading.
  func title(_ state: AppState) -> String {
    switch topic {
    case .why: "Why: \(state.moment.threadName(state.thread))"
    case .history: "History of \(state.shownObject.map { state.name(of: $0) } ?? "")"
    case .lockOrder: "Who waits for whom, and the order of locks"
    case .comparison(let node):
      "From \(state.landmarks.first { $0.node == node }?.text ?? "step \(state.timeline.nodes[node].depth)") to here"
    }
  }

  /// The page's lines in that many columns.
  func lines(_ state: AppState, width: Int) -> [PanelLine] {
    switch topic {
    case .why: Self.why(state, width: width)
    case .history: Self.history(state, width: width)
    case .lockOrder: Self.lockOrder(state)
    case .comparison(let node): Self.comparison(with: node, state)
    }
  }

  // MARK: Why

  private static func why(_ state: AppState, width: Int) -> [PanelLine] {
    var lines: [PanelLine] = []
    func paragraph(_ text: String, _ role: Role = .text) {
      for line in TextWrap.lines(of: text, width: width) { lines.append(PanelLine(line, role)) }
    }
    let rows = ThreadRow.rows(state.moment)
    let graph = WaitForGraph(state.moment)
    if rows.indices.contains(state.thread) {
      let row = rows[state.thread]
      paragraph("\(row.name) is \(row.words)".replacing("is waits", with: "waits") + ".", .headline)
      if let frame = row.stack.last {
        paragraph(
          "It comes to `\(frame.text)` in \(frame.function)\(frame.line.map { ", line \($0)" } ?? "").")
      } else if let operation = row.operation {
        paragraph("Its next operation is `\(operation)`.")
      }
      if !row.held.isEmpty {
        let held = row.held.map { "\($0.name)\($0.since.map { " since step \($0)" } ?? "")" }
        paragraph("It holds \(held.joined(separator: ", ")).")
      }
      // Along the chain of those that stand in the way.
      var seen: Set<Int> = [state.thread]
      var here = state.thread
      while let wait = graph.waits.first(where: { $0.thread == here }), let holder = wait.holders.first {
        let other = rows[holder]
        var sentence = "\(other.name) has \(wait.target)\(wait.since.map { " since step \($0)" } ?? "")"
        if let frame = other.stack.last { sentence += "; it comes to `\(frame.text)` in \(frame.function)" }
        sentence += other.condition == .ready ? " and can go on." : " and is \(other.words)."
        paragraph(sentence)
        guard seen.insert(holder).inserted else { break }
        here = holder
      }
      if !graph.circle.isEmpty {
        let names = (graph.circle + [graph.circle[0]]).map { state.moment.threadName($0) }
        paragraph(
          "They wait in a circle: \(names.joined(separator: " \(state.glyphs.arrowRight) ")). Nobody can go on.",
          .finding)
      }
    }
    if let (finding, step, _) = state.finding {
      lines.append(PanelLine())
      paragraph("\(finding.property.rawValue) at step \(step): \(finding.message)", .finding)
      paragraph(
        "\(finding.property.title.prefix(1).uppercased())\(finding.property.title.dropFirst()).", .dim)
      var timeline = state.timeline
      if let node = state.log.lastFinding(upTo: timeline.here) { timeline.go(to: node) }
      // A page is drawn many times; the run is looked back along once.
      let found = timeline.remembered(at: timeline.here) { FindingReport(timeline, namesRules: false) }
      if let report = found {
        for sentence in report.facts { paragraph("\(state.glyphs.bullet) \(sentence)") }
        let race = report.race(width: min(width, 100), height: 24)
        lines.append(PanelLine())
        for line in race.lines { lines.append(PanelLine(line)) }
      }
    }
    if lines.isEmpty { paragraph("there is no thread", .dim) }
    return lines
  }

  // MARK: History

  /// How many steps back the history of an object goes.
  private static let historyReach = 2_000

  private static func history(_ state: AppState, width: Int) -> [PanelLine] {
    guard let object = state.shownObject else { return [PanelLine("no object is chosen", .dim)] }
    // Each row is made by replaying, so a long history begins where the reader is likely to look.
    let path = state.timeline.path.suffix(Self.historyReach)
    let digits = String(state.timeline.depth).count
    let lines = path.compactMap { node -> PanelLine? in
      guard let row = state.log[node], row.touches.contains(where: { $0.object == object }) else {
        return nil
      }
      var line = PanelLine()
      let number = String(row.step)
      line.add(String(repeating: " ", count: max(0, digits - number.count)) + number + " ", .dim)
      line.add("\(row.threadName) ", .thread)
      LogLine.add(row, to: &line, state.glyphs, width: width)
      line.target = .point(node)
      return line
    }
    return lines.isEmpty ? [PanelLine("nothing happened to it so far", .dim)] : lines
  }

  // MARK: Locks

  private static func lockOrder(_ state: AppState) -> [PanelLine] {
    let glyphs = state.glyphs
    let graph = WaitForGraph(state.moment)
    var lines: [PanelLine] = [PanelLine("Who waits for whom", .headline)]
    for wait in graph.waits {
      var line = PanelLine()
      line.add("  \(state.moment.threadName(wait.thread)) ", .thread, .bold)
      line.add("\(glyphs.arrowRight) ", .dim)
      line.add(wait.target, .lockWaited)
      if wait.holders.isEmpty {
        line.add(" \(glyphs.arrowRight) whoever wakes it", .dim)
      } else {
        line.add(" \(glyphs.arrowRight) ", .dim)
        line.add(wait.holders.map { state.moment.threadName($0) }.joined(separator: ", "), .thread, .bold)
        if let since = wait.since { line.add(" since \(since)", .dim) }
      }
      if graph.circle.contains(wait.thread) { line.addTrailing("in a circle", .finding) }
      lines.append(line)
    }
    if graph.waits.isEmpty { lines.append(PanelLine("  nobody waits", .dim)) }
    lines.append(PanelLine())
    lines.append(
      PanelLine("Order of locks so far: while the left one was held, the right one was taken", .headline))
    let order = state.moment.lockOrder(state.timeline.lockOrder)
    let widest = order.map(\.outer.count).max() ?? 0
    for pair in order {
      var line = PanelLine()
      line.add("  \(pair.outer)", .lockHeld)
      line.pad(to: widest + 3)
      line.add("\(glyphs.arrowRight) ", .dim)
      line.add(pair.inner, .lockHeld)
      if order.contains(where: { $0.outer == pair.inner && $0.inner == pair.outer }) {
        line.addTrailing("both ways", .finding)
      }
      lines.append(line)
    }
    if order.isEmpty { lines.append(PanelLine("  no lock was taken under another yet", .dim)) }
    return lines
  }

  // MARK: Comparison

  private static func comparison(with node: Int, _ state: AppState) -> [PanelLine] {
    let glyphs = state.glyphs
    let other = state.timeline.situation(at: node)
    let rows = StateDifference(
      from: StateView(other.state, world: other.world), to: state.moment.view
    ).rows
    let widest = min(40, rows.map(\.place.count).max() ?? 0)
    var lines = rows.map { row in
      var line = PanelLine()
      switch row.kind {
      case .made: line.add("\(glyphs.reference) \(row.name)", .changed)
      case .gone: line.add("\(glyphs.freed) \(row.name)", .freed)
      case .changed: line.add("\(glyphs.bullet) \(row.place)", .text)
      }
      line.pad(to: widest + 3)
      switch row.kind {
      case .made: line.add("is new", .dim)
      case .gone: line.add("is gone", .dim)
      case .changed:
        line.add(row.old, .dim)
        line.add(" \(glyphs.arrowRight) ", .dim)
        line.add(row.new, .changed)
      }
      return line
    }
    if lines.isEmpty { lines.append(PanelLine("no object differs", .dim)) }
    return lines
  }
}
