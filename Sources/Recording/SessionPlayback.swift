import Machine
public import StepLanguage

/// Runs a session again under a model, line by line.
public struct SessionPlayback {
  /// Where the model does not do what was recorded.
  public struct Divergence: Hashable, Sendable {
    /// The line of the session.
    public let line: Int
    /// The number of the step that differs, from 1.
    public let step: Int
    /// What differs, and what can be done.
    public let message: String
  }

  /// All that the session did up to now.
  public private(set) var timeline: Timeline
  /// Where points come from, when a kernel trace was the source.
  public private(set) var origins: [Int: Session.Origin] = [:]
  /// The first line at which the model did not do what was recorded; nothing behind it is taken.
  public private(set) var divergence: Divergence?
  /// The first line.
  public let header: Session.Header

  private let isSameModel: Bool
  private let distrusts: Bool
  private var operations: [String: Operation] = [:]

  /// The most actions of a session that are no steps: each makes all later steps know about it.
  public static let additionLimit = 50_000
  private var additions = 0

  /// A playback at the session's start.
  ///
  /// - Parameters:
  ///   - header: the session's first line.
  ///   - program: the model to run it under.
  ///   - distrusts: evaluates the model's invariants at every step, whatever the session says was found there. It takes several times as long.
  /// - Throws: `DiagnosticError` when an operation of the start is none of the model's.
  public init(header: Session.Header, program: Program, distrusts: Bool = false) throws(DiagnosticError) {
    self.distrusts = distrusts
    self.header = header
    timeline = Timeline(world: try header.world(program: program))
    isSameModel = header.modelDigest == String(program.digest, radix: 16)
  }

  /// Does what the next line says.
  ///
  /// - Throws: `DiagnosticError` when an operation is none of the model's.
  public mutating func take(_ entry: Session.Entry, line: Int) throws(DiagnosticError) {
    guard divergence == nil else { return }
    switch entry {
    case .step(let thread, let choice, let did, let found, let origin):
      // What the same model found then it would find now.
      let hasFinding = isSameModel && !distrusts && did != nil ? found : nil
      perform(.step(thread: thread, choice: choice), did: did, hasFinding: hasFinding, origin, line)
    case .start(let thread, let text, let origin):
      guard additions < Self.additionLimit else {
        diverge(line, "more than \(Self.additionLimit) operations were added by hand")
        return
      }
      additions += 1
      perform(.start(thread: thread, operation: try operation(text)), origin, line)
    case .thread(let name, let origin): perform(.addThread(name: name), origin, line)
    case .goTo(let node):
      guard timeline.nodes.indices.contains(node) else {
        diverge(line, "there is no point \(node) to go on from")
        return
      }
      timeline.go(to: node)
    case .annotation(let kind, let text, let point):
      if let point, !timeline.nodes.indices.contains(point) {
        diverge(line, "there is no point \(point) to say something about")
        return
      }
      timeline.annotate(kind, text, at: point)
    case .finding(let property, let message, let point, let loop):
      let point = point ?? timeline.here
      guard timeline.nodes.indices.contains(point), loop ?? 1 <= timeline.nodes[point].depth else {
        diverge(line, "there is no point \(point), or no such loop, to have found something at")
        return
      }
      timeline.claim(FindingClaim(property: property, message: message, point: point, loopStart: loop))
    case .pause(let milliseconds): timeline.pause(milliseconds: milliseconds)
    case .digest(let digest):
      // Digests are of states as they lie in memory, so they say something about the same model only.
      guard isSameModel, String(timeline.state.digest(in: timeline.world), radix: 16) != digest else {
        return
      }
      diverge(line, "the state after step \(timeline.depth) is not the one that was recorded")
    case .unknown(let text): timeline.annotate(.unknown, text)
    }
  }

  private mutating func perform(
    _ action: Action, did: UInt32? = nil, hasFinding: Bool? = nil, _ origin: Session.Origin?, _ line: Int
  ) {
    do throws(Timeline.Refusal) {
      try timeline.advance(action, fingerprint: did, hasFinding: hasFinding)
      if let origin { origins[timeline.here] = origin }
    } catch {
      let step = timeline.depth + 1
      if error == .differs {
        diverge(
          line, "step \(step) does something else under \(timeline.world.program.name): \(told(action))")
      } else {
        diverge(line, "step \(step) is not possible under \(timeline.world.program.name): \(error.inWords)")
      }
    }
  }

  /// What a step does here.
  private func told(_ action: Action) -> String {
    var copy = timeline
    guard let record = try? copy.perform(action) else { return "" }
    let name = timeline.world.threads[record.thread].name
    guard let statement = record.statement else { return "\(name) begins or ends an operation otherwise" }
    return "here \(name) does '\(timeline.world.program.text(of: statement))'"
  }

  private mutating func diverge(_ line: Int, _ message: String) {
    divergence = Divergence(line: line, step: timeline.depth + 1, message: message)
  }

  private mutating func operation(_ text: String) throws(DiagnosticError) -> Operation {
    if let known = operations[text] { return known }
    let source = SourceFile(name: "session", text: text)
    let operation = try Operation(OperationLine(text), program: timeline.world.program, source: source)
    if operations.count < 4_096 { operations[text] = operation }
    return operation
  }
}
