import CustomDump
import Glibc
import Surface
import Testing

/// The real driver in a real (pseudo-)terminal, seen from the user's side.
@Suite(.serialized)
struct TerminalDriverTests {
  static var probe: String {
    get throws { try PseudoTerminal.built("TerminalProbe") }
  }

  static func start(
    _ arguments: [String] = [], environment: [String: String] = [:], size: Size = Size(width: 80, height: 24)
  ) throws -> (PseudoTerminal, modesBefore: [String]) {
    let terminal = try PseudoTerminal(size: size)
    let before = try terminal.modes()
    try terminal.spawn(try probe, arguments, environment: environment)
    return (terminal, before)
  }

  /// The user's screen is back, with a cursor, without the mouse, in the old modes.
  func expectRestored(
    _ terminal: PseudoTerminal, _ before: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    #expect(!terminal.screen.isAlternate, sourceLocation: sourceLocation)
    #expect(terminal.screen.isCursorVisible, sourceLocation: sourceLocation)
    #expect(!terminal.screen.hasMouse, sourceLocation: sourceLocation)
    expectNoDifference(before, try terminal.modes())
  }

  @Test func drawsOnTheAlternateScreenAndGivesItBack() throws {
    let (terminal, before) = try Self.start(size: Size(width: 40, height: 10))
    try terminal.waitFor("ready.")
    #expect(terminal.screen.isAlternate)
    try terminal.until("the mouse") { terminal.screen.hasMouse }
    #expect(!terminal.screen.isCursorVisible)
    #expect(try !terminal.isLineByLine())
    try terminal.expect(
      [
        "┌─ probe ──────────────────────────────┐",
        "│ size 40x10.       日本 é             │",
        "│ colours 256.                         │",
        "│ ready.                               │",
        "│                                      │",
        "│                                      │",
        "│                                      │",
        "│                                      │",
        "│                                      │",
        "└──────────────────────────────────────┘",
      ])
    try terminal.send("q")
    #expect(try terminal.waitForEnd() == .exited(0))
    try expectRestored(terminal, before)
    #expect(terminal.screen.text.contains("bye"))
    #expect(terminal.screen.entries == 1)
  }

  @Test func followsTheSizeOfTheWindow() throws {
    let (terminal, before) = try Self.start()
    try terminal.waitFor("size 80x24.")
    for (width, height) in [(100, 30), (33, 11), (200, 60)] {
      try terminal.resize(Size(width: width, height: height))
      try terminal.waitFor("size \(width)x\(height).")
      try terminal.waitFor("resize@\(width)x\(height).")
      // The frame reaches the new corners.
      try terminal.until("the frame") {
        let lines = terminal.screen.lines
        return lines.count == height && lines[0].count == width && lines[height - 1].count == width
          && lines[0].hasSuffix("┐") && lines[height - 1].hasPrefix("└") && lines[height - 1].hasSuffix("┘")
      }
    }
    try terminal.send("q")
    #expect(try terminal.waitForEnd() == .exited(0))
    try expectRestored(terminal, before)
  }

  @Test(arguments: [
    ("a", "a"), ("A", "A"), (" ", "space"), ("\r", "enter"), ("\n", "enter"), ("\t", "tab"),
    ("\u{7F}", "backspace"),
    ("é", "é"), ("日", "日"), ("\u{10}", "ctrl-p"), ("\u{1B}", "esc"), ("\u{1B}d", "alt-d"),
    ("\u{1B}[Z", "shift-tab"),
    ("\u{1B}OA", "up"), ("\u{1B}OB", "down"), ("\u{1B}OC", "right"), ("\u{1B}OD", "left"),
    ("\u{1B}OH", "home"),
    ("\u{1B}OF", "end"), ("\u{1B}[5~", "page-up"), ("\u{1B}[6~", "page-down"), ("\u{1B}[3~", "delete"),
    ("\u{1B}[2~", "insert"), ("\u{1B}OP", "f1"), ("\u{1B}[24~", "f12"), ("\u{1B}[1;2A", "shift-up"),
    ("\u{1B}[1;2D", "shift-left"), ("\u{1B}[<0;5;3M", "left-press@4,2"),
    ("\u{1B}[<2;1;1m", "right-release@0,0"), ("\u{1B}[", "alt-["), ("\u{1B}[<99;1;1Ma", "a"),
    ("\u{1B}[?62;22cb", "b"),
    ("\u{1B}[<64;80;24M", "wheel-up@79,23"), ("\u{1B}[<65;2;2M", "wheel-down@1,1"),
    ("\u{1B}[<16;5;3M", "ctrl-left-press@4,2"),
  ])
  func readsKeys(bytes: String, name: String) throws {
    let (terminal, before) = try Self.start()
    try terminal.waitFor("ready.")
    try terminal.send(bytes)
    try terminal.waitFor("key 0 \(name).")
    try terminal.send("q")
    #expect(try terminal.waitForEnd() == .exited(0))
    try expectRestored(terminal, before)
  }

  /// A click and a turn of the wheel come in one read, however fast the program is.
  @Test func losesNoMouseEventOfManyAtOnce() throws {
    let (terminal, _) = try Self.start(size: Size(width: 80, height: 60))
    try terminal.waitFor("ready.")
    let events = [
      ("<2;1;1M", "right-press@0,0"), ("<2;7;4m", "right-release@6,3"), ("<0;9;9M", "left-press@8,8"),
      ("<0;9;9m", "left-release@8,8"), ("<0;9;9M", "left-press@8,8"), ("<0;9;9m", "left-release@8,8"),
      ("<64;5;5M", "wheel-up@4,4"), ("<64;5;5M", "wheel-up@4,4"), ("<65;5;5M", "wheel-down@4,4"),
      ("<0;3;3M", "left-press@2,2"), ("<32;4;3M", "left-drag@3,2"), ("<0;4;3m", "left-release@3,2"),
    ]
    try terminal.send(events.map { "\u{1B}[" + $0.0 }.joined() + "z")
    for (index, event) in events.enumerated() { try terminal.waitFor("key \(index) \(event.1).") }
    try terminal.waitFor("key \(events.count) z.")
    try terminal.send("q")
    #expect(try terminal.waitForEnd() == .exited(0))
  }

  @Test func losesNoKeyOfManyAtOnce() throws {
    let (terminal, _) = try Self.start(size: Size(width: 80, height: 100))
    try terminal.waitFor("ready.")
    try terminal.send("abcd\u{1B}OAfg\u{1B}OB1234567890")
    for (index, name) in ["a", "b", "c", "d", "up", "f", "g", "down", "1", "2", "3", "4", "5", "6", "7"]
      .enumerated()
    {
      try terminal.waitFor("key \(index) \(name).")
    }
    try terminal.send("q")
    #expect(try terminal.waitForEnd() == .exited(0))
  }

  /// Pasted text comes as one thing, whatever is in it, and is asked to be marked as such until the end.
  @Test func pastedTextIsOneKeystroke() throws {
    let (terminal, before) = try Self.start(size: Size(width: 80, height: 60))
    try terminal.waitFor("ready.")
    #expect(String(decoding: terminal.output, as: UTF8.self).contains("\u{1B}[?2004h"))
    try terminal.send("a\u{1B}[200~queue\u{1B}[20 \u{1B}OA\u{1B}[201~b")
    try terminal.waitFor("key 0 a.")
    try terminal.waitFor("key 1 paste@queue%1b%5b20%20")
    try terminal.waitFor("key 2 b.")
    try terminal.send("q")
    #expect(try terminal.waitForEnd() == .exited(0))
    #expect(String(decoding: terminal.output, as: UTF8.self).contains("\u{1B}[?2004l"))
    try expectRestored(terminal, before)
  }

  @Test func interruptIsAKeystroke() throws {
    let (terminal, before) = try Self.start()
    try terminal.waitFor("ready.")
    try terminal.send("\u{3}")
    #expect(try terminal.waitForEnd() == .exited(0))
    try expectRestored(terminal, before)
    #expect(terminal.screen.text.contains("bye"))
  }

  @Test func secondInterruptEndsAProgramThatHangs() throws {
    let (terminal, before) = try Self.start()
    try terminal.waitFor("ready.")
    try terminal.send("h")
    try terminal.waitFor("hanging.")
    // The kernel merges signals that arrive together, so go on until one gets through.
    try terminal.until("the program to die") {
      kill(terminal.process, SIGINT)
      terminal.pump()
      return !terminal.screen.isAlternate
    }
    #expect(try terminal.waitForEnd() == .killed(SIGINT))
    try expectRestored(terminal, before)
  }

  @Test func crashShowsItsMessageOnTheUsersScreen() throws {
    let (terminal, before) = try Self.start()
    try terminal.waitFor("ready.")
    try terminal.send("x")
    let end = try terminal.waitForEnd()
    #expect(end == .killed(SIGILL) || end == .killed(SIGTRAP))
    try expectRestored(terminal, before)
    // The message comes after the switch back, so that it stays in the user's scrollback.
    let after = String(decoding: terminal.output, as: UTF8.self).split(separator: "\u{1B}[?1049l")
    #expect(after.count == 2)
    #expect(after.last?.contains("Fatal error: the probe was told to crash") == true)
  }

  @Test func stackOverflowRestoresToo() throws {
    let (terminal, before) = try Self.start()
    try terminal.waitFor("ready.")
    try terminal.send("o")
    let end = try terminal.waitForEnd()
    #expect(end == .killed(SIGSEGV) || end == .killed(SIGBUS))
    try expectRestored(terminal, before)
  }

  @Test(arguments: [SIGTERM, SIGHUP, SIGQUIT, SIGABRT, SIGFPE])
  func signalsThatEndRestore(number: Int32) throws {
    let (terminal, before) = try Self.start()
    try terminal.waitFor("ready.")
    terminal.signal(number)
    #expect(try terminal.waitForEnd() == .killed(number))
    try expectRestored(terminal, before)
  }

  @Test func endsWithItsWindow() throws {
    let (terminal, _) = try Self.start()
    try terminal.waitFor("ready.")
    terminal.hangUp()
    #expect(try terminal.waitForEnd() == .killed(SIGHUP))
  }

  @Test func standardErrorWaitsForTheEnd() throws {
    let (terminal, before) = try Self.start()
    try terminal.waitFor("ready.")
    try terminal.send("e")
    try terminal.waitFor("said.")
    #expect(!terminal.screen.text.contains("a word on standard error"))
    try terminal.send("q")
    #expect(try terminal.waitForEnd() == .exited(0))
    try expectRestored(terminal, before)
    #expect(terminal.screen.text.contains("a word on standard error"))
  }

  @Test func leavesForAnotherProgramAndComesBack() throws {
    let (terminal, before) = try Self.start()
    try terminal.waitFor("ready.")
    try terminal.send("v")
    try terminal.waitFor("inside")
    #expect(!terminal.screen.hasMouse)
    #expect(!terminal.screen.isAlternate)
    #expect(try terminal.isLineByLine())
    try terminal.send("a line\r")
    try terminal.waitFor("left and came back with 0.")
    #expect(terminal.screen.hasMouse)
    #expect(terminal.screen.isAlternate)
    #expect(try !terminal.isLineByLine())
    #expect(String(decoding: terminal.output, as: UTF8.self).contains("heard a line"))
    try terminal.send("q")
    #expect(try terminal.waitForEnd() == .exited(0))
    try expectRestored(terminal, before)
  }

  @Test func interruptOfAnotherProgramIsNotOurs() throws {
    let (terminal, before) = try Self.start()
    try terminal.waitFor("ready.")
    try terminal.send("v")
    try terminal.waitFor("inside")
    try terminal.send("\u{3}")
    try terminal.waitFor("left and came back with")
    try terminal.send("a")
    try terminal.waitFor("key 1 a.")
    try terminal.send("q")
    #expect(try terminal.waitForEnd() == .exited(0))
    try expectRestored(terminal, before)
  }

  @Test func stopsAndGoesOnUnderAShell() throws {
    let terminal = try PseudoTerminal()
    let before = try terminal.modes()
    try terminal.spawn(
      "/bin/sh", ["-mc", "\"$0\"; echo \"stopped $?\"; read line; fg; echo \"ended $?\"", try Self.probe])
    try terminal.waitFor("ready.")
    try terminal.send("\u{1A}")
    try terminal.waitFor("stopped")
    #expect(!terminal.screen.isAlternate)
    #expect(terminal.screen.isCursorVisible)
    #expect(try terminal.isLineByLine())
    // The window changes meanwhile.
    try terminal.resize(Size(width: 70, height: 20))
    try terminal.send("go on\r")
    try terminal.waitFor("resumed.")
    try terminal.waitFor("size 70x20.")
    #expect(terminal.screen.isAlternate)
    #expect(try !terminal.isLineByLine())
    try terminal.send("q")
    try terminal.waitFor("ended 0")
    #expect(try terminal.waitForEnd() == .exited(0))
    try expectRestored(terminal, before)
  }

  @Test func showsEverythingAnewAfterSIGCONT() throws {
    let (terminal, before) = try Self.start()
    try terminal.waitFor("ready.")
    terminal.signal(SIGSTOP)
    terminal.signal(SIGCONT)
    // It leaves the screen and enters it again.
    try terminal.until("the screen to be entered again") { terminal.screen.entries == 2 }
    try terminal.waitFor("ready.")
    try terminal.send("q")
    #expect(try terminal.waitForEnd() == .exited(0))
    try expectRestored(terminal, before)
  }

  @Test func unknownTerminalTypeSaysWhatToDo() throws {
    let (terminal, before) = try Self.start(environment: ["TERM": "no-such-terminal"])
    #expect(try terminal.waitForEnd() == .exited(2))
    try expectRestored(terminal, before)
    expectNoDifference(
      String(decoding: terminal.output, as: UTF8.self),
      "probe: this system does not know the terminal type TERM=no-such-terminal; try TERM=xterm-256color\r\n")
  }

  @Test func missingTerminalTypeSaysWhatToDo() throws {
    let (terminal, _) = try Self.start(environment: ["TERM": ""])
    #expect(try terminal.waitForEnd() == .exited(2))
    expectNoDifference(
      String(decoding: terminal.output, as: UTF8.self), "probe: TERM is not set; try TERM=xterm-256color\r\n")
  }

  @Test func pipeIsNotATerminal() throws {
    let terminal = try PseudoTerminal()
    try terminal.spawn("/bin/sh", ["-c", "\"$0\" </dev/null; echo \"ended $?\"", try Self.probe])
    try terminal.waitFor("ended 2")
    #expect(terminal.screen.text.contains("standard input is not a terminal"))
    #expect(try terminal.waitForEnd() == .exited(0))
    #expect(terminal.screen.entries == 0)
  }

  @Test func asciiWhereTheLocaleIsNotUTF8() throws {
    for (arguments, locale) in [(["--ascii"], "C.UTF-8"), ([], "C")] {
      let (terminal, before) = try Self.start(
        arguments, environment: ["LC_ALL": locale], size: Size(width: 30, height: 6))
      try terminal.waitFor("ready.")
      #expect(terminal.output.allSatisfy { $0 < 0x80 })
      try terminal.expect(
        [
          "+- probe --------------------+",
          "| size 30x6.        ???? ?   |",
          "| colours 256.               |",
          "| ready.                     |",
          "|                            |",
          "+----------------------------+",
        ])
      try terminal.send("q")
      #expect(try terminal.waitForEnd() == .exited(0))
      try expectRestored(terminal, before)
    }
  }

  @Test(arguments: [
    ("xterm-256color", "256"), ("xterm", "16"), ("linux", "16"), ("vt100", "none"), ("tmux-256color", "256"),
  ])
  func knowsTheColoursOfTheTerminal(type: String, colours: String) throws {
    let (terminal, before) = try Self.start(environment: ["TERM": type])
    try terminal.waitFor("colours \(colours).")
    try terminal.send("q")
    #expect(try terminal.waitForEnd() == .exited(0))
    expectNoDifference(before, try terminal.modes())
  }

  /// Debian's base has no terminal type with direct colours, so the test compiles one.
  @Test(.enabled(if: access("/usr/bin/tic", X_OK) == 0))
  func sendsTrueColourWhereTerminfoSaysRGB() throws {
    var template = Array("/tmp/ioascope-terminfo-XXXXXX".utf8CString)
    let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
    let color = { (plane: Int) in
      "\\E[%?%p1%{8}%<%t\(plane)%p1%d%e\(plane)8;2;%p1%{65536}%/%d;%p1%{256}%/%{255}%&%d;%p1%{255}%&%d%;m"
    }
    let source =
      "ioascope-direct,RGB,colors#0x1000000,pairs#0x10000,initc@,op=\\E[39;49m,setaf=\(color(3)),setab=\(color(4)),"
      + "use=xterm-256color,\n"
    let compiler = try PseudoTerminal()
    try compiler.spawn(
      "/bin/sh", ["-c", "printf %s \"$1\" >\"$0/source\"; tic -x -o \"$0\" \"$0/source\"", folder, source])
    #expect(try compiler.waitForEnd() == .exited(0))

    let (terminal, before) = try Self.start(
      ["--colors"], environment: ["TERM": "ioascope-direct", "TERMINFO": folder])
    try terminal.waitFor("colours truecolor.")
    try terminal.until("the colours") {
      let text = String(decoding: terminal.output, as: UTF8.self)
      return text.contains("38;2;18;52;86m") && text.contains("48;2;171;205;239m")
    }
    try terminal.send("q")
    #expect(try terminal.waitForEnd() == .exited(0))
    try expectRestored(terminal, before)
    try compiler.spawn("/bin/rm", ["-r", folder])
    #expect(try compiler.waitForEnd() == .exited(0))
  }

  @Test func noColourAndNoMouse() throws {
    let (terminal, before) = try Self.start(["--no-color", "--no-mouse"])
    try terminal.waitFor("colours none.")
    #expect(!terminal.screen.hasMouse)
    try terminal.send("q")
    #expect(try terminal.waitForEnd() == .exited(0))
    try expectRestored(terminal, before)
  }

  @Test func usesNoProcessorWhileItWaits() throws {
    let (terminal, _) = try Self.start()
    try terminal.waitFor("ready.")
    // Switches that the process made of its own accord count its wake-ups.
    func wakeUps() throws -> String {
      let file = open("/proc/\(terminal.process)/status", O_RDONLY)
      defer { close(file) }
      var buffer = [UInt8](repeating: 0, count: 8192)
      let count = max(0, read(file, &buffer, buffer.count))
      let text = String(decoding: buffer[..<count], as: UTF8.self)
      return text.split(separator: "\n").first { $0.hasPrefix("voluntary_ctxt_switches") }.map(String.init)
        ?? ""
    }
    // It may still be on its way to sleep when the last of the screen has arrived.
    var before = try wakeUps()
    try terminal.until("the program to rest") {
      for _ in 0..<20 { terminal.pump(milliseconds: 10) }
      let now = try wakeUps()
      defer { before = now }
      return now == before
    }
    for _ in 0..<50 { terminal.pump(milliseconds: 10) }
    #expect(try wakeUps() == before)
    #expect(!before.isEmpty)
    try terminal.send("q")
    #expect(try terminal.waitForEnd() == .exited(0))
  }
}
