import Basics

/// A result that an operation may have: what stands behind ` = ` in a result line.
public struct Expectation: Hashable, Sendable {
  /// 0, a number above 0, or -1.
  public var value: Int64
  /// The errno's name, or `0` where the value is not -1.
  public var errno: String
  /// Where it stands.
  public var span: Span

  /// What the system call returns: a number from 0 or a negative errno.
  public var result: Int64 { value >= 0 ? value : -(Errno.number(of: errno) ?? 0) }

  /// As it is written.
  public var text: String { "\(value) \(errno)" }

  /// Why words are no expectation.
  struct Problem: Error {
    var message: String
    var span: Span
  }

  /// Takes what stands behind ` = ` off the words of a line: `0 0`, `N 0` or `-1 ERRNO`, several with `or` between them.
  ///
  /// - Parameters:
  ///   - words: the words of the line; what is left are those of the operation.
  ///   - end: the end of the line, for what is missing.
  /// - Returns: the results that are allowed; none when there is no ` = `.
  static func take(from words: inout [OperationLine.Word], end: Span) throws(Problem) -> [Expectation] {
    let usage =
      "write ' = 0 0', ' = N 0' for a number, or ' = -1 ERRNO' with a known errno name; several with 'or' between them"
    guard let equals = words.firstIndex(where: { $0.text.contains("=") }) else { return [] }
    guard words[equals].text == "=" else {
      throw Problem(message: "'=' stands alone, with blanks around it; \(usage)", span: words[equals].span)
    }
    var rest = words[(equals + 1)...]
    words.removeSubrange(equals...)
    var result: [Expectation] = []
    while true {
      guard let value = rest.popFirst(), let errno = rest.popFirst() else {
        throw Problem(message: "an expected result is missing; \(usage)", span: end)
      }
      let number = Int64(value.text)
      let isNumber = number.map { $0 >= 0 } == true && errno.text == "0"
      guard isNumber || (number == -1 && Errno.number(of: errno.text) != nil) else {
        let known = Errno.all.map(\.name)
        throw Problem(
          message:
            "expected '= 0 0', '= N 0' or '= -1 ERRNO' with a known errno name\(number == -1 ? Spelling.suggestion(errno.text, among: known) : "")",
          span: value.span)
      }
      result.append(
        Expectation(value: number ?? 0, errno: errno.text, span: value.span.joined(errno.span)))
      guard let word = rest.popFirst() else { return result }
      guard word.text == "or" else {
        throw Problem(message: "expected 'or' or the end of the line; \(usage)", span: word.span)
      }
    }
  }
}
