import Foundation
import Testing

/// `ioascope serve`, as a program that is given lines.
@Suite struct ServeTests {
  @Test func aSearchFindsWhatThePageShows() throws {
    let requests = [
      #"{"id":1,"method":"open","source":"destroy-vs-put"}"#, #"{"id":2,"method":"run","command":"check"}"#,
    ]
    let result = try CommandLine.runAll(["serve"], input: requests.joined(separator: "\n"))
    #expect(result.status == 0 && result.errors.isEmpty)
    let lines = result.output.split(separator: "\n")
    #expect(lines.first?.hasPrefix(#"{"id":1,"ok":true,"#) == true)
    // The input ends, and the search is waited for.
    let end = try #require(
      lines.firstIndex { $0.hasPrefix(#"{"event":"checked","verdict":"violated","#) })
    let judged = try #require(lines.last?.firstMatch(of: /^{"event":"judged","pointsOfNoReturn":\[(\d+)\]}$/))
    #expect(end == lines.count - 2 && (Int(judged.1) ?? 0) > 0)
  }

  @Test func sessionsAreSavedAndOpened() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).ioas").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let requests = [
      #"{"id":1,"method":"open","source":"replace-vs-pin"}"#, #"{"id":2,"method":"run","command":"random"}"#,
      #"{"id":3,"method":"save","path":"\#(path)"}"#, #"{"id":4,"method":"save","path":"\#(path)"}"#,
      #"{"id":5,"method":"open","source":"\#(path)"}"#, #"{"id":6,"method":"quit"}"#, "not read any more",
    ]
    let result = try CommandLine.runAll(["serve"], input: requests.joined(separator: "\n") + "\n")
    #expect(result.status == 0)
    let lines = result.output.split(separator: "\n").map(String.init)
    try #require(lines.count == 6)
    #expect(lines[2] == #"{"id":3,"ok":true,"result":{}}"#)
    #expect(lines[3].contains("there is such a file already"))
    let step = lines[1].firstMatch(of: /"step":(\d+)/)?.1
    #expect(step != nil && lines[4].firstMatch(of: /"step":(\d+)/)?.1 == step)
  }
}
