import Basics

/// The numbers that are worth trying for parameters.
extension Compiler {
  /// Declares the domains; entries must be known.
  mutating func declareDomains() {
    let numbers = Set(
      program.entries.flatMap(\.parameters).filter { $0.kind == .int || $0.kind == .unsigned }.map(\.name))
    var known: Set<String> = []
    for item in items {
      guard case .domain(let syntax) = item.kind else { continue }
      for name in syntax.names {
        if !numbers.contains(name.text) {
          complain(
            "no entry has a number parameter '\(name.text)'\(Spelling.suggestion(name.text, among: numbers))",
            at: name.span)
        } else if !known.insert(name.text).inserted {
          complain("'\(name.text)' has a domain already; join the two", at: name.span)
        }
      }
      var tuples: [[Int64]] = []
      for values in syntax.tuples {
        let numbers = values.compactMap { constantValue($0)?.value }
        guard numbers.count == values.count else { continue }
        if tuples.contains(numbers) {
          complain("these values stand here already; remove one", at: values[0].span)
        } else {
          tuples.append(numbers)
        }
      }
      program.domains.append(Domain(names: syntax.names.map(\.text), tuples: tuples, title: syntax.title))
    }
  }
}
