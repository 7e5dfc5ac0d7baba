internal import CNcurses
internal import CrashGuard
internal import Glibc
public import Interface
public import Surface

/// The real terminal, by way of ncurses.
///
/// However the process ends, the terminal is as it was before: `close` and `deinit` see to it for an orderly end,
/// `CrashGuard` for a crash and for SIGTERM, SIGHUP and SIGQUIT. ^C and ^Z arrive as the keystrokes ctrl-c and ctrl-z;
/// if the program does not collect a ^C, the next one ends it.
@MainActor
public final class TerminalDriver: TerminalPort {
  /// Columns and rows now; follows the window with each keystroke that is read.
  public private(set) var size: Size
  /// The colours that it shows.
  public let capability: ColorCapability
  /// The marks and lines that it can show.
  public let glyphs: GlyphSet

  /// A screen and a signal handler belong to the process.
  private static var isOpen = false

  private let onlyASCII: Bool
  private var mouse: Bool
  /// Whether the terminal marks what is pasted. Those that report the mouse as xterm does know these marks, too, or ignore them.
  private var marksPaste = false
  /// Colours that the terminal has, when it has any; under sixteen, the bright ones are bold.
  private let colors: Int
  private var shown: Surface?
  private var shownTheme: Theme?
  private var pending: [Keystroke] = []
  private var isClosed = false

  /// Takes the terminal: alternate screen, no echo, keys at once, and the mouse if it is wanted.
  ///
  /// - Throws: `TerminalError`. The terminal is then as it was.
  public init(options: TerminalOptions = TerminalOptions()) throws {
    guard !Self.isOpen else { throw TerminalError.alreadyOpen }
    for (descriptor, name) in [(STDIN_FILENO, "standard input"), (STDOUT_FILENO, "standard output")]
    where isatty(descriptor) == 0 {
      throw TerminalError.notATerminal(stream: name)
    }
    let error = crash_guard_open(STDIN_FILENO)
    guard error == 0 else { throw TerminalError.system(call: "tcgetattr", code: error) }
    ioa_take_locale()
    set_escdelay(25)
    // ncurses leaves a signal alone that has a handler before `newterm`, and its own are not safe with threads.
    crash_guard_arm()
    guard ioa_newterm() != nil else {
      crash_guard_disarm()
      guard let type = getenv("TERM").map({ String(cString: $0) }), !type.isEmpty else {
        throw TerminalError.noTerminalType
      }
      throw TerminalError.unknownTerminalType(type)
    }
    // cbreak, not raw: the signals of ^C and ^Z are how a program that hangs can be left.
    cbreak()
    noecho()
    nonl()
    _ = curs_set(0)
    keypad(ioa_stdscr(), true)
    nodelay(ioa_stdscr(), true)
    mouse = options.mouse && ioa_has_mouse()
    marksPaste = ioa_has_mouse()
    var undo = [CChar](repeating: 0, count: 512)
    let undoLength = ioa_undo_bytes(&undo, undo.count, mouse, marksPaste)
    crash_guard_set_undo(undo, undoLength)

    var capability = ColorCapability.none
    if options.color, has_colors() {
      start_color()
      use_default_colors()
      switch ioa_colors() {
      case ..<8: capability = .none
      case 8..<256: capability = .sixteen
      default: capability = ioa_has_direct_color() ? .trueColor : .palette256
      }
    }
    self.capability = capability
    colors = Int(ioa_colors())
    ioa_keep_mouse_reports()
    if mouse { ioa_mouse(true) }
    if marksPaste { ioa_paste(true) }
    onlyASCII = options.ascii || !ioa_locale_is_utf8()
    glyphs = onlyASCII ? .ascii : .unicode
    size = Self.currentSize()
    Self.isOpen = true
  }

  isolated deinit { close() }

  /// Gives the terminal back for good. Calling it again changes nothing.
  public func close() {
    guard !isClosed else { return }
    isClosed = true
    giveBack()
    crash_guard_disarm()
    Self.isOpen = false
  }

  // MARK: - Showing

  /// Sends what differs from the surface before. What does not fit in the window is cut off; where the surface ends early,
  /// blanks follow.
  public func present(_ surface: Surface, theme: Theme) {
    guard !isClosed else { return }
    var frame = surface
    if surface.size != size {
      frame = Surface(size: size, glyphs: surface.glyphs)
      frame.draw(surface, x: 0, y: 0)
    }
    if onlyASCII { frame = frame.asciiOnly() }
    var looks: [CellStyle: Look] = [:]
    for run in diff(from: theme == shownTheme ? shown : nil, to: frame) {
      for (offset, cell) in run.cells.enumerated() where cell.width > 0 {
        let look: Look
        if let known = looks[cell.style] {
          look = known
        } else {
          look = makeLook(theme.style(for: cell.style, capability: capability))
          looks[cell.style] = look
        }
        put(cell, look, x: run.x + offset, y: run.y)
      }
    }
    shown = frame
    shownTheme = theme
    showCursor()
    wnoutrefresh(ioa_stdscr())
    doupdate()
  }

  /// What ncurses wants to know of a style.
  private struct Look {
    var emphasis: UInt32
    var pair: Int32
  }

  private func makeLook(_ style: QuantisedStyle) -> Look {
    var emphasis = style.emphasis
    var pair: Int32 = 0
    if capability != .none {
      var foreground = style.foreground ?? -1
      var background = style.background ?? -1
      if capability == .sixteen, colors < 16 {
        if foreground >= 8 {
          emphasis.insert(.bold)
          foreground -= 8
        }
        if background >= 8 { background -= 8 }
      }
      if capability == .trueColor {
        // A terminal with direct colours still takes 0 to 7 for the named ones.
        if (0..<8).contains(foreground) { foreground = 8 }
        if (0..<8).contains(background) { background = 8 }
      }
      if foreground != -1 || background != -1 {
        pair = max(0, alloc_pair(Int32(foreground), Int32(background)))
      }
    }
    return Look(emphasis: UInt32(emphasis.rawValue), pair: pair)
  }

  private func put(_ cell: Cell, _ look: Look, x: Int, y: Int) {
    var text = cell.glyph.unicodeScalars.map { wchar_t(bitPattern: $0.value) }
    // Where the C library knows less of Unicode than we do, it would draw nothing.
    if let first = text.first, first >= 0x80, ioa_columns(first) <= 0 { text = [0x3F] }
    text.append(0)
    if cell.width == 2 {
      // Clears the right half, in case the C library thinks the character narrow.
      ioa_put(Int32(y), Int32(x + 1), [0x20, 0], look.emphasis, look.pair)
    }
    ioa_put(Int32(y), Int32(x), text, look.emphasis, look.pair)
  }

  private func showCursor() {
    guard let cursor = shown?.cursor, cursor.x >= 0, cursor.x < size.width, cursor.y >= 0,
      cursor.y < size.height
    else {
      _ = curs_set(0)
      return
    }
    wmove(ioa_stdscr(), Int32(cursor.y), Int32(cursor.x))
    _ = curs_set(1)
  }

  // MARK: - Reading

  /// Waits for the next keystroke without using the processor.
  ///
  /// - Parameter timeoutMilliseconds: How long to wait; `nil` waits for ever, 0 does not wait.
  /// - Returns: The keystroke, or `nil` when the time is over. When the window has gone away, this ends the process
  ///   as a hang-up does.
  public func nextKeystroke(timeoutMilliseconds: Int?) -> Keystroke? {
    guard !isClosed else { return nil }
    let deadline = timeoutMilliseconds.map { ContinuousClock.now + .milliseconds($0) }
    while true {
      if !pending.isEmpty { return pending.removeFirst() }
      collectSignals()
      if pending.isEmpty { collectKeys() }
      guard pending.isEmpty else { continue }
      var wait: Int32 = -1
      if let deadline {
        let left = deadline - ContinuousClock.now
        guard left > .zero else { return nil }
        let (seconds, attoseconds) = left.components
        // Rounded up, or the last millisecond would be spent in a busy loop.
        wait = Int32(clamping: min(seconds, 1_000_000) * 1000 + attoseconds / 1_000_000_000_000_000 + 1)
      }
      var descriptors = [
        pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
        pollfd(fd: crash_guard_wake_descriptor(), events: Int16(POLLIN), revents: 0),
      ]
      let count = poll(&descriptors, nfds_t(descriptors.count), wait)
      let gone = Int16(POLLHUP | POLLERR | POLLNVAL)
      var unread: Int32 = 0
      if count > 0, descriptors[0].revents & gone != 0,
        ioctl(STDIN_FILENO, UInt(FIONREAD), &unread) != 0 || unread == 0
      {
        // The window was closed. There is nobody to ask.
        crash_guard_hang_up()
      }
    }
  }

  private func collectSignals() {
    while true {
      switch crash_guard_take_signal() {
      case 0: return
      case SIGINT: pending.append(.control("c"))
      case SIGTSTP: pending.append(.control("z"))
      case SIGCONT: takeAgain()
      default: noticeSize()
      }
    }
  }

  private func collectKeys() {
    // Reading refreshes the window by itself; it has nothing new, so that costs nothing.
    var value: UInt32 = 0
    switch ioa_read(&value) {
    case IOA_READ_CHARACTER:
      guard let scalar = Unicode.Scalar(value) else { return collectKeys() }
      if value == 0x1B { return collectAfterEscape() }
      if let key = KeyDecoder.character(scalar) { pending.append(key) } else { collectKeys() }
    case IOA_READ_KEY:
      collect(code: value)
    default:
      return
    }
  }

  /// An escape that was followed by something within the escape delay is alt, or begins a sequence that terminfo
  /// does not list: a mouse report, or one that nobody asked for.
  private func collectAfterEscape() {
    var value: UInt32 = 0
    switch ioa_read(&value) {
    case IOA_READ_CHARACTER:
      guard let scalar = Unicode.Scalar(value) else { return }
      if scalar == "[" { return collectSequence() }
      if let key = KeyDecoder.alt(scalar) {
        pending.append(key)
      } else {
        pending.append(.escape)
        if let key = KeyDecoder.character(scalar) { pending.append(key) }
      }
    case IOA_READ_KEY:
      pending.append(.escape)
      collect(code: value)
    default:
      pending.append(.escape)
    }
  }

  /// Reads a control sequence (ECMA-48) to its final character.
  private func collectSequence() {
    var text = ""
    // None that is meant for us is longer.
    while text.count < 32 {
      var value: UInt32 = 0
      var result = ioa_read(&value)
      if result == IOA_READ_NOTHING, !text.isEmpty {
        // The rest is on its way: nobody types one by hand.
        var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        if poll(&descriptor, 1, 25) > 0 { result = ioa_read(&value) }
      }
      guard result == IOA_READ_CHARACTER, let scalar = Unicode.Scalar(value), (0x20...0x7E).contains(value)
      else {
        if text.isEmpty { pending.append(.alt("[")) }
        if result == IOA_READ_KEY { collect(code: value) }
        return
      }
      if value >= 0x40 {
        if text == "200", scalar == "~" {
          pending.append(.paste(collectPaste()))
          break
        }
        if text.first == "<",
          let event = KeyDecoder.mouse(parameters: String(text.dropFirst()), final: Character(scalar))
        {
          pending.append(.mouse(event))
        }
        break
      }
      text.unicodeScalars.append(scalar)
    }
    if pending.isEmpty { collectKeys() }
  }

  /// The most characters of one paste that are taken; the rest is read and dropped.
  private static let pasteLimit = 65_536

  /// Reads what is pasted up to the mark behind it, or to a pause of a second in which it did not come.
  private func collectPaste() -> String {
    let end: [UInt32] = [0x1B] + "[201~".unicodeScalars.map(\.value)
    var text = String.UnicodeScalarView()
    var tail: [UInt32] = []
    while true {
      var value: UInt32 = 0
      var result = ioa_read(&value)
      if result == IOA_READ_NOTHING {
        var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard poll(&descriptor, 1, 1000) > 0 else { break }
        result = ioa_read(&value)
      }
      // A key of terminfo in pasted text is none.
      guard result == IOA_READ_CHARACTER else {
        if result == IOA_READ_NOTHING { break }
        continue
      }
      tail.append(value)
      if tail == end { return String(text) }
      // What only began like the mark is text.
      while !tail.isEmpty, !end.starts(with: tail) {
        let first = tail.removeFirst()
        if text.count < Self.pasteLimit, let scalar = Unicode.Scalar(first) { text.append(scalar) }
      }
    }
    return String(text)
  }

  private func collect(code: UInt32) {
    if Int32(bitPattern: code) == KEY_RESIZE {
      noticeSize()
      if pending.isEmpty { collectKeys() }
    } else if let key = KeyDecoder.key(code) {
      pending.append(key)
    } else {
      collectKeys()
    }
  }

  // MARK: - Size

  /// What the kernel says of the window; what terminfo says, where the kernel does not know.
  private static func currentSize() -> Size {
    var window = winsize()
    if ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0, window.ws_row > 0 {
      let size = Size(width: Int(window.ws_col), height: Int(window.ws_row))
      if is_term_resized(Int32(size.height), Int32(size.width)) {
        resizeterm(Int32(size.height), Int32(size.width))
      }
    }
    return Size(width: Int(getmaxx(ioa_stdscr())), height: Int(getmaxy(ioa_stdscr())))
  }

  private func noticeSize() {
    let now = Self.currentSize()
    guard now != size else { return }
    size = now
    shown = nil
    // Several changes at once are one.
    pending.removeAll { if case .resize = $0 { true } else { false } }
    pending.append(.resize(now))
  }

  /// Takes mouse reports from the terminal, or leaves the mouse to it.
  public func useMouse(_ isWanted: Bool) {
    let wanted = isWanted && ioa_has_mouse()
    guard !isClosed, wanted != mouse else { return }
    mouse = wanted
    ioa_mouse(wanted)
    armUndo()
  }

  /// What puts the terminal back has to know whether there are mouse reports to end.
  private func armUndo() {
    var undo = [CChar](repeating: 0, count: 512)
    let length = ioa_undo_bytes(&undo, undo.count, mouse, marksPaste)
    crash_guard_set_undo(undo, length)
  }

  // MARK: - Leaving for a while

  /// Gives the terminal back and stops the process, as ^Z does; takes it again after `fg`. A process that no shell could
  /// wake is not stopped.
  public func suspend() {
    guard !isClosed else { return }
    giveBack()
    crash_guard_disarm()
    crash_guard_stop()
    crash_guard_arm()
    takeAgain()
  }

  /// Gives the terminal back while `body` runs, for instance an editor, and takes it again. A ^C meanwhile is for the other
  /// program.
  public func leave<Result>(_ body: () throws -> Result) rethrows -> Result {
    guard !isClosed else { return try body() }
    giveBack()
    crash_guard_lend()
    defer {
      crash_guard_disarm()
      crash_guard_arm()
      takeAgain()
    }
    return try body()
  }

  private func giveBack() {
    if mouse { ioa_mouse(false) }
    if marksPaste { ioa_paste(false) }
    _ = curs_set(1)
    endwin()
  }

  /// Puts the terminal into our modes again and shows everything anew.
  private func takeAgain() {
    guard !isClosed else { return }
    // After a SIGSTOP nobody has called `endwin`, and the shell may have changed the modes behind our back.
    endwin()
    reset_prog_mode()
    noticeSize()
    if mouse { ioa_mouse(true) }
    if marksPaste { ioa_paste(true) }
    clearok(ioa_stdscr(), true)
    showCursor()
    wrefresh(ioa_stdscr())
  }
}
