/// A script of operations, or the result of one that ran on a kernel: lines of threads in the order of the text.
public struct OperationScript: Sendable {
  /// A line of the script.
  public struct Line: Sendable {
    /// The thread's name, such as `T0`.
    public var thread: String
    /// The operation; `barrier` waits for the other threads.
    public var operation: OperationLine
    /// What stands behind ` = `: the results that are expected; any when empty.
    public var expectations: [Expectation]
  }

  /// The lines.
  public var lines: [Line]
  /// The text.
  public var source: SourceFile

  /// The thread names in the order in which they appear.
  public var threads: [String] {
    var seen: Set<String> = []
    return lines.map(\.thread).filter { seen.insert($0).inserted }
  }

  /// Reads a script or a result file: `[<n>] <thread> <op> <args…> [= <ret> <errno> [or …]]`, `#` begins a comment.
  ///
  /// - Throws: `DiagnosticError` when a line is none of these.
  public init(_ source: SourceFile) throws(DiagnosticError) {
    self.source = source
    lines = []
    var diagnostics: [Diagnostic] = []
    guard source.bytes.count <= Limits.textBytes.number else {
      throw DiagnosticError([Diagnostic(Limits.textBytes.message, file: source.name)])
    }
    var counts: [String: Int] = [:]
    for number in 0..<source.lineStarts.count {
      let start = source.lineStarts[number]
      var end = number + 1 < source.lineStarts.count ? source.lineStarts[number + 1] - 1 : source.bytes.count
      if let comment = source.bytes[start..<max(start, end)].firstIndex(of: UInt8(ascii: "#")) {
        end = comment
      }
      var words = Self.words(source, start, end)
      if words.isEmpty { continue }
      if Int(words[0].text) != nil { words.removeFirst() }
      let expectations: [Expectation]
      do throws(Expectation.Problem) {
        expectations = try Expectation.take(from: &words, end: Span(file: 0, start: end, end: end))
      } catch {
        diagnostics.append(Diagnostic(error.message, at: error.span, in: source))
        continue
      }
      guard let thread = words.first, Self.isThreadName(thread.text) else {
        let place = words.first?.span ?? Span(file: 0, start: start, end: end)
        diagnostics.append(
          Diagnostic("expected a thread such as T0 at the beginning of the line", at: place, in: source))
        continue
      }
      counts[thread.text, default: 0] += 1
      if counts[thread.text] == 1, counts.keys.count(where: { $0 != "T0" }) > Limits.threads.number {
        diagnostics.append(Diagnostic(Limits.threads.message, at: thread.span, in: source))
        break
      }
      if counts[thread.text, default: 0] > Limits.operations.number {
        diagnostics.append(Diagnostic(Limits.operations.message, at: thread.span, in: source))
        break
      }
      if diagnostics.count >= Parser.diagnosticLimit { break }
      guard words.count > 1 else {
        diagnostics.append(
          Diagnostic("expected an operation after '\(thread.text)'", at: thread.span, in: source))
        continue
      }
      let operation = OperationLine(
        words: Array(words.dropFirst()), span: words[1].span.joined(words[words.count - 1].span))
      lines.append(Line(thread: thread.text, operation: operation, expectations: expectations))
    }
    guard diagnostics.isEmpty else { throw DiagnosticError(diagnostics) }
  }

  private static func isThreadName(_ text: String) -> Bool {
    text.first == "T" && text.utf8.count <= 4 && Int(text.dropFirst()) != nil
  }

  private static func words(_ source: SourceFile, _ start: Int, _ end: Int) -> [OperationLine.Word] {
    var result: [OperationLine.Word] = []
    var position = start
    while position < end {
      let byte = source.bytes[position]
      if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r") {
        position += 1
        continue
      }
      let first = position
      while position < end,
        ![UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r")].contains(source.bytes[position])
      {
        position += 1
      }
      let text = String(decoding: source.bytes[first..<position], as: UTF8.self)
      result.append(OperationLine.Word(text: text, span: Span(file: 0, start: first, end: position)))
    }
    return result
  }
}

extension OperationLine {
  /// Cuts a line of text into words, for operations that a user types.
  public init(_ text: String) {
    let source = SourceFile(name: "", text: text)
    var words: [Word] = []
    var position = 0
    let bytes = source.bytes
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: " ") || bytes[position] == UInt8(ascii: "\t") {
        position += 1
        continue
      }
      let first = position
      while position < bytes.count, bytes[position] != UInt8(ascii: " "),
        bytes[position] != UInt8(ascii: "\t")
      {
        position += 1
      }
      words.append(
        Word(
          text: String(decoding: bytes[first..<position], as: UTF8.self),
          span: Span(file: 0, start: first, end: position)))
    }
    let span = Span(file: 0, start: 0, end: bytes.count)
    let own = words
    do throws(Expectation.Problem) {
      let expected = try Expectation.take(from: &words, end: span)
      self.init(words: words, span: span, expectations: expected)
    } catch {
      // A '=' that begins no expectation is a word like others, which no operation takes.
      self.init(words: own, span: span)
    }
  }

  /// The line with its expected results.
  public var wholeText: String {
    expectations.isEmpty ? text : "\(text) = \(expectations.map(\.text).joined(separator: " or "))"
  }

  /// The words with a blank between them.
  public var text: String {
    words.map(\.text).joined(separator: " ")
  }
}
