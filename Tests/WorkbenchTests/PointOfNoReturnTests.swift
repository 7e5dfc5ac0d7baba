import Machine
import Recording
import Reports
import SmallModels
import StepLanguage
import Testing

@testable import Workbench

/// After a search that found something the way to it says where it was too late.
@Suite struct PointOfNoReturnTests {
  private static func searched() throws -> (ExplorerSession, [BackgroundCheck.News]) {
    let world = try World.small(SmallModel.crossing, threads: [["ab"], ["ba"]])
    let session = ExplorerSession(world: world, scenario: nil, modelName: "test", scenarioName: "two")
    let check = BackgroundCheck(session.timeline)
    var news: [BackgroundCheck.News] = []
    while !check.isOver { news += check.news() }
    return (session, news)
  }

  private static func marks(_ session: ExplorerSession) -> [Int] {
    let marks = session.timeline.annotations(of: .marker).filter { $0.text == PointOfNoReturn.marker }
    return marks.compactMap { session.timeline.path.firstIndex(of: $0.point) }
  }

  @Test func isMarkedOnTheWayWhicheverComesFirst() throws {
    var (session, news) = try Self.searched()
    _ = session.beginCheck()
    for one in news { _ = session.take(one) }
    let deadlock = try #require(session.check?.findings.firstIndex { $0.finding.property == .deadlock })
    let point = try #require(session.check?.findings[deadlock].pointOfNoReturn)
    let length = session.check?.findings[deadlock].actions.count ?? 0
    #expect(point >= 1 && point <= length)
    _ = session.follow(finding: deadlock)
    #expect(Self.marks(session) == [point])
    _ = session.follow(finding: deadlock)
    #expect(Self.marks(session) == [point])

    (session, news) = try Self.searched()
    _ = session.beginCheck()
    for case .ended(let outcome) in news { _ = session.take(.ended(outcome)) }
    _ = session.follow(finding: deadlock)
    #expect(Self.marks(session) == [])
    for case .judged(let points) in news { _ = session.take(.judged(points)) }
    #expect(Self.marks(session) == [point])
  }
}
