import Scene
import Surface

/// An object in one line.
enum NodeLine {
  /// The object's name with its sign: made, freed, changed.
  static func addName(_ node: GraphNode, to line: inout PanelLine, _ state: AppState) {
    let role: Role =
      node.presence == .tombstone || node.presence == .gone ? .freed : ObjectRole.role(node.role)
    line.add(node.name, role, .bold)
    switch node.presence {
    case .new: line.add(" new", .changed)
    case .tombstone:
      let pointers = node.pointers.isEmpty ? "" : " by \(node.pointers.joined(separator: ", "))"
      line.add(" \(state.glyphs.freed)freed, still pointed to\(pointers)", .freed)
    case .gone: line.add(" \(state.glyphs.freed)freed now", .freed)
    case .present: break
    }
  }

  /// A lock: its name, who has it, who waits, and whether that is news.
  static func add(_ lock: LockBadge, to line: inout PanelLine, _ glyphs: GlyphSet) {
    let holders = lock.holders.joined(separator: ",")
    if lock.isTakenNow {
      let glyph = lock.state == .shared ? glyphs.lockShared : glyphs.lockHeld
      line.add("\(glyph)\(lock.name) \(holders) taken", .lockTaken, .bold)
    } else {
      switch lock.state {
      case .held: line.add("\(glyphs.lockHeld)\(lock.name) \(holders)", .lockHeld)
      case .shared: line.add("\(glyphs.lockShared)\(lock.name) \(holders)", .lockShared)
      case .free:
        line.add("\(glyphs.done)\(lock.name)", lock.isReleasedNow ? .lockReleased : .dim)
      }
      if lock.isReleasedNow { line.add(" released", .lockReleased, .underline) }
    }
    if !lock.waiters.isEmpty {
      line.add(" \(glyphs.lockWaited)\(lock.waiters.joined(separator: ",")) waits", .lockWaited)
    }
  }

  /// A count with what this step did to it.
  static func add(_ count: GraphNode.Count, name: String, to line: inout PanelLine, _ glyphs: GlyphSet) {
    line.add("\(name) ", .dim)
    if count.change == 0 {
      line.add(String(count.value), .count)
    } else {
      let isUp = count.change > 0
      line.add(
        "\(count.value)\(isUp ? glyphs.headUp : glyphs.headDown)\(isUp ? "+" : "")\(count.change)",
        isUp ? .countUp : .countDown, .bold)
    }
  }

  /// A field that the model says to show.
  static func add(_ field: GraphNode.ShownField, name: String, to line: inout PanelLine, _ glyphs: GlyphSet) {
    let role: Role = field.isChanged ? .changed : field.isBlank ? .dim : .text
    let emphasis: Emphasis = field.isChanged ? .underline : []
    if field.isReference {
      line.add("\(name)\(glyphs.arrowRight)", .edgePointer)
      line.add(field.text, role, emphasis)
    } else {
      line.add("\(name) ", .dim)
      line.add(field.text, role, emphasis)
    }
  }

  /// A long name's most telling part: `shortterm_users` is `shortterm` where room is short.
  static func shortName(_ name: String) -> String {
    guard name.count > 10 else { return name }
    var best = Substring(name)
    for part in name.split(separator: "_") where best.count == name.count || part.count > best.count {
      best = part
    }
    return String(best)
  }

  /// What follows the name: locks in use first, then what changed, then the rest, so that what is cut off is the least.
  static func addFacts(_ node: GraphNode, to line: inout PanelLine, _ state: AppState, isWide: Bool) {
    let glyphs = state.glyphs
    if let range = node.range { line.add(" \(range)", .text) }
    for lock in node.locks where lock.isActive {
      line.add(" ")
      add(lock, to: &line, glyphs)
    }
    func name(_ full: String) -> String { isWide ? full : shortName(full) }
    for count in node.counts where count.change != 0 {
      line.add(" ")
      add(count, name: name(count.name), to: &line, glyphs)
    }
    for field in node.fields where field.isChanged {
      line.add(" ")
      add(field, name: field.isReference ? field.name : name(field.name), to: &line, glyphs)
    }
    for field in node.fields where field.isReference && !field.isChanged {
      // What stands right below needs no pointer.
      if let target = field.target, state.graph[target]?.owner == node.identity { continue }
      line.add(" ")
      add(field, name: field.name, to: &line, glyphs)
    }
    for count in node.counts where count.change == 0 {
      line.add(" ")
      add(count, name: name(count.name), to: &line, glyphs)
    }
    let ends = node.range?.split(separator: "-").map(String.init) ?? []
    for field in node.fields where !field.isReference && !field.isChanged {
      if field.isBlank || ends.contains(field.text) { continue }
      line.add(" ")
      add(field, name: name(field.name), to: &line, glyphs)
    }
  }
}
