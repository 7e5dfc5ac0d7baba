internal import Glibc
internal import Interface
internal import Surface
internal import Terminal

/// Shows the name of each keystroke until `q` is pressed, and does to itself what a test wants to see survived.
@main
@MainActor
struct TerminalProbe {
  let terminal: TerminalDriver
  var keys: [String] = []
  var remark = "ready"
  var theme = Theme.plain

  static func main() {
    let arguments = CommandLine.arguments
    do {
      let options = TerminalOptions(
        mouse: !arguments.contains("--no-mouse"), color: !arguments.contains("--no-color"),
        ascii: arguments.contains("--ascii"))
      var probe = TerminalProbe(terminal: try TerminalDriver(options: options))
      if arguments.contains("--colors") {
        probe.theme = try Theme.load("two") { _ in
          ThemeFile(path: "two.toml", text: "[styles]\nok = { fg = '#123456', bg = '#abcdef' }\n")
        }
      }
      probe.run()
    } catch {
      say("probe: \(error)\n")
      exit(2)
    }
  }

  mutating func run() {
    while true {
      terminal.present(draw(), theme: theme)
      guard let key = terminal.nextKeystroke(timeoutMilliseconds: nil) else { continue }
      keys.append(key.name)
      switch key {
      case .character("q"), .control("c"):
        terminal.close()
        print("bye")
        return
      case .character("x"): fatalError("the probe was told to crash")
      case .character("o"): _ = overflow(.max)
      case .character("e"):
        Self.say("a word on standard error\n")
        remark = "said"
      case .character("v"):
        let status = terminal.leave { system("echo inside; read line; echo \"heard $line\"") }
        remark = "left and came back with \(status)"
      case .character("h"):
        remark = "hanging"
        terminal.present(draw(), theme: theme)
        while true { sleep(60) }
      case .control("z"):
        terminal.suspend()
        remark = "resumed"
      default: break
      }
    }
  }

  /// Writes to standard error.
  static func say(_ text: String) {
    _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
  }

  func draw() -> Surface {
    var surface = Surface(size: terminal.size, glyphs: terminal.glyphs)
    surface.box(surface.bounds, title: "probe")
    surface.write("size \(terminal.size.width)x\(terminal.size.height).", x: 2, y: 1, role: .text)
    surface.write("colours \(terminal.capability.rawValue).", x: 2, y: 2, role: .ok)
    surface.write("\(remark).", x: 2, y: 3, role: .note)
    // One row for each keystroke, so that a name reaches the terminal in one piece.
    for (row, name) in keys.suffix(max(0, surface.height - 6)).enumerated() {
      surface.write(
        "key \(keys.count - min(keys.count, surface.height - 6) + row) \(name).", x: 2, y: 4 + row, role: .key
      )
    }
    surface.write("日本 é", x: 20, y: 1, role: .text)
    return surface
  }

  /// Recurses until the stack is gone.
  @inline(never)
  func overflow(_ depth: Int) -> Int {
    depth == 0 ? 0 : depth / 2 + overflow(depth - 1) % 7
  }
}
