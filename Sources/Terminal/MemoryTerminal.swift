public import Interface
public import Surface

/// A terminal in memory: it is fed keystrokes and keeps the surfaces that it was shown.
@MainActor
public final class MemoryTerminal: TerminalPort {
  /// Columns and rows now; follows the window with each keystroke that is read.
  public private(set) var size: Size
  /// The colours that it shows.
  public let capability: ColorCapability
  /// The marks and lines that it can show.
  public let glyphs: GlyphSet
  /// What was shown, the oldest first, each as it was given.
  public private(set) var presented: [Surface] = []
  /// The theme of the last surface.
  public private(set) var theme: Theme?
  /// How often `suspend` was called.
  public private(set) var suspensions = 0
  /// Whether mouse reports are wanted.
  public private(set) var usesMouse = true
  /// How often `leave` was called.
  public private(set) var departures = 0
  /// Whether `close` was called.
  public private(set) var isClosed = false
  private var waiting: [Keystroke]
  private var next = 0

  /// A terminal of a size that will deliver `keystrokes`.
  public init(
    size: Size, keystrokes: [Keystroke] = [], capability: ColorCapability = .trueColor,
    glyphs: GlyphSet = .unicode
  ) {
    self.size = size
    self.capability = capability
    self.glyphs = glyphs
    waiting = keystrokes
  }

  /// Adds keystrokes behind those that still wait. A `resize` takes effect when it is delivered.
  public func feed(_ keystrokes: [Keystroke]) {
    waiting += keystrokes
  }

  /// Keeps the surface.
  public func present(_ surface: Surface, theme: Theme) {
    presented.append(surface)
    self.theme = theme
  }

  /// The next keystroke that was fed; `nil` at once when there is none, since nobody else could bring one.
  public func nextKeystroke(timeoutMilliseconds: Int?) -> Keystroke? {
    guard next < waiting.count else { return nil }
    defer { next += 1 }
    if case .resize(let size) = waiting[next] { self.size = size }
    return waiting[next]
  }

  /// Notes whether mouse reports are wanted.
  public func useMouse(_ isWanted: Bool) { usesMouse = isWanted }

  /// Counts, and goes on.
  public func suspend() { suspensions += 1 }

  /// Counts, and runs `body`.
  public func leave<Result>(_ body: () throws -> Result) rethrows -> Result {
    departures += 1
    return try body()
  }

  /// Notes that it happened.
  public func close() { isClosed = true }
}
