import Basics
import Machine
import Recording
import Scene
import StepLanguage
public import Workbench

/// A front end for programs: a line of JSON in, lines of JSON out (docs/serve.md). It knows nothing of where lines come from and go to.
public struct Server {
  /// What a request needs of the world outside.
  public struct Environment {
    let open: (_ source: String, _ model: String?) throws -> ExplorerSession
    let list: (_ kind: String) -> String?
    let save: (_ path: String, _ session: ExplorerSession) throws -> Void
    let words: (any Error) -> String

    /// - Parameters:
    ///   - open: a scenario or a session by name or path, under a model.
    ///   - list: what there is of a kind, as a JSON list; nil for an unknown kind.
    ///   - save: writes a session to a file that is not there yet.
    ///   - words: an error in words.
    public init(
      open: @escaping (_ source: String, _ model: String?) throws -> ExplorerSession,
      list: @escaping (_ kind: String) -> String?,
      save: @escaping (_ path: String, _ session: ExplorerSession) throws -> Void,
      words: @escaping (any Error) -> String
    ) {
      self.open = open
      self.list = list
      self.save = save
      self.words = words
    }
  }

  /// Why a request could not be done.
  private struct Refusal: Error {
    let words: String
  }

  /// The longest line that is read, in bytes.
  public static let longestLine = 1 << 20
  /// The most steps that one request for the log is answered with.
  private static let mostSteps = 1_000

  private let environment: Environment
  private var session: ExplorerSession?
  private var check: BackgroundCheck?
  /// Views that are told when they change, with what was told last.
  private var subscriptions: [(view: ViewModel, told: String)] = []

  /// Whether the client has asked for the end.
  public private(set) var isOver = false
  /// Whether a search runs beside, so that there may be news without a request.
  public var isSearching: Bool { check != nil }

  /// A server that nothing was opened with yet.
  public init(_ environment: Environment) {
    self.environment = environment
  }

  // MARK: Requests

  /// Answers a line; after the answer come events for what has changed.
  public mutating func answer(_ line: String) -> [String] {
    guard !line.allSatisfy({ $0 == " " || $0 == "\t" || $0 == "\r" }) else { return [] }
    guard line.utf8.count <= Self.longestLine, let request = JSONLine.object(line) else {
      return [
        Self.failure(nil, "a request is one JSON object on one line, at most \(Self.longestLine) bytes")
      ]
    }
    let id: String?
    switch request["id"] {
    case .integer(let number)?: id = String(number)
    case .string(let text)?: id = JSON.quoted(text)
    case nil: id = nil
    default: return [Self.failure(nil, "an 'id' is a whole number or a text")]
    }
    do {
      let result = try perform(request)
      return [Self.success(id, result)] + changes()
    } catch let refusal as Refusal {
      return [Self.failure(id, refusal.words)] + changes()
    } catch {
      return [Self.failure(id, environment.words(error))]
    }
  }

  /// What the search that runs beside has to tell since the last time.
  public mutating func news() -> [String] {
    guard let check else { return [] }
    var lines: [String] = []
    for news in check.news() {
      let said = session?.take(news)
      switch news {
      case .progressed(let progress):
        lines.append(
          JSON.object([
            JSON.field("event", "progress"), JSON.field("states", progress.states),
            JSON.field("depth", progress.depth), JSON.field("frontier", progress.frontier),
          ]))
      case .ended(let outcome):
        var fields = [JSON.field("event", "checked"), JSON.field("verdict", outcome.verdict.word)]
        if let bound = outcome.bound { fields.append(JSON.field("bound", bound)) }
        if let said { fields.append(JSON.field("message", said.text)) }
        let assumptions = session?.timeline.world.program.assumptions ?? []
        if !assumptions.isEmpty { fields.append(JSON.field("assumptions", assumptions.map(JSON.quoted))) }
        lines.append(JSON.object(fields))
      case .judged(let points):
        let known = points.map { $0.map { String($0) } ?? "null" }
        lines.append(
          JSON.object([JSON.field("event", "judged"), JSON.field("pointsOfNoReturn", known)]))
      }
    }
    if check.isOver { self.check = nil }
    return lines + changes()
  }

  private mutating func perform(_ request: [String: JSONLine.Value]) throws -> String {
    guard let method = request["method"]?.string else {
      throw Refusal(words: "a request has a 'method': \(Self.methods.joined(separator: ", "))")
    }
    switch method {
    case "open": return try open(request)
    case "list":
      let kind = request["kind"]?.string ?? ""
      guard let list = environment.list(kind) else {
        throw Refusal(words: "'kind' is scenarios, models or lessons")
      }
      return list
    case "commands": return try commands()
    case "run": return try run(request)
    case "view": return Self.views(try named(request), try opened())
    case "log": return try log(request)
    case "subscribe":
      let session = try opened()
      subscriptions = try named(request).map { ($0, $0.json(session)) }
      return Self.views(subscriptions.map(\.view), session)
    case "unsubscribe":
      subscriptions = []
      return "{}"
    case "save":
      guard let path = request["path"]?.string, !path.isEmpty else {
        throw Refusal(words: "'path' says where to; a file that is not there yet")
      }
      try environment.save(path, try opened())
      return "{}"
    case "quit":
      check?.cancel()
      isOver = true
      return "{}"
    default:
      throw Refusal(
        words: "there is no method '\(method)'; there are \(Self.methods.joined(separator: ", "))")
    }
  }

  private static let methods = [
    "open", "list", "commands", "run", "view", "log", "subscribe", "unsubscribe", "save", "quit",
  ]

  private func opened() throws(Refusal) -> ExplorerSession {
    guard let session else { throw Refusal(words: "nothing is open; 'open' takes a scenario or a session") }
    return session
  }

  private mutating func open(_ request: [String: JSONLine.Value]) throws -> String {
    guard let source = request["source"]?.string, !source.isEmpty else {
      throw Refusal(words: "'source' names a scenario, FILE.step, FILE.step:NAME or a session")
    }
    let opened = try environment.open(source, request["model"]?.string)
    check?.cancel()
    check = nil
    session = opened
    return Self.views([.status], opened)
  }

  private func commands() throws -> String {
    let session = try opened()
    return JSON.list(
      SessionCommand.all.map { command in
        var fields = [
          JSON.field("id", command.id), JSON.field("title", command.title), JSON.field("help", command.help),
        ]
        if let argument = command.argument { fields.append(JSON.field("argument", argument)) }
        if let reason = command.disabledReason(in: session) {
          fields.append(JSON.field("disabledReason", reason))
        }
        return JSON.object(fields)
      })
  }

  private mutating func run(_ request: [String: JSONLine.Value]) throws -> String {
    var present = try opened()
    guard let name = request["command"]?.string, let command = SessionCommand.named(name) else {
      throw Refusal(words: "'command' is the id of one that 'commands' lists")
    }
    session = nil
    let reply = present.run(command, argument: request["argument"]?.string ?? "")
    session = present
    if let message = reply.message, message.kind == .refusal { throw Refusal(words: message.text) }
    switch reply.effect {
    case .startCheck:
      check?.cancel()
      check = BackgroundCheck(present.timeline)
    case .stopCheck: check?.cancel()
    case nil: break
    }
    var fields = [JSON.field("step", present.timeline.depth)]
    if let message = reply.message { fields.append(JSON.field("message", message.text)) }
    return JSON.object(fields)
  }

  private func log(_ request: [String: JSONLine.Value]) throws -> String {
    let session = try opened()
    let last = session.timeline.path(to: session.timeline.tip).count - 1
    let to = min(last, request["to"]?.integer ?? session.timeline.depth)
    let from = max(1, request["from"]?.integer ?? max(1, to - 19))
    guard to - from < Self.mostSteps else { throw Refusal(words: "at most \(Self.mostSteps) steps at once") }
    return ViewModel.log(session, from: from, to: to)
  }

  private func named(_ request: [String: JSONLine.Value]) throws(Refusal) -> [ViewModel] {
    let all = ViewModel.allCases.map(\.rawValue).joined(separator: ", ")
    guard let names = request["views"]?.array, !names.isEmpty else {
      throw Refusal(words: "'views' is a list of \(all)")
    }
    var views: [ViewModel] = []
    for name in names {
      guard let view = name.string.flatMap(ViewModel.init) else {
        throw Refusal(words: "'views' is a list of \(all)")
      }
      if !views.contains(view) { views.append(view) }
    }
    return views
  }

  // MARK: Lines

  private static func views(_ views: [ViewModel], _ session: ExplorerSession) -> String {
    JSON.object(views.map { "\(JSON.quoted($0.rawValue)):\($0.json(session))" })
  }

  private mutating func changes() -> [String] {
    guard let session, !subscriptions.isEmpty else { return [] }
    var changed: [String] = []
    for index in subscriptions.indices {
      let json = subscriptions[index].view.json(session)
      if json == subscriptions[index].told { continue }
      subscriptions[index].told = json
      changed.append("\(JSON.quoted(subscriptions[index].view.rawValue)):\(json)")
    }
    if changed.isEmpty { return [] }
    return [JSON.object([JSON.field("event", "changed"), "\"views\":\(JSON.object(changed))"])]
  }

  private static func success(_ id: String?, _ result: String) -> String {
    JSON.object((id.map { ["\"id\":\($0)"] } ?? []) + [JSON.field("ok", true), "\"result\":\(result)"])
  }

  private static func failure(_ id: String?, _ words: String) -> String {
    JSON.object((id.map { ["\"id\":\($0)"] } ?? []) + [JSON.field("ok", false), JSON.field("error", words)])
  }
}
