package import Machine
import Recording
import Reports
import Scene
import StepLanguage

// Searches from the present point on, and what is wrong at a point.
extension ExplorerSession {
  /// Begins a search from here. Whoever carries out effects runs it, and tells by `take`.
  package mutating func beginCheck() -> Message {
    check = CheckStatus(from: timeline.here)
    followed = [:]
    return .note("searching every interleaving from here; \(hint("check")) stops it")
  }

  /// Takes what a search has to tell.
  ///
  /// - Returns: what there is to say about it.
  package mutating func take(_ news: BackgroundCheck.News) -> Message? {
    guard check != nil else { return nil }
    switch news {
    case .progressed(let progress):
      check?.progress = progress
      return nil
    case .ended(let outcome): return end(outcome)
    case .judged(let points):
      for (number, point) in points.enumerated() where check?.findings.indices.contains(number) == true {
        check?.outcome?.findings[number].pointOfNoReturn = point
      }
      for (number, way) in followed.sorted(by: { $0.key < $1.key }) { mark(finding: number, on: way) }
      return nil
    }
  }

  /// Marks the point of no return of a finding on the way to it, as far as it is known.
  private mutating func mark(finding number: Int, on way: [Int]) {
    guard let check, check.findings.indices.contains(number),
      let point = check.findings[number].pointOfNoReturn,
      way.indices.contains(point),
      !timeline.annotations(of: .marker).contains(where: { $0.point == way[point] })
    else { return }
    timeline.annotate(.marker, PointOfNoReturn.marker, at: way[point])
  }

  private mutating func end(_ outcome: CheckStatus.Outcome) -> Message {
    check?.outcome = outcome
    let bound = outcome.bound.map { "; not everything was covered: \($0)" } ?? ""
    switch outcome.verdict {
    case .violated:
      let count = outcome.findings.count
      return .refusal(
        "the check found \(count) violation\(count == 1 ? "" : "s")\(bound); \(hint("findings")) lists them")
    case .holds:
      let count = timeline.world.program.assumptions.count
      let assumed =
        count == 0
        ? "" : "; \(count) assumption\(count == 1 ? "" : "s") about the C, which 'ioascope check' lists"
      return .note(
        "from that point on it holds: \(check?.progress.states ?? 0) states, all of them covered\(assumed)")
    case .bounded: return .note("nothing was found\(bound)")
    }
  }

  /// Goes along the way to a finding of the last check, as a branch from where the search began; nil when there is no such finding.
  package mutating func follow(finding number: Int) -> Message? {
    guard let check, check.findings.indices.contains(number) else { return nil }
    let finding = check.findings[number]
    let before = timeline.here
    go(to: check.origin)
    var way = [timeline.here]
    for action in finding.actions {
      guard (try? perform(action)) != nil else { break }
      way.append(timeline.here)
    }
    followed[number] = way
    mark(finding: number, on: way)
    let property = finding.finding.property.rawValue
    timeline.claim(FindingClaim(property: property, message: finding.finding.message, point: timeline.here))
    if before != timeline.here { begins[timeline.here] = before }
    if let last = timeline.record?.thread { thread = last }
    if branchName(of: timeline.tip) == nil { name(branch: property) }
    refresh()
    return .note(
      "\(property): \(finding.actions.count) steps from there; \(hint("why")) explains, \(hint("undo")) goes back"
    )
  }

  /// What is wrong at the present point: the finding that its session names, or the first; nil when nothing is.
  package var findingHere: Finding? {
    timeline.remembered(at: timeline.here) { FindingHere(finding: FindingReport.finding(at: timeline)) }
      .finding
  }

  /// The statement of what is wrong at the present point.
  package func statement(of finding: Finding) -> Int? { FindingReport.place(of: finding, in: timeline) }
}

/// A finding as it is remembered for a point.
private struct FindingHere {
  let finding: Finding?
}
