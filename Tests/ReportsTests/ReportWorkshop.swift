import Explorer
import Foundation
import Machine
import Recording
import Reports
import SmallModels
import StepLanguage
import Testing

/// Models and scenarios of the program, and small ones, searched and explained.
enum ReportWorkshop {
  static let checkout = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static let library = Library { kind, name in
    let folder = kind == .model ? "models" : "scenarios"
    let file = checkout.appendingPathComponent("\(folder)/\(name).step")
    // The name without folders, so that reports are the same wherever the checkout lies.
    return (try? String(contentsOf: file, encoding: .utf8)).map { ("\(name).step", $0) }
  }

  /// The world of a scenario of the program.
  static func world(_ scenario: String, model: String) throws -> World {
    try World(program: try library.program(named: model), scenario: try library.scenario(named: scenario))
  }

  /// A world of a small model: threads with their lines.
  static func world(_ model: String, threads: [[String]]) throws -> World {
    try World.small(model, threads: threads)
  }

  /// The first counterexample to a property, complete, as a timeline that stands at its finding.
  static func timeline(
    _ property: String, in world: World, message: String? = nil
  ) throws -> (timeline: Timeline, counterexample: CompleteCounterexample) {
    let result = Search(world: world).run(limits: Search.Limits(states: 500_000))
    let example = try #require(
      result.counterexamples.first {
        $0.finding.property.rawValue == property && (message.map($0.finding.message.hasPrefix) ?? true)
      })
    let complete = CompleteCounterexample(example, world: world)
    return (try complete.timeline(in: world), complete)
  }

  /// The report of the first counterexample to a property.
  static func report(_ property: String, in world: World, message: String? = nil) throws -> FindingReport {
    let timeline = try timeline(property, in: world, message: message).timeline
    return try #require(FindingReport(timeline))
  }

  /// A session as text, and the timeline that reading it gives.
  static func session(of timeline: Timeline) throws -> (text: String, replayed: Timeline) {
    var text = ""
    var writer = try SessionWriter(header: Session.Header(world: timeline.world, scenario: nil, tool: "test"))
    {
      text += $0
    }
    try writer.follow(timeline)
    let session = try SessionReader.read(name: "session", text: text)
    return (text, try session.replay(program: timeline.world.program).timeline)
  }
}
