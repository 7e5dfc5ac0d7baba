import Lessons
import Scene

/// A lesson without a screen: sentences out, answers in.
extension LessonScreen {
  /// The beat from its beginning, a paragraph a line.
  public var plainBeat: [String] {
    let lesson = walkthrough.lesson
    let beat = walkthrough.beat
    var result = ["\(lesson.title), beat \(walkthrough.number + 1) of \(lesson.beats.count)."]
    for block in Handout.paragraphs(beat.say) { result += Self.sentences(block) }
    if !beat.look.isEmpty { result.append("Look at: \(beat.look.map(\.inWords).joined(separator: ", ")).") }
    if let asked = walkthrough.asked {
      result += plainQuestion(asked)
    } else if let preview = beat.question?.preview, !preview.isEmpty {
      result.append("Question: \(preview) Type answer to see what can be answered.")
    }
    if let goal = beat.goal {
      result.append("Task:")
      for block in Handout.paragraphs(goal.text) { result += Self.sentences(block) }
      if case .repair(let repair) = goal.kind {
        result.append(
          "edit opens \(repair.model).step. Must hold: \(repair.scenarios.joined(separator: ", ")).")
      }
    }
    return result
  }

  private static func sentences(_ block: Handout.Block) -> [String] {
    switch block {
    case .paragraph(let text): [text]
    case .code(let lines): lines
    default: []
    }
  }

  private func plainQuestion(_ asked: AskedQuestion) -> [String] {
    var result = ["Question: \(asked.text)"]
    result += asked.options.enumerated().map { "\($0.offset + 1): \($0.element.text)" }
    switch asked.form {
    case .number: result.append("Type answer and the number.")
    case .one: result.append("Type answer and the number of the right one.")
    case .several: result.append("Type answer and the numbers of all that are right.")
    }
    return result
  }

  /// What became of the beat: judgement, hints, solution, task.
  public var plainState: [String] {
    var result: [String] = []
    if let judgement = walkthrough.judgement {
      result.append("\(judgement.isRight ? "Right." : "Not right.") \(judgement.why)")
    }
    result += walkthrough.hints.map { "Hint: \($0)" }
    if let solution {
      result.append("Solution:")
      result += solution.lines.enumerated().map {
        $0.offset < solution.done ? "done: \($0.element)" : $0.element
      }
    }
    result += report
    if let stars { result.append("\(stars) of 3 stars.") }
    return result
  }

  /// Answers the question with numbers as they are typed.
  ///
  /// - Returns: what to say when that is no answer; the possible answers when there was none.
  public mutating func answer(_ words: [String]) -> [String] {
    state.message = nil
    guard !walkthrough.isSettled, walkthrough.beat.question != nil else {
      return ["There is nothing to answer."]
    }
    guard askNow(), let asked = walkthrough.asked else {
      return [state.message?.text ?? "The question cannot be asked here."]
    }
    if words.isEmpty, asked.form != .several { return plainQuestion(asked) }
    let numbers = words.compactMap { Int64($0) }
    guard numbers.count == words.count else {
      return ["An answer is made of numbers."] + plainQuestion(asked)
    }
    var form = AnswerForm()
    if asked.form == .number {
      form.field = TextField(words.first ?? "")
    } else {
      form.chosen = Set(numbers.map { Int($0) - 1 })
      guard form.chosen.allSatisfy({ asked.options.indices.contains($0) }) else {
        return ["There is no such answer."] + plainQuestion(asked)
      }
    }
    _ = take(asked, form)
    return []
  }
}
