import Basics
import Foundation
import Machine
import Recording
import Serve
import SmallModels
import StepLanguage
import Testing
import Workbench

/// A front end for programs: requests and answers as lines of JSON.
@Suite struct ServerTests {
  private struct Unknown: Error {}

  private static func session() throws -> ExplorerSession {
    let world = try World.small(
      "global n: int\nglobal l: mutex\nentry work() { mutex_lock l; n += 1; mutex_unlock l }",
      threads: [["work"], ["work"]])
    return ExplorerSession(world: world, scenario: nil, modelName: "test", scenarioName: "two")
  }

  private static func server() -> Server {
    Server(
      Server.Environment(
        open: { source, _ in
          guard source == "two" else { throw Unknown() }
          return try session()
        }, list: { $0 == "scenarios" ? "[]" : nil }, save: { _, _ in throw Unknown() },
        words: { _ in "it is not there" }))
  }

  private static func fields(_ line: String?) throws -> [String: JSONLine.Value] {
    let line = try #require(line)
    return try #require(JSONLine.object(line))
  }

  @Test func aSessionIsOpenedAndStepped() throws {
    var server = Self.server()
    #expect(
      try Self.fields(server.answer(#"{"id":1,"method":"view","views":["status"]}"#).first)["ok"]?.bool
        == false)
    #expect(
      try Self.fields(server.answer(#"{"id":1,"method":"open","source":"three"}"#).first)["error"]?.string
        == "it is not there")
    let opened = try Self.fields(server.answer(#"{"id":"a","method":"open","source":"two"}"#).first)
    #expect(opened["id"]?.string == "a" && opened["ok"]?.bool == true)
    _ = server.answer(#"{"method":"subscribe","views":["status","locks"]}"#)
    var lines: [String] = []
    for _ in 0..<3 { lines = server.answer(#"{"id":2,"method":"run","command":"step"}"#) }
    let event = try Self.fields(lines.dropFirst().first)
    #expect(event["event"]?.string == "changed")
    #expect(event["views"]?.object?["status"]?.object?["step"]?.integer == 3)
    // What has not changed is not told again.
    #expect(server.answer(#"{"id":3,"method":"view","views":["threads"]}"#).count == 1)
    let log = try Self.fields(server.answer(#"{"id":4,"method":"log"}"#).first)
    #expect(log["result"]?.array?.count == 3)
  }

  @Test func eachCommandHasAReasonOrCanBeDone() throws {
    var server = Self.server()
    _ = server.answer(#"{"method":"open","source":"two"}"#)
    let commands =
      try Self.fields(server.answer(#"{"id":1,"method":"commands"}"#).first)["result"]?.array ?? []
    #expect(commands.count == SessionCommand.all.count)
    for command in commands {
      let fields = try #require(command.object)
      guard fields["argument"] == nil, let id = fields["id"]?.string else { continue }
      let reply = try Self.fields(server.answer(#"{"method":"run","command":"\#(id)"}"#).first)
      #expect((reply["ok"]?.bool == true) == (fields["disabledReason"] == nil), "\(id)")
      if let reason = fields["disabledReason"]?.string { #expect(reply["error"]?.string == reason) }
      // Back to where all of them were told.
      _ = server.answer(#"{"method":"open","source":"two"}"#)
    }
  }

  @Test func aSearchTellsItsEnd() throws {
    var server = Self.server()
    _ = server.answer(#"{"method":"open","source":"two"}"#)
    _ = server.answer(#"{"method":"run","command":"check"}"#)
    var last: [String: JSONLine.Value] = [:]
    for _ in 0..<2_000 where server.isSearching {
      Thread.sleep(forTimeInterval: 0.005)
      if let line = server.news().last { last = try Self.fields(line) }
    }
    #expect(last["event"]?.string == "checked" && last["verdict"]?.string == "holds")
  }

  @Test func aLogIsAsLongAsTheBranch() throws {
    var server = Self.server()
    _ = server.answer(#"{"method":"open","source":"two"}"#)
    _ = server.answer(#"{"method":"run","command":"continue"}"#)
    for bounds in [#""from":-5,"to":999"#, #""to":99999999"#, #""from":0"#] {
      let answer = try Self.fields(server.answer(#"{"method":"log",\#(bounds)}"#).first)
      let steps = try #require(answer["result"]?.array)
      #expect(steps.first?.object?["step"]?.integer == 1)
      #expect(steps.count == 8)
    }
    #expect(
      try Self.fields(server.answer(#"{"method":"log","from":7,"to":2}"#).first)["result"]?.array?.isEmpty
        == true)
  }

  @Test(arguments: [
    "garbage", "[]", "{\"id\":{}}", "{}", #"{"method":7}"#, #"{"method":"fly"}"#, #"{"method":"open"}"#,
    #"{"method":"run"}"#, #"{"method":"view","views":[7]}"#, #"{"method":"view","views":[]}"#,
    #"{"method":"list","kind":"cats"}"#, #"{"method":"save"}"#, #"{"method":"save","path":"x"}"#,
    #"{"method":"run","command":"seek","argument":"99"}"#,
    #"{"method":"run","command":"until","argument":"?"}"#,
    #"{"method":"run","command":"operation","argument":"fly"}"#,
  ])
  func whatCannotBeDoneSaysWhy(_ line: String) throws {
    var server = Self.server()
    _ = server.answer(#"{"method":"open","source":"two"}"#)
    let answer = try Self.fields(server.answer(line).first)
    #expect(answer["ok"]?.bool == false)
    #expect(answer["error"]?.string?.isEmpty == false)
    #expect(!server.isOver)
  }
}
