import Foundation
import Machine
public import StepLanguage

/// Reads session files. A session is input from elsewhere, so every length and number is bounded.
public enum SessionReader {
  /// The longest line that is read, in bytes.
  public static let lineLimit = 1 << 20
  /// The most threads, operations of a thread at the start, and characters of a text.
  private static let threadLimit = World.maximumThreads
  private static let operationLimit = 1_000_000
  private static let textLimit = Annotation.textLimit

  /// Reads a session.
  ///
  /// A last line that is cut off is skipped and told in `warnings`; kinds of line that are not known are kept.
  ///
  /// - Throws: `DiagnosticError` when the file is no session, is of a later version, or a line is wrong.
  public static func read(name: String, text: String) throws(DiagnosticError) -> Session {
    let source = SourceFile(name: name, text: text)
    func fail(_ message: String, _ line: Int) -> DiagnosticError {
      let start = source.lineStarts[line - 1]
      let end = start + min(60, source.text(ofLine: line).utf8.count)
      return DiagnosticError([Diagnostic(message, at: Span(file: 0, start: start, end: end), in: source)])
    }
    guard let first = object(source.text(ofLine: 1)), string(first, "kind") == "header",
      string(first, "format") == "ioascope-session"
    else { throw fail("this is no session: the first line should be its header", 1) }
    guard let version = integer(first, "version"), version >= 1 else {
      throw fail("the header has no version", 1)
    }
    guard version <= Session.formatVersion else {
      throw fail(
        "this session is of format \(version), this program reads up to \(Session.formatVersion); use a later ioascope",
        1)
    }
    var session = Session(
      header: Session.Header(
        version: version, tool: string(first, "tool") ?? "", model: string(first, "model") ?? ""),
      entries: [],
      warnings: [])
    session.header.modelDigest = string(first, "digest") ?? ""
    session.header.scenario = string(first, "scenario") ?? ""
    session.header.scenarioText = (first["text"] as? String) ?? ""
    session.header.setupCount = max(0, integer(first, "setup") ?? 0)
    session.header.faults = (first["faults"] as? Bool) ?? false
    session.header.started = string(first, "started") ?? ""
    session.header.trace = string(first, "trace") ?? ""
    guard !session.header.model.isEmpty else { throw fail("the header names no model", 1) }
    guard let threads = first["threads"] as? [[String: Any]], threads.count <= threadLimit
    else {
      throw fail("the header needs a list of at most \(threadLimit) threads", 1)
    }
    for thread in threads {
      guard let name = string(thread, "name"), let operations = thread["operations"] as? [String],
        operations.count <= operationLimit, operations.allSatisfy({ $0.utf8.count <= textLimit })
      else { throw fail("a thread of the header needs a name and operations", 1) }
      session.header.threads.append(Session.Header.Thread(name: name, operations: operations))
    }
    for number in 2...max(2, source.lineCount) where number <= source.lineCount {
      let line = source.text(ofLine: number)
      if line.isEmpty { continue }
      let isLast = number == source.lineCount
      guard line.utf8.count <= lineLimit, let fields = object(line), let kind = string(fields, "kind") else {
        if isLast, source.bytes.last != UInt8(ascii: "\n") {
          session.warnings.append("\(name):\(number): the last line is cut off and was skipped")
          break
        }
        throw fail("this line is no JSON object with a kind", number)
      }
      guard let entry = entry(kind, fields, line) else {
        throw fail("this '\(kind)' line lacks something or is out of bounds", number)
      }
      session.entries.append((number, entry))
    }
    return session
  }

  private static func entry(_ kind: String, _ fields: [String: Any], _ line: String) -> Session.Entry? {
    switch kind {
    case "step":
      guard let thread = integer(fields, "thread"), (0..<threadLimit).contains(thread) else { return nil }
      let choice = integer(fields, "choice") ?? 0
      guard (0..<64).contains(choice) else { return nil }
      return .action(.step(thread: thread, choice: choice), origin(fields))
    case "start":
      guard let thread = integer(fields, "thread"), (0..<threadLimit).contains(thread),
        let text = string(fields, "operation")
      else { return nil }
      return .start(thread: thread, operation: text, origin(fields))
    case "thread":
      return string(fields, "name").map { .action(.addThread(name: $0), origin(fields)) }
    case "goto":
      return integer(fields, "point").flatMap { $0 >= 0 ? .goTo($0) : nil }
    case "marker", "note", "branch":
      guard let kind = Annotation.Kind(rawValue: kind), let text = string(fields, "text") else { return nil }
      guard fields["point"] != nil else { return .annotation(kind, text, point: nil) }
      return integer(fields, "point").flatMap { $0 >= 0 ? .annotation(kind, text, point: $0) : nil }
    case "pause":
      return integer(fields, "milliseconds").flatMap {
        (0...Timeline.longestPause).contains($0) ? .pause($0) : nil
      }
    case "digest": return string(fields, "value").map { .digest($0) }
    default: return .unknown(line)
    }
  }

  private static func origin(_ fields: [String: Any]) -> Session.Origin? {
    guard let time = string(fields, "time"), let line = integer(fields, "line") else { return nil }
    return Session.Origin(time: time, line: line)
  }

  private static func object(_ line: String) -> [String: Any]? {
    try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
  }

  private static func string(_ fields: [String: Any], _ key: String) -> String? {
    guard let text = fields[key] as? String, text.utf8.count <= textLimit else { return nil }
    return text
  }

  private static func integer(_ fields: [String: Any], _ key: String) -> Int? {
    guard let number = fields[key] as? NSNumber, number.doubleValue == number.doubleValue.rounded(),
      abs(number.doubleValue) < 1e15
    else { return nil }
    return number.intValue
  }
}
