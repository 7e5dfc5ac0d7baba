import Foundation
import Testing

/// What is exported, held against the programs that it is for.
@Suite struct ExportTests {
  /// A program of this machine; nil when it is not installed.
  static func tool(_ names: String...) -> String? {
    for folder in (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":") {
      for name in names where FileManager.default.isExecutableFile(atPath: "\(folder)/\(name)") {
        return "\(folder)/\(name)"
      }
    }
    return nil
  }

  /// Runs a program; gives its status and what it printed.
  static func run(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws -> (
    status: Int32, output: String
  ) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try Data().write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    process.standardOutput = try FileHandle(forWritingTo: file)
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: try Data(contentsOf: file), as: UTF8.self))
  }

  private func scratch(_ name: String) -> String {
    FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString)-\(name)").path
  }

  private func export(_ arguments: [String]) throws -> String {
    let result = try CommandLine.runAll(["export", "attach-pin-replace", "--theme", "dark"] + arguments)
    #expect(result.status == 0, "\(result.errors)")
    return result.output
  }

  @Test func theSameBytesEachTime() throws {
    for format in ["text", "svg", "html", "cast", "dot", "mermaid", "markdown"] {
      let arguments = ["--format", format, "--from", "495", "--size", "80x24"]
      #expect(try export(arguments) == export(arguments), "\(format)")
    }
  }

  @Test(
    .enabled(
      if: tool("chromium", "chromium-browser", "google-chrome") != nil,
      "no chromium: the page is not tested in a browser"))
  func thePageIsSteppedInABrowser() throws {
    let browser = try #require(Self.tool("chromium", "chromium-browser", "google-chrome"))
    let html = try export(["--format", "html", "--from", "440", "--at", "450", "--size", "100x30"])
    #expect(html.contains("default-src 'none'"))
    #expect(!html.contains("http://") && !html.contains("https://"))
    // What a reader does, and what he sees: written to the page, which the browser then prints.
    let script = """
      <script>
      const seen=[];
      function key(k,shift){document.dispatchEvent(new KeyboardEvent('keydown',{key:k,shiftKey:!!shift}));}
      function note(w){seen.push(w+'='+document.body.dataset.here+'/'+document.getElementById('label').textContent.split(' of')[0]);}
      note('start');key('ArrowRight');note('right');key(',');note('back');key('Home');note('home');key('End');note('end');
      key('5');note('half');
      const seek=document.getElementById('seek');seek.value=3;seek.dispatchEvent(new Event('input'));note('slider');
      document.getElementById('forth').click();note('button');
      const text=document.getElementById('screen').textContent.split('\\n');
      seen.push('rows='+text.length+' columns='+Math.max(...text.map(t=>[...t].length)));
      seen.push('first='+text[0].trim().slice(0,8));
      key(' ');seen.push('playing='+document.body.dataset.playing);
      setTimeout(()=>{note('played');document.body.dataset.seen=seen.join(' ; ');},700);
      </script>
      </body>
      """
    let path = scratch("page.html")
    defer { try? FileManager.default.removeItem(atPath: path) }
    try html.replacingOccurrences(of: "</body>", with: script).write(
      toFile: path, atomically: true, encoding: .utf8)
    let profile = scratch("profile")
    defer { try? FileManager.default.removeItem(atPath: profile) }
    let result = try Self.run(
      browser,
      [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--user-data-dir=\(profile)",
        "--virtual-time-budget=4000", "--dump-dom", "file://\(path)",
      ], environment: ["HOME": profile])
    let seen = try #require(
      result.output.components(separatedBy: "data-seen=\"").dropFirst().first?.components(separatedBy: "\"")
        .first,
      "\(result.output.prefix(400))")
    let parts = seen.components(separatedBy: " ; ")
    #expect(parts[0] == "start=10/step 450")
    #expect(parts[1] == "right=11/step 451")
    #expect(parts[2] == "back=10/step 450")
    #expect(parts[3] == "home=0/step 440")
    #expect(parts[4].hasPrefix("end=") && parts[4] != "end=0/step 440")
    #expect(parts[6] == "slider=3/step 443")
    #expect(parts[7] == "button=4/step 444")
    #expect(parts[8] == "rows=30 columns=100")
    #expect(parts[9] == "first=ioascope")
    #expect(parts[10] == "playing=yes")
    let played = try #require(Int(parts[11].dropFirst("played=".count).prefix { $0.isNumber }))
    #expect(played > 4, "playing goes on by itself")
  }

  @Test func theCastFollowsItsFormat() throws {
    for version in [3, 2] {
      let text = try export([
        "--format", "cast", "--cast-version", "\(version)", "--from", "495", "--size", "80x24",
      ])
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      #expect(!lines.contains(""))
      let first = try #require(lines.first)
      let object = try JSONSerialization.jsonObject(with: Data(first.utf8))
      let header = try #require(object as? [String: Any])
      #expect(header["version"] as? Int == version)
      if version == 3 {
        let terminal = try #require(header["term"] as? [String: Any])
        #expect(terminal["cols"] as? Int == 80)
        #expect(terminal["rows"] as? Int == 24)
        #expect(header["width"] == nil)
      } else {
        #expect(header["width"] as? Int == 80)
        #expect(header["height"] as? Int == 24)
        #expect(header["term"] == nil)
      }
      var last = 0.0
      var codes: Set<String> = []
      for line in lines.dropFirst() {
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
        let event = try #require(object as? [Any])
        #expect(event.count == 3)
        let time = try #require(event[0] as? Double)
        #expect(time >= 0 && time <= 2.5 || version == 2)
        // Version 2 counts from the start, so times never go back.
        if version == 2 { #expect(time >= last) }
        last = time
        codes.insert(try #require(event[1] as? String))
        #expect(event[2] is String)
      }
      #expect(codes.isSubset(of: ["o", "m", "x"]))
      #expect(codes.contains("x") == (version == 3))
    }
  }

  @Test(.enabled(if: tool("dot") != nil, "no Graphviz: the graph is not tested with it"))
  func graphvizDrawsTheGraph() throws {
    let path = scratch("graph.dot")
    defer { try? FileManager.default.removeItem(atPath: path) }
    try export(["--format", "dot", "--at", "300"]).write(toFile: path, atomically: true, encoding: .utf8)
    let result = try Self.run(try #require(Self.tool("dot")), ["-Tplain", path])
    #expect(result.status == 0)
    let words = result.output.split(separator: "\n").map { $0.split(separator: " ").first ?? "" }
    #expect(words.filter { $0 == "node" }.count >= 4)
    #expect(words.filter { $0 == "edge" }.count >= 3)
  }

  @Test func mermaidHasBothDiagrams() throws {
    #expect(try export(["--format", "mermaid"]).hasPrefix("sequenceDiagram\n"))
    let states = try export(["--format", "mermaid", "--diagram", "state"])
    #expect(states.hasPrefix("stateDiagram-v2\n"))
    #expect(states.contains("as T0_0"))
    // Every brace is closed, every state of a way was named.
    #expect(states.filter { $0 == "{" }.count == states.filter { $0 == "}" }.count)
    for line in states.split(separator: "\n") where line.contains("-->") && !line.contains("[*]") {
      let ends = line.split(separator: ":")[0].components(separatedBy: "-->").map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      for end in ends { #expect(states.contains("as \(end)\n"), "\(end)") }
    }
  }

  @Test func wrongStepsAreRefused() throws {
    let far = try CommandLine.run("export", "attach-pin-replace", "--format", "html", "--from", "99999")
    #expect(far.status == 66)
    #expect(far.errors.contains("there is no step 99999"))
    let backwards = try CommandLine.run(
      "export", "attach-pin-replace", "--format", "cast", "--from", "9", "--at", "3")
    #expect(backwards.status == 64)
  }
}
