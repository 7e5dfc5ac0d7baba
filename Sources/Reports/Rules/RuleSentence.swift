public import StepLanguage

extension Rule {
  /// The sentence of a report about rules of which one was broken, the likeliest first; nil when there is none.
  ///
  /// - Parameter plain: without the marks of markdown.
  public static func sentence(_ rules: [Rule], plain: Bool = false) -> String? {
    guard let first = rules.first else { return nil }
    let names = rules.map(\.name).joined(separator: " or ")
    let wordings = rules.map { rule in
      let part = rule.brokenPart.map { plain ? "; broken here: \"\($0)\"" : "; broken here: **\($0)**" } ?? ""
      let text = rule.sentence + part
      return plain ? text.filter { $0 != "`" } : text
    }.joined(separator: "; or: ")
    guard let owner = first.owner else { return "breaks the invariant \(names): \(wordings)" }
    let duty = rules.allSatisfy { $0.owner == owner } ? ", the \(owner)'s duty" : ""
    return "breaks \(names) of the contract\(duty): \(wordings)"
  }
}
