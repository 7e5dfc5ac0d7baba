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
    #expect(terminal.errors.contains("ioascope lesson 01-what-is-an-ioas --plain, or --print"))
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

  /// A learner's own lesson that is wrong is told, and the others are there.
  @Test func aWrongLessonOfOnesOwnIsLeftOut() throws {
    let home = try home()
    defer { try? FileManager.default.removeItem(atPath: home.path) }
    let directory = home.path + "/ioascope/lessons"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try "title = 3".write(toFile: directory + "/99-mine.toml", atomically: true, encoding: .utf8)
    let list = try CommandLine.run(
      "lesson", environment: ["XDG_DATA_HOME": home.path, "XDG_STATE_HOME": home.path])
    #expect(list.status == 0)
    #expect(list.output.contains("06-the-window"))
    #expect(list.errors.contains("99-mine.toml:1:9: error: 'title' is a text in quotes"), "\(list.errors)")
  }

  /// A lesson without a screen: lines in, sentences out; what was done is kept.
  @Test func aLessonIsTakenLineByLine() throws {
    let home = try home()
    defer { try? FileManager.default.removeItem(atPath: home.path) }
    let input = home.path + "/input"
    try "answer 2\nanswer 1\nnext\nstep\nquit\n".write(toFile: input, atomically: true, encoding: .utf8)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "\"$1\" lesson 6 --plain < \"$2\"", "sh", try CommandLine.program.path, input]
    process.environment = ProcessInfo.processInfo.environment.merging(home.environment) { $1 }
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(output.contains("Not right. access1.ioas is ioas1 now. On the way: step "))
    #expect(output.contains("Right. access1.ioas is null."))
    #expect(output.contains("The window, beat 2 of 11."))
    let progress = try String(contentsOfFile: home.path + "/ioascope/progress.toml", encoding: .utf8)
    #expect(progress.contains("beat = 2"))
  }

  /// The editor gets the learner's own copy; the checker decides about what comes back.
  @Test func aModelIsMendedInTheEditor() throws {
    let home = try home()
    defer { try? FileManager.default.removeItem(atPath: home.path) }
    let editor = home.path + "/editor"
    // The first time it leaves the file as it is; then it does what the task asks for.
    try """
    #!/bin/sh
    if [ -e "$0.once" ]; then
      sed -i 's/let ioas = access.ioas$/let ioas = access.ioas_unpin/' "$1"
    else
      touch "$0.once"
    fi
    """.write(toFile: editor, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: editor)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = [
      "-c", "printf 'edit\\nedit\\nquit\\n' | \"$1\" lesson 8 --beat 4 --plain", "sh",
      try CommandLine.program.path,
    ]
    process.environment = ProcessInfo.processInfo.environment.merging([
      "XDG_STATE_HOME": home.path, "XDG_DATA_HOME": home.path, "EDITOR": editor, "VISUAL": "",
    ]) { $1 }
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(output.contains("attach-pin-replace: It is violated: warn"), "\(output)")
    #expect(output.contains("It is mended.") && output.contains("3 of 3 stars."), "\(output)")
    let mended = try String(
      contentsOfFile: home.path + "/ioascope/exercises/repair-unpin.step", encoding: .utf8)
    #expect(mended.contains("let ioas = access.ioas_unpin"))
    let progress = try String(contentsOfFile: home.path + "/ioascope/progress.toml", encoding: .utf8)
    #expect(progress.contains("\"the-other-pointer\" = 3"))
    // Beginning anew puts the copy aside and does not lose it.
    let own = ["XDG_STATE_HOME": home.path, "XDG_DATA_HOME": home.path]
    #expect(try CommandLine.run("lesson", "8", "--reset", environment: own).status == 0)
    #expect(!FileManager.default.fileExists(atPath: home.path + "/ioascope/exercises/repair-unpin.step"))
    #expect(FileManager.default.fileExists(atPath: home.path + "/ioascope/exercises/repair-unpin.step.old"))
  }
}
