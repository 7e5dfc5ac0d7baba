import Foundation
import Testing

/// `ioascope lesson` without a terminal.
@Suite struct LessonCommandTests {
  private func home() throws -> (path: String, environment: [String: String]) {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return (path, ["XDG_STATE_HOME": path])
  }

  @Test func theListNamesEveryLesson() throws {
    let home = try home()
    defer { try? FileManager.default.removeItem(atPath: home.path) }
    let list = try CommandLine.run("lesson", environment: home.environment)
    #expect(list.status == 0)
    #expect(list.output.split(separator: "\n").count >= 12)
    #expect(list.output.contains("06-the-window"))
    let json = try CommandLine.run("list", "lessons", "--format", "json")
    let rows = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: String]]
    #expect(rows?.count == list.output.split(separator: "\n").count)
    #expect(rows?.first?["title"]?.isEmpty == false)
  }

  @Test func aWalkthroughIsPrinted() throws {
    let run = try CommandLine.run("lesson", "window", "--print")
    #expect(run.status == 0, "\(run.errors)")
    for text in [
      "The window", "--- 3 of 11 ---", "Answer: nobody. access1.ioas_lock is free.",
      "> T1 until releases access1.ioas_lock",
    ] {
      #expect(run.output.contains(text), "\(text)")
    }
  }

  @Test func aHandoutHasNoAnswers() throws {
    let home = try home()
    defer { try? FileManager.default.removeItem(atPath: home.path) }
    let path = home.path + "/window.html"
    #expect(try CommandLine.run("lesson", "6", "--handout", path).status == 0)
    let page = try String(contentsOfFile: path, encoding: .utf8)
    #expect(page.contains("<h1>The window</h1>") && page.contains("Question."))
    #expect(!page.contains("Answer:"))
    let key = home.path + "/key.md"
    #expect(try CommandLine.run("lesson", "6", "--handout", key, "--answers").status == 0)
    let markdown = try String(contentsOfFile: key, encoding: .utf8)
    #expect(markdown.contains("Answer:") && markdown.contains("For the teacher:"))
  }

  @Test func progressIsExportedMergedAndReset() throws {
    let home = try home()
    defer { try? FileManager.default.removeItem(atPath: home.path) }
    let other = home.path + "/other.toml"
    try "[\"01-what-is-an-ioas\"]\nbeat = 3\nfinished = false\n".write(
      toFile: other, atomically: true, encoding: .utf8)
    #expect(
      try CommandLine.run("lesson", "--import-progress", other, environment: home.environment).status == 0)
    #expect(try CommandLine.run("lesson", environment: home.environment).output.contains("beat 3/8"))
    let exported = home.path + "/exported.toml"
    #expect(
      try CommandLine.run("lesson", "--export-progress", exported, environment: home.environment).status == 0)
    #expect(try String(contentsOfFile: exported, encoding: .utf8).contains("beat = 3"))
    #expect(try CommandLine.run("lesson", "1", "--reset", environment: home.environment).status == 0)
    #expect(!(try CommandLine.run("lesson", environment: home.environment).output.contains("beat 3/8")))
  }

  @Test func aBrokenProgressIsNotWrittenOver() throws {
    let home = try home()
    defer { try? FileManager.default.removeItem(atPath: home.path) }
    try FileManager.default.createDirectory(
      atPath: home.path + "/ioascope", withIntermediateDirectories: true)
    let path = home.path + "/ioascope/progress.toml"
    try "[[[".write(toFile: path, atomically: true, encoding: .utf8)
    let run = try CommandLine.run("lesson", environment: home.environment)
    #expect(run.status == 65)
    #expect(run.errors.contains("progress.toml:1:"))
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "[[[")
  }

  @Test func whatIsNotThereIsSaid() throws {
    let run = try CommandLine.run("lesson", "no-such-lesson")
    #expect(run.status == 66)
    #expect(run.errors.contains("'ioascope list lessons' shows what there is"))
    #expect(try CommandLine.run("lesson", "1", "--beat", "99", "--print").status == 66)
    #expect(try CommandLine.run("lesson", "--print").status == 64)
    let terminal = try CommandLine.run("lesson", "1")
    #expect(terminal.status == 64)
    #expect(terminal.errors.contains("ioascope lesson 01-what-is-an-ioas --print"))
  }

  @Test func aLessonFileIsValidated() throws {
    let good = try CommandLine.run(
      "validate", CommandLine.checkout.appendingPathComponent("lessons/06-the-window.toml").path)
    #expect(good.status == 0, "\(good.errors)")
    let path = try CommandLine.file(
      "title = \"t\"\nscenario = \"replace-vs-pin\"\n[[beat]]\nsay = \"s\"\nlok = \"x\"\n", suffix: ".toml")
    defer { try? FileManager.default.removeItem(atPath: path) }
    let bad = try CommandLine.run("validate", path)
    #expect(bad.status == 65)
    #expect(
      bad.errors.contains(
        "\(path):5:1: error: there is no 'lok' here; did you mean 'look'?\nlok = \"x\"\n^^^"))
  }
}
