import Machine
import StepLanguage

/// The text of the function that a thread is in, with where it and the other threads are.
public struct SourceExcerpt: Hashable, Sendable {
  /// A line of the text.
  public struct Line: Hashable, Sendable {
    /// Its number in its file, from 1.
    public let number: Int
    /// Its pieces, without the indentation that all lines share.
    public let tokens: [SourceToken]
    /// Whether the chosen thread stands here.
    public let isCurrent: Bool
    /// The names of the other threads that stand here.
    public let others: [String]
    /// Whether the last step ran this line.
    public let isLast: Bool
  }

  /// The function's name.
  public let function: String
  /// The name of the file.
  public let file: String
  /// The file's index among the program's texts.
  public let fileIndex: Int
  /// The lines.
  public let lines: [Line]
  /// Where the chosen thread stands: index among the lines.
  public let current: Int?
  /// What to say in place of a text; nil when there is one.
  public let note: String?

  /// The function of one of a thread's frames.
  ///
  /// - Parameters:
  ///   - moment: the point of the timeline.
  ///   - thread: the thread.
  ///   - level: which of its frames, 0 the system call; nil is the innermost. Between operations it is the
  ///     operation that comes next.
  public init(_ moment: Moment, thread: Int, level: Int? = nil) {
    let program = moment.view.world.program
    guard moment.threads.indices.contains(thread) else {
      self.init(note: "there is no thread")
      return
    }
    let frames = moment.threads[thread].frames
    guard !frames.isEmpty else {
      let operations = moment.view.world.threads[thread].operations
      let done = moment.threads[thread].operationsDone
      guard operations.indices.contains(done) else {
        self.init(note: "\(moment.threadName(thread)) has finished its operations")
        return
      }
      guard case .entry(let entry, _) = operations[done].kind else {
        self.init(note: "\(moment.threadName(thread)) comes to a barrier")
        return
      }
      self.init(moment, function: program.entries[entry].function, standing: nil, thread: thread)
      return
    }
    let index = min(max(0, level ?? frames.count - 1), frames.count - 1)
    self.init(
      moment, function: frames[index].function, standing: frames[index].statement, thread: thread)
  }

  private init(note: String) {
    function = ""
    file = ""
    fileIndex = 0
    lines = []
    current = nil
    self.note = note
  }

  private init(_ moment: Moment, function index: Int, standing: Int?, thread: Int) {
    let program = moment.view.world.program
    let definition = program.functions[index]
    // A statement that a revision put in stands in the revision's text.
    let home = standing.map { program.home(of: $0) } ?? definition.span
    let source = program.sources[home.file]
    let first = source.line(at: home.start)
    let end = home == definition.span ? definition.end.start : home.end
    let last = max(first, source.line(at: max(end, home.start)))
    let here = standing.map { program.line(of: $0) }
    var others: [Int: [String]] = [:]
    for (number, other) in moment.threads.enumerated() where number != thread {
      for frame in other.frames {
        guard let statement = frame.statement,
          program.statements[statement].span.file == home.file
        else { continue }
        others[program.line(of: statement), default: []].append(other.name)
      }
    }
    var lastLine: Int?
    if let statement = moment.record?.statement, moment.record?.thread == thread,
      program.statements[statement].span.file == home.file
    {
      lastLine = program.line(of: statement)
    }
    let texts = (first...last).map { source.text(ofLine: $0) }
    let indentation =
      texts.filter { !$0.allSatisfy { $0 == " " } }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
    lines = texts.enumerated().map { offset, text in
      let number = first + offset
      return Line(
        number: number, tokens: SourceToken.tokens(of: String(text.dropFirst(indentation))),
        isCurrent: number == here, others: others[number] ?? [], isLast: number == lastLine)
    }
    current = lines.firstIndex(where: \.isCurrent)
    function = definition.name
    file = source.name
    fileIndex = home.file
    note = nil
  }
}
