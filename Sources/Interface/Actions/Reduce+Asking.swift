import Recording
import Scene

extension AppState {
  /// Opens a page about the present point.
  mutating func show(_ topic: TextPage.Topic) -> AppEffect? {
    overlay = .page(TextPage(topic))
    return nil
  }

  /// Takes what a search has come to.
  mutating func end(check outcome: CheckStatus.Outcome) {
    guard check != nil else { return }
    check?.outcome = outcome
    let bound = outcome.bound.map { "; not everything was covered: \($0)" } ?? ""
    switch outcome.verdict {
    case "violated":
      let count = outcome.findings.count
      message = .refusal(
        "the check found \(count) violation\(count == 1 ? "" : "s")\(bound); \(keys.name(of: .findings)) lists them"
      )
    case "holds":
      message = .note(
        "from that point on it holds: \(check?.progress.states ?? 0) states, all of them covered")
    default: message = .note("nothing was found\(bound)")
    }
  }

  /// Goes along the way to a finding, as a branch from where the search began.
  mutating func follow(finding number: Int) -> AppEffect? {
    guard let check, check.findings.indices.contains(number) else { return nil }
    let finding = check.findings[number]
    go(to: check.origin)
    for action in finding.actions {
      guard (try? perform(action)) != nil else { break }
    }
    timeline.claim(
      FindingClaim(
        property: finding.finding.property.rawValue, message: finding.finding.message, point: timeline.here))
    if let last = timeline.record?.thread { thread = last }
    if branchName(of: timeline.tip) == nil { name(branch: finding.finding.property.rawValue) }
    refresh()
    showFinding()
    message = .note(
      "\(finding.finding.property.rawValue): \(finding.actions.count) steps from there; \(keys.name(of: .why)) explains, \(keys.name(of: .undo)) goes back"
    )
    return nil
  }

  /// Begins to search every interleaving from here, or ends the search that is under way.
  mutating func checkFromHere() -> AppEffect? {
    if let check, check.isRunning {
      message = .note("the check is stopped")
      return .stopCheck
    }
    check = CheckStatus(from: timeline.here)
    message = .note("searching every interleaving from here; \(keys.name(of: .check)) stops it")
    return .startCheck
  }
}
