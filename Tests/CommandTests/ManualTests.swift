import Foundation
import Testing

/// What is made from the program is up to date, and what it makes can be used.
@Suite struct ManualTests {
  @Test func theKeyTableOfTheDocumentationIsTheProgramsOwn() throws {
    let result = try CommandLine.run("manual", "keys")
    let page = CommandLine.checkout.appendingPathComponent("docs/keys.md")
    #expect(
      result.output == (try String(contentsOf: page, encoding: .utf8)),
      "docs/keys.md is old; 'make docs' makes it anew")
  }

  /// Every part of a page that stands between markers is what the program prints.
  @Test func thePartsOfPagesAreTheProgramsOwn() throws {
    let docs = CommandLine.checkout.appendingPathComponent("docs")
    var parts: [String] = []
    for name in try FileManager.default.contentsOfDirectory(atPath: docs.path).sorted()
    where name.hasSuffix(".md") {
      let page = try String(contentsOf: docs.appendingPathComponent(name), encoding: .utf8)
      for piece in page.components(separatedBy: "<!-- begin: ioascope manual ").dropFirst() {
        let part = String(piece.prefix { $0 != " " })
        let begin = try #require(piece.range(of: " -->\n"))
        let end = try #require(
          piece.range(of: "<!-- end: ioascope manual \(part) -->"), "\(name): \(part) has no end")
        let printed = try CommandLine.run("manual", part)
        #expect(printed.status == 0)
        #expect(
          String(piece[begin.upperBound..<end.lowerBound]) == printed.output,
          "docs/\(name) is old; 'make docs' makes it anew")
        parts.append(part)
      }
    }
    #expect(parts == ["contract", "limits"])
  }

  @Test func theManualPageHasEveryCommand() throws {
    let page = try CommandLine.run("manual").output
    let help = try CommandLine.run("--help").output
    let commands = help.split(separator: "\n").filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
      .compactMap { $0.split(separator: " ").first }.filter {
        !$0.hasPrefix("-") && $0 != "ioascope" && $0 != "See"
      }
    #expect(commands.count > 10)
    for command in commands where command != "help" {
      #expect(page.contains(".SS \(command)\n"), "\(command)")
    }
  }

  @Test func manTakesThePage() throws {
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/groff") else {
      print("skipped, loudly: there is no groff here to read the manual page")
      return
    }
    let file = try CommandLine.file(try CommandLine.run("manual").output, suffix: ".1")
    defer { try? FileManager.default.removeItem(atPath: file) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/groff")
    process.arguments = ["-man", "-ww", "-Tutf8", file]
    let errors = Pipe()
    process.standardError = errors
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    let told = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(
      told.split(separator: "\n").filter { !$0.contains("cannot adjust") && !$0.contains("can't break") }
        .isEmpty, "\(told)")
  }

  @Test func completionsComeForEveryShell() throws {
    for shell in ["bash", "zsh", "fish"] {
      let result = try CommandLine.run("--generate-completion-script", shell)
      #expect(result.status == 0)
      #expect(result.output.contains("explore"))
    }
  }

  @Test func aWordThatIsNoCommandIsToldWithAGuess() throws {
    let result = try CommandLine.run("chek")
    #expect(result.status == 64)
    #expect(result.errors.contains("there is no command 'chek'; did you mean 'check'?"))
  }

  @Test func everyHelpHasAnExample() throws {
    let help = try CommandLine.run("--help").output
    let commands = help.split(separator: "\n").filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
      .compactMap { $0.split(separator: " ").first.map(String.init) }.filter {
        !$0.hasPrefix("-") && $0 != "ioascope" && $0 != "See"
      }
    for command in commands where command != "help" {
      let text = try CommandLine.run("help", command).output
      #expect(text.contains("Example"), "\(command)")
    }
  }
}
