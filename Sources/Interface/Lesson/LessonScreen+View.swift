import Lessons
import Scene
public import Surface

extension LessonScreen {
  /// Columns of the lesson's part where it stands at the right.
  private static let columns = 46
  /// Rows of the lesson's part while it is small, its heading included.
  private static let smallRows = 6
  /// Rows that the explorer keeps while the lesson's part is large.
  private static let explorerRows = 9

  /// Whether the screen is wide enough to have the lesson at the right.
  var isWide: Bool { size.width >= 130 && !isLarge }

  private var textWidth: Int { (isWide ? Self.columns : size.width) - 2 }

  /// The rows of the lesson's part, its heading included.
  var panelRows: Int {
    if isWide { return size.height }
    let most = max(Self.smallRows, size.height - Self.explorerRows)
    return isSmall ? min(Self.smallRows, most) : max(4, min(lines.count + 1, most))
  }

  /// The rows for text.
  var textRows: Int { max(1, panelRows - (isWide ? 2 : 1)) }

  /// The size that the explorer is told.
  var explorerSize: Size {
    if isWide { return Size(width: size.width - Self.columns - 1, height: size.height) }
    let rows = max(ScreenLayout.smallest.height, size.height - panelRows)
    return Size(width: size.width, height: isPresenting ? rows + 1 : rows)
  }

  /// Where the lesson's part is.
  var lessonArea: Rect {
    if isWide {
      return Rect(x: size.width - Self.columns, y: 0, width: Self.columns, height: size.height)
    }
    return Rect(
      x: 0, y: max(0, size.height - panelRows), width: size.width, height: min(size.height, panelRows))
  }

  /// The first line that shows.
  private var firstLine: Int { isSmall ? smallTop(textRows) : min(top, max(0, lines.count - textRows)) }

  /// A click on an answer chooses it, the wheel scrolls the text.
  mutating func click(_ event: MouseEvent) -> AppEffect? {
    switch event.kind {
    case .wheelUp: top = max(0, top - 1)
    case .wheelDown: top = min(max(0, lines.count - textRows), top + 1)
    case .press(.left):
      let row = firstLine + event.position.y - lessonArea.y - 1
      guard lines.indices.contains(row), let first = lines[row].firstOption, let asked = walkthrough.asked,
        !walkthrough.isSettled, !isPresenting
      else { return nil }
      let column = (event.position.x - lessonArea.x - 1) / optionCell(asked)
      let number = first + max(0, min(column, optionsPerRow(asked) - 1))
      guard asked.options.indices.contains(number) else { return nil }
      if form == nil { form = AnswerForm() }
      form?.cursor = number
      if var form {
        toggle(&form, asked)
        self.form = form
        // Where one is right, a click is the answer.
        if asked.form == .one { return take(asked, form) }
      }
    default: break
    }
    return nil
  }

  private func optionCell(_ asked: AskedQuestion) -> Int {
    (asked.options.map { CharacterWidth.columns(of: $0.text) }.max() ?? 0) + (asked.form == .several ? 7 : 5)
  }

  private func optionsPerRow(_ asked: AskedQuestion) -> Int {
    max(1, isLarge ? 1 : (textWidth - 1) / optionCell(asked))
  }

  /// The screen.
  public func view(size: Size) -> Surface {
    var surface = Surface(size: size, glyphs: state.glyphs)
    let explorer = Interface.view(state, size: explorerSize)
    surface.draw(explorer, x: 0, y: 0)
    let area = lessonArea
    if isWide { surface.verticalLine(x: area.x - 1, y: 0, length: size.height, role: .border) }
    // What lies over the explorer lies over the lesson, too.
    guard state.overlay == nil || isWide || explorer.height <= area.y else {
      surface.draw(explorer, x: 0, y: size.height - explorer.height)
      return surface
    }
    draw(on: &surface, in: area)
    // The explorer's own row for messages may lie beneath the lesson.
    if !isWide, state.message != nil, area.y > 1, area.y < explorer.height {
      let row = Rect(x: 0, y: area.y - 1, width: size.width, height: 1)
      surface.fill(row)
      MessageLine.draw(state, on: &surface, in: row)
    }
    return surface
  }

  private func draw(on surface: inout Surface, in area: Rect) {
    surface.fill(area)
    let (head, body) = area.split(top: 1)
    surface.horizontalLine(x: head.x, y: head.y, length: head.width, role: .borderFocused)
    var title = PanelLine()
    title.add(" \(walkthrough.lesson.title) ", .title, .bold)
    title.draw(on: &surface, x: head.x + 1, y: head.y, width: min(title.width + 1, head.width - 2))
    var keys = PanelLine()
    if !isPresenting {
      for (key, word) in hints {
        keys.add(" \(key)", .key)
        keys.add(" \(word) ", .keyHint)
      }
    }
    var right = PanelLine()
    right.add(" \(walkthrough.number + 1)/\(walkthrough.lesson.beats.count) ", .headline)
    let fits = title.width + keys.width + right.width + 4 < head.width
    if fits { right.spans = keys.spans + right.spans }
    right.draw(on: &surface, x: head.maxX - right.width - 1, y: head.y, width: right.width + 1)
    // Beside the explorer the heading is narrow, and there is room below.
    if !fits, isWide { keys.draw(on: &surface, x: head.x, y: area.maxY - 1, width: head.width) }
    var content = PanelContent(lines: lines, top: min(top, max(0, lines.count - textRows)))
    if isSmall { content.top = smallTop(body.height) }
    content.draw(
      on: &surface,
      in: Rect(x: body.x + 1, y: body.y, width: body.width - 1, height: min(body.height, textRows)))
    guard let form, walkthrough.asked?.form == .number,
      let row = lines.firstIndex(where: { $0.text.hasPrefix(Self.prompt) })
    else { return }
    let y = body.y + row - content.top
    if y >= body.y, y < body.maxY {
      surface.cursor = Point(x: body.x + 1 + Self.prompt.count + form.field.cursor, y: y)
    }
  }

  static let prompt = "Your number: "

  /// While the part is small, what is to be done shows, not what was told.
  private func smallTop(_ height: Int) -> Int {
    let start = lines.firstIndex { $0.target == nil && $0.background == nil && $0.isTask } ?? 0
    return max(0, min(start, lines.count - height))
  }

  /// The keys that matter in this beat.
  private var hints: [(String, String)] {
    var result: [(String, String)] = []
    func add(_ command: Command, _ word: String) { result.append((key(command), word)) }
    if form != nil { return [("enter", "takes"), ("esc", "explorer")] }
    if !walkthrough.isDone {
      if walkthrough.beat.question != nil { add(.lessonAnswer, "answer") }
      if case .repair? = walkthrough.beat.goal?.kind { add(.lessonEdit, "edit") }
      add(.lessonHint, "hint")
      if let solution, solution.done < solution.directions.count { add(.lessonSolution, "do") }
    }
    if walkthrough.beat.goal != nil { add(.lessonRetry, "retry") }
    add(.lessonNext, isSmall ? "text" : "next")
    return result
  }

  // MARK: The text

  /// All lines of the beat.
  var lines: [PanelLine] {
    var result: [PanelLine] = []
    let beat = walkthrough.beat
    tell(beat.say, .text, &result)
    if !beat.look.isEmpty {
      wrap("Look at: \(beat.look.map(\.inWords).joined(separator: ", "))", .dim, &result)
    }
    if let asked = walkthrough.asked {
      result.append(PanelLine())
      ask(asked, &result)
    }
    if walkthrough.asked == nil, let preview = beat.question?.preview, !preview.isEmpty {
      result.append(PanelLine())
      wrap(preview, .headline, &result, task: true)
      wrap("The checker will be asked; that may take a moment.", .dim, &result)
    }
    if let goal = beat.goal {
      result.append(PanelLine())
      set(goal, &result)
    }
    for hint in walkthrough.hints { wrap("Hint: \(hint)", .note, &result) }
    if walkthrough.hasSeenSolution, let solution {
      wrap(
        "Solution\(solution.directions.isEmpty ? "" : ", \(key(.lessonSolution)) does a line"):", .note,
        &result)
      for (number, line) in solution.lines.enumerated() {
        let isNext = number == solution.done && !solution.directions.isEmpty
        let mark = isNext ? state.glyphs.here : number < solution.done ? state.glyphs.check : " "
        result.append(PanelLine("\(mark) \(line)", isNext ? .input : .dim))
      }
    }
    for line in report { wrap(line, stars == nil ? .warning : .ok, &result) }
    if let stars {
      var line = PanelLine()
      line.add(String(repeating: "\(state.glyphs.pin) ", count: stars), .ok, .bold)
      line.add("\(stars) of 3 stars", .ok)
      result.append(line)
    }
    return result
  }

  private func wrap(_ text: String, _ role: Role, _ lines: inout [PanelLine], task: Bool = false) {
    for (number, line) in TextWrap.lines(of: text, width: textWidth - 1).enumerated() {
      var row = PanelLine(line, role, task ? .bold : [])
      row.isTask = task && number == 0
      lines.append(row)
      if isLarge { lines.append(PanelLine()) }
    }
  }

  private func tell(_ text: String, _ role: Role, _ lines: inout [PanelLine], task: Bool = false) {
    for (number, block) in Handout.paragraphs(text).enumerated() {
      if number > 0, !isLarge { lines.append(PanelLine()) }
      switch block {
      case .paragraph(let text): wrap(text, role, &lines, task: task && number == 0)
      case .code(let code): for line in code { lines.append(PanelLine("  \(line)", .sourceName)) }
      default: break
      }
    }
  }

  private func ask(_ asked: AskedQuestion, _ lines: inout [PanelLine]) {
    wrap(asked.text, .headline, &lines, task: true)
    if asked.form == .number {
      if let form { lines.append(PanelLine(Self.prompt + form.field.text, .input)) }
    } else {
      options(asked, &lines)
    }
    if isPresenting {
      if isAnswerShown { wrap("\(asked.words(asked.answer)). \(asked.why)", .ok, &lines) }
    } else if let judgement = walkthrough.judgement {
      let mark = judgement.isRight ? state.glyphs.check : state.glyphs.cross
      let answer = judgement.isRight ? "\(asked.words(asked.answer)). " : ""
      wrap("\(mark) \(answer)\(judgement.why)", judgement.isRight ? .ok : .warning, &lines)
    }
  }

  /// The options, in one line where they fit.
  private func options(_ asked: AskedQuestion, _ lines: inout [PanelLine]) {
    if asked.form == .several { wrap("Choose all that are right:", .dim, &lines) }
    let cell = optionCell(asked)
    let perRow = optionsPerRow(asked)
    for start in stride(from: 0, to: asked.options.count, by: perRow) {
      var line = PanelLine()
      line.firstOption = start
      for number in start..<min(start + perRow, asked.options.count) {
        let isChosen = form?.chosen.contains(number) ?? false
        let isHere = form?.cursor == number
        line.add(isHere ? state.glyphs.here : " ", .key)
        line.add("\(number + 1) ", .key)
        if asked.form == .several {
          line.add(isChosen ? "[\(state.glyphs.check)] " : "[ ] ", isChosen ? .ok : .dim)
        }
        line.add(asked.options[number].text, isHere ? .input : .text, isChosen ? .bold : [])
        line.pad(to: (number - start + 1) * cell)
      }
      lines.append(line)
    }
  }

  private func set(_ goal: Goal, _ lines: inout [PanelLine]) {
    tell(goal.text, .headline, &lines, task: true)
    switch goal.kind {
    case .fail(let property):
      wrap("To be found: \(property.rawValue), \(property.title).", .dim, &lines)
      let depth = state.timeline.nodes[walkthrough.point].depth
      if !walkthrough.isSettled, state.timeline.depth > depth {
        lines.append(PanelLine("Switches so far: \(switches)", .count))
      }
    case .repair(let repair):
      wrap(
        "\(key(.lessonEdit)) opens \(repair.model).step in your editor. Must hold: \(repair.scenarios.joined(separator: ", ")).",
        .dim,
        &lines)
    case .reach: break
    }
  }
}
