import CustomDump
import Machine
import Recording
import Scene
import StepLanguage
import Testing

@Suite struct ObjectGraphTests {
  @Test func aSharedPointIsSaidInEveryWay() throws {
    var timeline = try Workshop.timeline([["make b1", "make b2", "fill b1 0x1000 0x1fff", "pair b1 b2"]])
    try timeline.finish(0, operations: 4)
    let graph = ObjectGraph(Moment(timeline))
    expectNoDifference(graph.nodes.map(\.name), ["box1", "part1", "area1", "box2"])
    expectNoDifference(graph.cards.map(\.name), ["box1", "box2"])
    let labels = graph.edges.map { edge in
      "\(graph[edge.source]?.name ?? "?") \(edge.label) \(graph[edge.target]?.name ?? "?")"
    }
    expectNoDifference(
      labels, ["box1 parts part1", "box1 ranges area1", "box1 partner box2", "box1 +1 users box2"])
    expectNoDifference(graph.nodes[2].range, "0x1000-0x1fff")
    expectNoDifference(graph.nodes[0].places, ["boxes[1]"])
  }

  @Test func whatAStepChangesIsMarked() throws {
    var timeline = try Workshop.timeline([["make b1", "make b2", "pair b1 b2"]])
    try timeline.finish(0, operations: 2)
    try timeline.step(0, before: "box.partner")
    var graph = ObjectGraph(Moment(timeline))
    let box2 = try #require(graph.nodes.first { $0.name == "box2" })
    expectNoDifference(box2.counts.map { "\($0.name) \($0.value) \($0.change)" }, ["users 2 1"])
    #expect(graph.edges.last?.change == .added)
    try timeline.perform(.step(thread: 0, choice: 0))
    graph = ObjectGraph(Moment(timeline))
    let box1 = try #require(graph.nodes.first { $0.name == "box1" })
    expectNoDifference(box1.fields.filter(\.isChanged).map { "\($0.name) \($0.text)" }, ["partner box2"])
    #expect(!graph.nodes.contains { $0.name == "box2" && $0.isChanged })
  }

  @Test func aFreedObjectShowsOnceAndThenIsGone() throws {
    var timeline = try Workshop.timeline([["make b1", "drop b1", "make b2"]])
    try timeline.finish(0, operations: 1)
    try timeline.step(0, before: "free box")
    try timeline.perform(.step(thread: 0, choice: 0))
    var presences = ObjectGraph(Moment(timeline)).nodes.map(\.presence)
    expectNoDifference(presences, [.gone])
    try timeline.perform(.step(thread: 0, choice: 0))
    presences = ObjectGraph(Moment(timeline)).nodes.map(\.presence)
    expectNoDifference(presences, [])
  }

  @Test func aLockIsMarkedAtItsObjectInItsStep() throws {
    var timeline = try Workshop.timeline([["make b1", "fill b1 1 2"]])
    try timeline.finish(0, operations: 1)
    try timeline.step(0, before: "mutex_lock")
    try timeline.perform(.step(thread: 0, choice: 0))
    func badge() throws -> LockBadge {
      try #require(ObjectGraph(Moment(timeline)).nodes.first?.locks.first { $0.name == "lock" })
    }
    #expect(try badge().isTakenNow)
    expectNoDifference(try badge().holders, ["T0"])
    try timeline.perform(.step(thread: 0, choice: 0))
    #expect(try !badge().isTakenNow)
    #expect(try badge().state == .held)
    try timeline.finish(0, operations: 2)
    #expect(try badge().isReleasedNow)
    #expect(try badge().state == .free)
  }

  @Test func manyOfAKindBecomeOneLine() throws {
    let fills = (0..<20).map { "fill b1 \($0 * 10) \($0 * 10 + 9)" }
    var timeline = try Workshop.timeline([["make b1"] + fills])
    try timeline.finish(0, operations: 21)
    let graph = ObjectGraph(Moment(timeline))
    let outline = ObjectOutline(graph, limit: 6)
    let lines = outline.rows.map { row in
      switch row.content {
      case .node(let node): node.name
      case .more(let type, let count, _): "\(count) more \(type)"
      }
    }
    expectNoDifference(
      lines, ["box1", "part1", "part2", "part3", "17 more part", "area1", "area2", "area3", "17 more range"])
    let chosen = graph.nodes.first { $0.name == "area15" }?.identity
    #expect(ObjectOutline(graph, selected: chosen, limit: 6).rows.contains { $0.identity == chosen })
  }

  @Test func placesDoNotDependOnWhatComesBehind() throws {
    var timeline = try Workshop.timeline([["make b1", "make b2", "make b3"]])
    try timeline.finish(0, operations: 2)
    let two = ObjectGraph(Moment(timeline)).cards.map(\.name)
    try timeline.finish(0, operations: 3)
    let three = ObjectGraph(Moment(timeline)).cards.map(\.name)
    expectNoDifference(Array(three.prefix(2)), two)
  }
}
