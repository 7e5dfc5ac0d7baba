import Foundation
import Interface
import Machine
import StepLanguage
import Surface
import Testing

@Suite struct ComparisonTests {
  static let checkout = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private func state(_ model: String, _ scenario: String) throws -> AppState {
    let library = Library { kind, name in
      let directory = kind == .model ? "models" : "scenarios"
      let url = Self.checkout.appendingPathComponent("\(directory)/\(name).step")
      guard let text = try? String(contentsOf: url, encoding: .utf8) else { return nil }
      return ("\(directory)/\(name).step", text)
    }
    let program = try library.program(named: model)
    let definition = try library.scenario(named: scenario)
    return AppState(
      world: try World(program: program, scenario: definition), scenario: definition, modelName: model,
      scenarioName: scenario)
  }

  /// The mail in one picture: where the posted patch goes on, the reply lets the driver unpin first.
  @Test func thePostedPatchAndTheReplyPartAtTheFlush() throws {
    var both = Comparison(
      left: try state("replace-v2", "detach-with-pin"),
      right: try state("replace-v2-reply", "detach-with-pin"))
    _ = both.reduce(.resized(Size(width: 160, height: 40)))
    #expect(both.parting == nil)
    let start = both.left.timeline.depth
    for _ in 0..<80 where both.parting == nil { _ = both.reduce(.key(.character(" "))) }
    let parting = try #require(both.parting)
    #expect(parting.how == "here 'down_write ioas.domains_rwsem', there 'mutex_unlock access.ioas_lock'")
    #expect(parting.step == both.left.timeline.depth)
    let lines = both.view(size: Size(width: 160, height: 40)).textLines()
    #expect(lines.last?.contains("replace-v2 and replace-v2-reply part at step \(parting.step)") == true)
    // The right side stands where it went another way, and goes back with the left one.
    for _ in 0..<3 { _ = both.reduce(.key(.character("u"))) }
    #expect(both.parting == nil)
    #expect(both.left.timeline.depth == parting.step - 3)
    #expect(both.left.timeline.depth - start == both.right.timeline.depth - start)
  }

  @Test func aModelAndItselfNeverPart() throws {
    var both = Comparison(
      left: try state("linux-6.12", "replace-vs-pin"), right: try state("linux-6.12", "replace-vs-pin"))
    for key in ["r", "\t", "l", "l", "s", "u", "s", "r"] {
      _ = both.reduce(.key(key == "\t" ? .tab : .character(Character(key))))
      #expect(both.parting == nil)
      #expect(both.left.timeline.state == both.right.timeline.state)
    }
  }

  @Test func everySizeIsDrawn() throws {
    var both = Comparison(
      left: try state("linux-6.12", "attach-pin-replace"), right: try state("linux-6.6", "attach-pin-replace")
    )
    for size in [
      Size(width: 1, height: 1), Size(width: 40, height: 10), Size(width: 81, height: 24),
      Size(width: 200, height: 60),
    ] {
      _ = both.reduce(.resized(size))
      #expect(both.view(size: size).size == size)
    }
  }
}
