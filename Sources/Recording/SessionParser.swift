import Basics
import StepLanguage

/// Reads a session from bytes as they come: from a file in pieces, or from one that still grows.
///
/// A session is input from elsewhere, so every length and number is bounded.
public struct SessionParser {
  /// What was read.
  public enum Item {
    /// The first line, or that of a session which begins anew.
    case header(Session.Header)
    /// Another line, with its number.
    case entry(Session.Entry, line: Int)
    /// A line of a stream that could not be read, and why; such as one that was cut off because its writer died.
    case broken(line: Int, message: String)
  }

  /// The longest line that is read, in bytes; the header may be longer.
  public static let lineLimit = 1 << 20
  /// The longest header, in bytes.
  public static let headerLimit = 16 << 20

  private let name: String
  private let isStream: Bool
  private var rest: [UInt8] = []
  private var line = 0
  private var hasHeader = false

  /// A parser at the beginning of a session.
  ///
  /// - Parameters:
  ///   - name: the file's name, for messages.
  ///   - isStream: whether it is read while it is written. A header in the middle then begins a new session, since its writer was started
  ///     again, and a line that cannot be read is told and skipped; in a file both are errors.
  public init(name: String, isStream: Bool = false) {
    self.name = name
    self.isStream = isStream
  }

  /// Takes more bytes and hands on what they complete.
  ///
  /// - Throws: `DiagnosticError` when the file is no session, is of a later version, or a line is wrong; or what `take` throws.
  public mutating func feed(
    _ bytes: UnsafeBufferPointer<UInt8>, _ take: (Item) throws -> Void
  ) throws {
    var start = 0
    if !rest.isEmpty {
      guard let newline = bytes.firstIndex(of: 0x0A) else {
        try keep(bytes[...])
        return
      }
      try keep(bytes[..<newline])
      let whole = rest
      rest = []
      try whole.withUnsafeBufferPointer { try read($0, take) }
      start = newline + 1
    }
    while start < bytes.count, let newline = bytes[start...].firstIndex(of: 0x0A) {
      try read(UnsafeBufferPointer(rebasing: bytes[start..<newline]), take)
      start = newline + 1
    }
    if start < bytes.count { try keep(bytes[start...]) }
  }

  /// Ends the session.
  ///
  /// - Returns: what was skipped: a last line that is cut off; nil when nothing was.
  /// - Throws: as `feed`.
  public mutating func finish(_ take: (Item) throws -> Void) throws -> String? {
    let last = rest
    rest = []
    if !last.isEmpty {
      let isWhole = last.withUnsafeBufferPointer { JSONLine.object($0) != nil }
      guard isWhole || !hasHeader else {
        return "\(name):\(line + 1): the last line is cut off and was skipped"
      }
      try last.withUnsafeBufferPointer { try read($0, take) }
    }
    if !hasHeader { throw noHeader([]) }
    return nil
  }

  /// How many bytes of a line that is not complete yet are kept.
  public var pendingBytes: Int { rest.count }

  private mutating func keep(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) throws {
    let limit = hasHeader ? Self.lineLimit : Self.headerLimit
    guard rest.count + bytes.count <= limit else {
      line += 1
      throw fail(
        hasHeader ? "this line is longer than \(limit >> 20) MiB" : Self.noSession,
        UnsafeBufferPointer(rebasing: bytes))
    }
    rest.append(contentsOf: bytes)
  }

  // MARK: Lines

  private static let noSession = "this is no session: the first line should be its header"

  /// Where in a line a header begins that was written behind a line that had been cut off.
  private static func lateHeader(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    let sign = Array("{\"kind\":\"header\"".utf8)
    guard bytes.count > sign.count else { return nil }
    return (1...bytes.count - sign.count).first { start in
      bytes[start] == sign[0] && bytes[start..<start + sign.count].elementsEqual(sign)
    }
  }

  private mutating func read(_ bytes: UnsafeBufferPointer<UInt8>, _ take: (Item) throws -> Void) throws {
    line += 1
    guard isStream else {
      try readLine(bytes, take)
      return
    }
    do {
      try readLine(bytes, take)
    } catch let error as DiagnosticError {
      if let start = Self.lateHeader(bytes) {
        try take(.broken(line: line, message: "this line is cut off"))
        try readLine(UnsafeBufferPointer(rebasing: bytes[start...]), take)
        return
      }
      // A session of a later format stays one however long one waits.
      if let message = error.diagnostics.first?.message, !message.contains("use a later ioascope") {
        try take(.broken(line: line, message: message))
        return
      }
      throw error
    }
  }

  private mutating func readLine(_ bytes: UnsafeBufferPointer<UInt8>, _ take: (Item) throws -> Void) throws {
    if hasHeader, let entry = Self.step(bytes) {
      try take(.entry(entry, line: line))
      return
    }
    if bytes.isEmpty, hasHeader { return }
    guard bytes.count <= (hasHeader ? Self.lineLimit : Self.headerLimit),
      let fields = JSONLine.object(bytes), let kind = fields["kind"]?.string
    else {
      throw hasHeader ? fail("this line is no JSON object with a kind", bytes) : noHeader(bytes)
    }
    if kind == "header", !hasHeader || isStream {
      let header = try header(fields, bytes)
      hasHeader = true
      try take(.header(header))
      return
    }
    guard hasHeader else { throw noHeader(bytes) }
    guard kind != "header" else { throw fail("a session has one header", bytes) }
    guard let entry = SessionFields(fields).entry(kind, bytes) else {
      throw fail("this '\(Annotation.plain(kind))' line lacks something or is out of bounds", bytes)
    }
    try take(.entry(entry, line: line))
  }

  private func noHeader(_ bytes: [UInt8]) -> DiagnosticError {
    DiagnosticError([
      Diagnostic(Self.noSession, file: name, line: 1, source: String(decoding: bytes, as: UTF8.self))
    ])
  }

  private func noHeader(_ bytes: UnsafeBufferPointer<UInt8>) -> DiagnosticError {
    noHeader(Array(bytes.prefix(Self.shownLength)))
  }

  /// How much of a line is shown with an error.
  private static let shownLength = 60

  private func fail(_ message: String, _ bytes: UnsafeBufferPointer<UInt8>) -> DiagnosticError {
    DiagnosticError([
      Diagnostic(
        message, file: name, line: line,
        source: String(decoding: bytes.prefix(Self.shownLength), as: UTF8.self))
    ])
  }

  private func header(
    _ fields: [String: JSONLine.Value], _ bytes: UnsafeBufferPointer<UInt8>
  ) throws -> Session.Header {
    guard fields["format"]?.string == "ioascope-session" else { throw noHeader(bytes) }
    guard let version = fields["version"]?.integer, version >= 1 else {
      throw fail("the header has no version", bytes)
    }
    guard version <= Session.formatVersion else {
      throw fail(
        "this session is of format \(version), this program reads up to \(Session.formatVersion); use a later ioascope",
        bytes)
    }
    let read = SessionFields(fields)
    guard let model = read.plainText("model"), !model.isEmpty else {
      throw fail("the header names no model", bytes)
    }
    var header = Session.Header(version: version, tool: read.plainText("tool") ?? "", model: model)
    header.modelFile = read.plainText("modelFile") ?? ""
    header.modelDigest = read.plainText("digest") ?? ""
    header.scenario = read.plainText("scenario") ?? ""
    header.scenarioText = fields["text"]?.string ?? ""
    header.setupCount = max(0, read.integer("setup") ?? 0)
    header.faults = fields["faults"]?.bool ?? false
    header.started = read.plainText("started") ?? ""
    header.trace = read.plainText("trace") ?? ""
    guard let threads = fields["threads"]?.array, threads.count <= SessionFields.threadLimit else {
      throw fail("the header needs a list of at most \(SessionFields.threadLimit) threads", bytes)
    }
    for thread in threads {
      guard let thread = thread.object, let name = SessionFields(thread).name("name"),
        let list = thread["operations"]?.array
      else { throw fail("a thread of the header needs a name and operations", bytes) }
      let operations = list.compactMap { value in
        value.string.flatMap {
          $0.utf8.count <= Annotation.textLimit && SessionFields.isPlain($0) ? $0 : nil
        }
      }
      guard operations.count == list.count else {
        throw fail("a thread of the header needs a name and operations", bytes)
      }
      header.threads.append(Session.Header.Thread(name: name, operations: operations))
    }
    return header
  }

  // MARK: Steps

  /// A step's line as this program writes it, which nearly all lines are; nil for any other, which is then read with more care.
  private static func step(_ bytes: UnsafeBufferPointer<UInt8>) -> Session.Entry? {
    var position = 0
    func take(_ text: StaticString) -> Bool {
      let count = text.utf8CodeUnitCount
      guard position + count <= bytes.count else { return false }
      for offset in 0..<count where bytes[position + offset] != text.utf8Start[offset] { return false }
      position += count
      return true
    }
    func number() -> Int? {
      var value = 0
      let start = position
      while position < bytes.count, position < start + 3, (0x30...0x39).contains(bytes[position]) {
        value = value * 10 + Int(bytes[position] - 0x30)
        position += 1
      }
      guard position > start, position == start + 1 || bytes[start] != 0x30 else { return nil }
      return value
    }
    guard take("{\"kind\":\"step\",\"thread\":"), let thread = number(), thread < SessionFields.threadLimit
    else { return nil }
    var choice = 0
    if take(",\"choice\":") {
      guard let number = number(), number < SessionFields.choiceLimit else { return nil }
      choice = number
    }
    var fingerprint: UInt32?
    if take(",\"did\":\"") {
      var value: UInt32 = 0
      for _ in 0..<8 {
        guard position < bytes.count, let digit = JSONLine.hexadecimalDigit(bytes[position]) else {
          return nil
        }
        value = value << 4 | digit
        position += 1
      }
      guard take("\"") else { return nil }
      fingerprint = value
    }
    let found = fingerprint != nil && take(",\"found\":true")
    guard take("}"), position == bytes.count else { return nil }
    return .step(thread: thread, choice: choice, did: fingerprint, found: found, nil)
  }
}
