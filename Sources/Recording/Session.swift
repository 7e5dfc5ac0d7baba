public import Machine
public import StepLanguage

/// A recorded run: a header, then lines in the order in which things were done.
public struct Session: Sendable {
  /// The first line.
  public struct Header: Hashable, Sendable {
    /// Version of the format.
    public var version = Session.formatVersion
    /// Version of the program that wrote it.
    public var tool: String
    /// The model's name.
    public var model: String
    /// The file that holds the model, when it was none of the data directories; else empty.
    public var modelFile: String
    /// `Program.digest` in hexadecimal: another one means that the model has changed since.
    public var modelDigest: String
    /// The scenario's name; empty when there is none.
    public var scenario: String
    /// The scenario's text; empty when there is none.
    public var scenarioText: String
    /// Threads with their operations as they were at the start.
    public var threads: [Thread]
    /// How many operations of the first thread are set-up.
    public var setupCount: Int
    /// Whether allocations may fail.
    public var faults: Bool
    /// When recording began, as ISO 8601 in UTC; empty when nobody said.
    public var started: String
    /// What a kernel trace was recorded from; empty for a session of the interface.
    public var trace: String

    /// A thread of the start.
    public struct Thread: Hashable, Sendable {
      /// Its name.
      public var name: String
      /// Its operations as lines of a script.
      public var operations: [String]
    }

    /// The header of a world's session.
    public init(world: World, scenario: Scenario?, tool: String, started: String = "", trace: String = "") {
      self.tool = tool
      model = world.program.name
      modelFile = world.program.isOwnFile ? world.program.sources[world.program.sourceIndex].name : ""
      modelDigest = String(world.program.digest, radix: 16)
      self.scenario = scenario?.name ?? ""
      scenarioText = scenario.map { String(decoding: $0.source.bytes, as: UTF8.self) } ?? ""
      // Workers come with the model.
      threads = world.threads.filter { $0.queue == nil }.map {
        Thread(name: $0.name, operations: $0.operations.map(\.wholeText))
      }
      setupCount = world.setupCount
      faults = world.allowsFaults
      self.started = started
      self.trace = trace
    }

    init(version: Int, tool: String, model: String) {
      self.version = version
      self.tool = tool
      self.model = model
      modelFile = ""
      modelDigest = ""
      scenario = ""
      scenarioText = ""
      threads = []
      setupCount = 0
      faults = false
      started = ""
      trace = ""
    }

    /// The world that the session begins with.
    ///
    /// - Throws: `DiagnosticError` when an operation is none of the model's.
    public func world(program: Program) throws(DiagnosticError) -> World {
      var result: [World.Thread] = []
      for thread in threads {
        var operations: [Operation] = []
        for text in thread.operations {
          operations.append(
            try Operation(
              OperationLine(text), program: program, source: SourceFile(name: "session", text: text)))
        }
        result.append(World.Thread(name: thread.name, operations: operations))
      }
      return World(program: program, threads: result, allowsFaults: faults, setupCount: setupCount)
    }
  }

  /// What a line says.
  public enum Entry: Hashable, Sendable {
    /// A thread stepped; `did` is what it did in 32 bits, when that was recorded, and `found` whether a sanitizer found something then.
    case step(thread: Int, choice: Int, did: UInt32?, found: Bool, Origin?)
    /// A thread was added.
    case thread(name: String, Origin?)
    /// A thread got an operation, written as in a script.
    case start(thread: Int, operation: String, Origin?)
    /// Recording went on from another point: its number, in the order in which points were first reached.
    case goTo(Int)
    /// Something that is said about a point: the present one when none is named.
    case annotation(Annotation.Kind, String, point: Int?)
    /// The operator let some time go by, in milliseconds.
    case pause(Int)
    /// What was found at a point: the present one when none is named; of a livelock also the step with which its loop begins.
    case finding(property: String, message: String, point: Int?, loop: Int?)
    /// The digest of the present state.
    case digest(String)
    /// A kind of line that this version does not know; kept as it is.
    case unknown(String)
  }

  /// Where an action comes from, when a kernel trace was its source.
  public struct Origin: Hashable, Sendable {
    /// The kernel's time stamp, as it was printed, in seconds.
    public var time: String
    /// Line of the trace, from 1.
    public var line: Int

    /// A line of a trace.
    public init(time: String, line: Int) {
      self.time = time
      self.line = line
    }
  }

  /// The first line.
  public var header: Header
  /// All other lines, with their number in the file.
  public var entries: [(line: Int, entry: Entry)]
  /// What was skipped, such as a torn last line.
  public var warnings: [String]

  /// The version of the format that this program writes. Version 1 had neither `did` nor `point`, neither pauses nor names of branches.
  public static let formatVersion = 2
}

extension Session {
  /// Runs the session again under a model, which may have changed since.
  ///
  /// - Throws: `DiagnosticError` when an operation is none of the model's.
  public func replay(program: Program) throws(DiagnosticError) -> SessionPlayback {
    var result = try SessionPlayback(header: header, program: program)
    for (line, entry) in entries { try result.take(entry, line: line) }
    return result
  }
}

extension Timeline.Refusal {
  var inWords: String {
    switch self {
    case .noSuchThread: "there is no such thread"
    case .exceeds(let limit): limit.message
    case .tooManyThreads: "there are too many threads"
    case .tooLong: "there are too many points"
    case .differs: "it does something else"
    case .notReady(.blocked): "the thread waits for a lock"
    case .notReady(.finished): "the thread has nothing left to do"
    case .notReady(.barrier): "the thread waits at a barrier"
    case .notReady(.sleeping), .notReady(.timeout): "the thread sleeps"
    case .notReady(.stuck): "the thread cannot go on after what was found"
    case .notReady(.ready): "the thread cannot step"
    }
  }
}
