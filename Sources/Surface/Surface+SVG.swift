extension Surface {
  /// The surface as a self-contained SVG picture, for documents. The same surface and theme give the same bytes.
  ///
  /// Line characters are drawn as strokes, so that frames have no gaps in any font; every run of text is stretched to
  /// the width of its cells, so that columns stay columns.
  ///
  /// - Parameter title: What a screen reader says; none when empty.
  public func svg(theme: Theme, title: String = "") -> String {
    let cell = (width: 9, height: 18, baseline: 14)
    let page = theme.style(of: .background).background ?? Color(red: 255, green: 255, blue: 255)
    let ink =
      theme.style(of: .text).foreground
      ?? (page.luma < 128 ? Color(red: 255, green: 255, blue: 255) : Color(red: 0, green: 0, blue: 0))
    let (pixelsWide, pixelsHigh) = (width * cell.width, height * cell.height)
    var lines = [
      """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(pixelsWide)" height="\(pixelsHigh)" \
      viewBox="0 0 \(pixelsWide) \(pixelsHigh)"\(title.isEmpty ? "" : " role=\"img\"") \
      font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="15">
      """
    ]
    if !title.isEmpty { lines.append("<title>\(Self.escaped(title))</title>") }
    lines.append("<rect width=\"\(pixelsWide)\" height=\"\(pixelsHigh)\" fill=\"\(page.hex)\"/>")
    func colors(_ look: Style) -> (front: Color, back: Color) {
      let (front, back) = (look.foreground ?? ink, look.background ?? page)
      return look.emphasis.contains(.reverse) ? (back, front) : (front, back)
    }
    for y in 0..<height {
      // Backgrounds that touch are one, or a seam would show between them.
      var backs: [(x: Int, width: Int, color: Color)] = []
      for run in styleRuns(row: y) {
        let back = colors(theme.style(for: run.style)).back
        if backs.last?.color == back {
          backs[backs.count - 1].width += run.width
        } else {
          backs.append((run.x, run.width, back))
        }
      }
      for back in backs where back.color != page {
        lines.append(
          "<rect x=\"\(back.x * cell.width)\" y=\"\(y * cell.height)\" width=\"\(back.width * cell.width)\" "
            + "height=\"\(cell.height)\" fill=\"\(back.color.hex)\"/>")
      }
      for run in styleRuns(row: y) {
        let look = theme.style(for: run.style)
        let front = colors(look).front
        let top = y * cell.height
        let middle = top + cell.height / 2
        var (strokes, verticals) = ("", "")
        // Horizontal strokes that touch are one.
        var open: (from: Int, to: Int)?
        func flush() {
          if let stroke = open { strokes += "M\(Self.half(stroke.from)) \(middle)H\(Self.half(stroke.to))" }
          open = nil
        }
        for piece in pieces(of: run, row: y) {
          switch piece {
          case .line(let arms, let x):
            // Doubled, since the middle of a cell may be half a pixel.
            let center = (2 * x + 1) * cell.width
            if !arms.isDisjoint(with: [.left, .right]) {
              let from = arms.contains(.left) ? center - cell.width : center
              if open?.to != from { flush() }
              open = (open?.from ?? from, arms.contains(.right) ? center + cell.width : center)
            }
            if !arms.isDisjoint(with: [.up, .down]) {
              let from = arms.contains(.up) ? top : middle
              let to = arms.contains(.down) ? top + cell.height : middle
              verticals += "M\(Self.half(center)) \(from)V\(to)"
            }
          case .text(let text, let x, let columns):
            var attributes = "x=\"\(x * cell.width)\" y=\"\(top + cell.baseline)\" fill=\"\(front.hex)\""
            if look.emphasis.contains(.bold) { attributes += " font-weight=\"bold\"" }
            if look.emphasis.contains(.italic) { attributes += " font-style=\"italic\"" }
            if look.emphasis.contains(.underline) { attributes += " text-decoration=\"underline\"" }
            attributes += " textLength=\"\(columns * cell.width)\" lengthAdjust=\"spacingAndGlyphs\""
            lines.append("<text \(attributes) xml:space=\"preserve\">\(Self.escaped(text))</text>")
          }
        }
        flush()
        strokes += verticals
        if !strokes.isEmpty {
          lines.append("<path d=\"\(strokes)\" stroke=\"\(front.hex)\" fill=\"none\"/>")
        }
      }
    }
    lines.append("</svg>")
    return lines.joined(separator: "\n") + "\n"
  }

  /// What a run of cells is drawn as.
  private enum Piece {
    case line(LineArms, x: Int)
    case text(String, x: Int, columns: Int)
  }

  /// A run cut into lines and into words between blanks; a wide character is a piece by itself, since fonts differ
  /// about its width.
  private func pieces(of run: StyleRun, row y: Int) -> [Piece] {
    var pieces: [Piece] = []
    var text: (String, x: Int, columns: Int)?
    func flush() {
      if let whole = text { pieces.append(.text(whole.0, x: whole.x, columns: whole.columns)) }
      text = nil
    }
    for x in run.x..<(run.x + run.width) {
      let cell = self[x, y]
      if cell.width == 0 { continue }
      if glyphs == .unicode, let arms = LineArms(glyph: cell.glyph, glyphs: .unicode) {
        flush()
        pieces.append(.line(arms, x: x))
      } else if cell.width == 2 {
        flush()
        pieces.append(.text(cell.glyph, x: x, columns: 2))
      } else if cell.isBlank {
        flush()
      } else {
        text = (text?.0 ?? "", text?.x ?? x, text?.columns ?? 0)
        text?.0 += cell.glyph
        text?.columns += 1
      }
    }
    flush()
    return pieces
  }

  /// Half of a number, written out.
  private static func half(_ doubled: Int) -> String {
    doubled % 2 == 0 ? "\(doubled / 2)" : "\(doubled / 2).5"
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.append(character)
      }
    }
    return result
  }
}
