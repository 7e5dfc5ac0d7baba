import Scene
import Surface

/// What stands in a card.
enum CardText {
  /// The lines: counts and fields, locks, pointers, then what is drawn inside the object.
  static func lines(_ node: GraphNode, _ outline: ObjectOutline, _ state: AppState, width: Int) -> [PanelLine]
  {
    let glyphs = state.glyphs
    var lines: [PanelLine] = []
    var chips: [PanelLine] = []
    for count in node.counts {
      var chip = PanelLine()
      NodeLine.add(count, name: count.name, to: &chip, glyphs)
      chips.append(chip)
    }
    for field in node.fields where !field.isReference {
      var chip = PanelLine()
      NodeLine.add(field, name: field.name, to: &chip, glyphs)
      chips.append(chip)
    }
    lines += flow(chips, width)
    chips = node.locks.map { lock in
      var chip = PanelLine()
      NodeLine.add(lock, to: &chip, glyphs)
      return chip
    }
    lines += flow(chips, width)
    chips = []
    for field in node.fields where field.isReference {
      var chip = PanelLine()
      NodeLine.add(field, name: field.name, to: &chip, glyphs)
      chips.append(chip)
    }
    lines += flow(chips, width)
    lines += inner(node, outline, state)
    return lines
  }

  /// Puts pieces one after another, two blanks apart, and begins a new line where one does not fit.
  private static func flow(_ chips: [PanelLine], _ width: Int) -> [PanelLine] {
    var lines: [PanelLine] = []
    for chip in chips {
      if var last = lines.last, last.width + 2 + chip.width <= width {
        last.add("  ")
        last.spans += chip.spans
        lines[lines.count - 1] = last
      } else {
        lines.append(chip)
      }
    }
    return lines
  }

  private static func inner(_ node: GraphNode, _ outline: ObjectOutline, _ state: AppState) -> [PanelLine] {
    guard let start = outline.rows.firstIndex(where: { $0.identity == node.identity }) else { return [] }
    let rows = outline.rows[(start + 1)...].prefix { $0.depth > 0 }
    return rows.map { TreeLine.line($0, state, isWide: false, hasMark: false) }
  }
}
