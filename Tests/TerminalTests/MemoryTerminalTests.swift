import CustomDump
import Interface
import Surface
import Terminal
import Testing

@MainActor
struct MemoryTerminalTests {
  @Test func deliversKeystrokesAndKeepsSurfaces() {
    let terminal = MemoryTerminal(size: Size(width: 20, height: 5), keystrokes: [.up, .character("a")])
    var surface = Surface(size: terminal.size)
    surface.write("first", x: 0, y: 0, role: .text)
    terminal.present(surface, theme: .plain)
    #expect(terminal.nextKeystroke(timeoutMilliseconds: nil) == .up)
    terminal.feed([.resize(Size(width: 10, height: 2)), .enter])
    #expect(terminal.nextKeystroke(timeoutMilliseconds: 0) == .character("a"))
    #expect(terminal.size == Size(width: 20, height: 5))
    #expect(terminal.nextKeystroke(timeoutMilliseconds: 0) == .resize(Size(width: 10, height: 2)))
    #expect(terminal.size == Size(width: 10, height: 2))
    #expect(terminal.nextKeystroke(timeoutMilliseconds: 0) == .enter)
    #expect(terminal.nextKeystroke(timeoutMilliseconds: nil) == nil)
    expectNoDifference(terminal.presented, [surface])
    #expect(terminal.theme == .plain)
  }

  @Test func countsDepartures() {
    let terminal = MemoryTerminal(size: Size(width: 20, height: 5))
    terminal.suspend()
    #expect(terminal.leave { 7 } == 7)
    terminal.close()
    #expect(terminal.suspensions == 1)
    #expect(terminal.departures == 1)
    #expect(terminal.isClosed)
  }
}
