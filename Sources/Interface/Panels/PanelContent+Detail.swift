import Workbench
import Scene
import Surface

extension AppState {
  /// The object that the detail shows: the chosen one, or else the one that was touched last.
  var shownObject: ObjectIdentity? { object ?? touched }

  /// The object that the present step changed or, when it changed none, the latest of the steps before it that did.
  func lastTouched() -> ObjectIdentity? {
    let changed = graph.nodes.filter { $0.isChanged && $0.presence != .gone }
    let counted = changed.first { $0.counts.contains { $0.change != 0 } }
    if let node = counted ?? changed.first(where: { $0.fields.contains(where: \.isChanged) }) ?? changed.first
    {
      return node.identity
    }
    for (_, record) in timeline.recentRecords(Self.touchedReach).reversed() {
      for event in record.events.reversed() {
        switch event.kind {
        case .counted, .stored, .containerChanged:
          if let object = moment.objects.first(where: { $0.index == Int(event.a) }) {
            return moment.view.identity(of: object)
          }
        default: continue
        }
      }
    }
    return nil
  }

  /// How many steps back an object counts as touched.
  private static let touchedReach = 64
}

extension PanelContent {
  /// An object: who holds its counts, then every field.
  static func detail(_ state: AppState, _ size: Size) -> PanelContent {
    let glyphs = state.glyphs
    guard let identity = state.shownObject,
      let detail = ObjectDetail(state.moment, object: identity, graph: state.graph)
    else {
      return PanelContent(lines: [PanelLine("the arrows in Objects choose an object", .dim)])
    }
    var lines: [PanelLine] = []
    var head = PanelLine()
    let role = state.graph[identity].map { ObjectRole.role($0.role) } ?? .text
    head.add(detail.name, detail.isAlive ? role : .freed, .bold)
    head.add(" \(detail.typeName)", .dim)
    if !detail.isAlive { head.add(" \(glyphs.freed) freed", .freed) }
    if state.object == nil { head.addTrailing("touched last", .dim) }
    head.target = .object(identity)
    head.subject = .object(identity)
    lines.append(head)
    for account in Ledger(state.moment, object: identity).accounts {
      var line = PanelLine()
      line.add(" ")
      NodeLine.add(account.count, name: account.name, to: &line, glyphs)
      line.subject = .field(identity, account.name)
      lines.append(line)
      for unit in account.units {
        var line = PanelLine()
        line.add(
          "   \(String(repeating: glyphs.reference, count: min(unit.count, 8))) ",
          unit.isNew ? .countUp : .edgeCounted)
        if unit.holder.isEmpty {
          line.add(unit.word, .text)
        } else {
          line.add(unit.holder, unit.thread != nil ? .thread : .edgeCounted)
          if !unit.word.isEmpty { line.add(" \(unit.word)", .dim) }
        }
        if unit.count > 8 { line.add(" x\(unit.count)", .count) }
        if unit.isNew { line.addTrailing("new", .countUp) }
        line.target = unit.object.map { .object($0) } ?? unit.thread.map { .thread($0) }
        lines.append(line)
      }
      for unit in account.gone {
        let name = unit.holder.isEmpty ? unit.word : "\(unit.holder) \(unit.word)"
        var line = PanelLine("   \(glyphs.cross) \(name)", .countDown)
        line.addTrailing("gone", .countDown)
        lines.append(line)
      }
    }
    let widest = detail.rows.map(\.name.count).max() ?? 0
    for row in detail.rows where row.type != "refcount" {
      var line = PanelLine()
      line.add(" \(row.name)", row.isChanged ? .changed : .dim)
      line.pad(to: min(widest, 20) + 2)
      line.add(
        row.text, row.isChanged ? .changed : row.target != nil ? .link : .text,
        row.isChanged ? .underline : [])
      if row.isChanged { line.addTrailing("changed", .changed) }
      line.target = row.target.map { .object($0) }
      line.subject = .field(identity, row.name)
      lines.append(line)
    }
    if !detail.pointedToBy.isEmpty {
      lines.append(PanelLine(" pointed to by", .dim))
      for name in detail.pointedToBy {
        lines.append(PanelLine("   \(glyphs.arrowLeft) \(name)", .edgePointer))
      }
    }
    var content = PanelContent(lines: lines, caption: detail.name)
    content.place(cursor: state.cursors[.detail], height: size.height)
    return content
  }
}
