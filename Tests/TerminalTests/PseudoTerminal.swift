import CustomDump
import Glibc
import Surface

/// A pseudo-terminal with a program in it: the test is the user at the other end.
///
/// Every wait is for a condition, with a deadline that only a hang reaches.
final class PseudoTerminal {
  /// How a program ended.
  enum End: Hashable {
    case exited(Int32)
    case killed(Int32)
  }

  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  /// Long enough for two slow cores that others keep busy.
  static let patience = Duration.seconds(30)

  private(set) var screen: Screen
  /// All that the program wrote.
  private(set) var output: [UInt8] = []
  private(set) var process: pid_t = 0
  private var master: Int32
  /// Held open, so that the modes outlive the program and the output of its last moment is not lost.
  private var slave: Int32
  private let slavePath: String
  private var end: End?

  init(size: Size = Size(width: 80, height: 24)) throws {
    screen = Screen(size: size)
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
    guard master >= 0 else { throw Self.failure("open /dev/ptmx") }
    var unlocked: Int32 = 0
    guard ioctl(master, 0x4004_5431 /* TIOCSPTLCK */, &unlocked) == 0 else {
      throw Self.failure("TIOCSPTLCK")
    }
    var number: UInt32 = 0
    guard ioctl(master, 0x8004_5430 /* TIOCGPTN */, &number) == 0 else { throw Self.failure("TIOCGPTN") }
    slavePath = "/dev/pts/\(number)"
    slave = open(slavePath, O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard slave >= 0 else { throw Self.failure("open \(slavePath)") }
    try resize(size)
  }

  deinit {
    if process > 0, end == nil {
      kill(-process, SIGKILL)
      kill(process, SIGKILL)
      var status: Int32 = 0
      waitpid(process, &status, 0)
    }
    hangUp()
  }

  private static func failure(_ call: String, _ code: Int32 = errno) -> Failure {
    Failure(description: "\(call): \(String(cString: strerror(code)))")
  }

  /// The path of an executable of this package; it is built next to the tests that depend on it.
  static func built(_ name: String) throws -> String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    let path = String(decoding: buffer[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    // The test runner may be a tool of the toolchain; then the tests are among its arguments.
    for candidate in [path] + CommandLine.arguments {
      let folder = candidate.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      let executable = (folder + [name[...]]).joined(separator: "/")
      if access(executable, X_OK) == 0 { return executable }
    }
    throw Failure(description: "\(name) is not beside \(path)")
  }

  /// Starts a program in the terminal, as the leader of a session of its own.
  func spawn(_ executable: String, _ arguments: [String] = [], environment: [String: String] = [:]) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // The first terminal that a session leader opens is its controlling terminal.
    posix_spawn_file_actions_addopen(&actions, 0, slavePath, O_RDWR, 0)
    posix_spawn_file_actions_adddup2(&actions, 0, 1)
    posix_spawn_file_actions_adddup2(&actions, 0, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // An inherited mask or an ignored signal would keep SIGWINCH and the like away.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigdefault(&attributes, &all)
    let flags = 0x80 /* POSIX_SPAWN_SETSID */ | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
    posix_spawnattr_setflags(&attributes, Int16(flags))

    var values = [
      "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "SWIFT_BACKTRACE": "enable=no",
    ]
    values.merge(environment) { _, new in new }
    let strings = values.sorted { $0.key < $1.key }.filter { !$0.value.isEmpty }.map {
      strdup("\($0.key)=\($0.value)")
    }
    let words = ([executable] + arguments).map { strdup($0) }
    defer { for string in strings + words { free(string) } }
    let code = posix_spawn(&process, executable, &actions, &attributes, words + [nil], strings + [nil])
    guard code == 0 else { throw Self.failure("posix_spawn \(executable)", code) }
    end = nil
  }

  // MARK: The user's side

  func send(_ text: String) throws {
    var bytes = Array(text.utf8)[...]
    try until("the program to read its keys") {
      let count = bytes.withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
      if count > 0 { bytes.removeFirst(count) }
      return bytes.isEmpty
    }
  }

  func resize(_ size: Size) throws {
    var window = winsize(
      ws_row: UInt16(size.height), ws_col: UInt16(size.width), ws_xpixel: 0, ws_ypixel: 0)
    guard ioctl(master, UInt(TIOCSWINSZ), &window) == 0 else { throw Self.failure("TIOCSWINSZ") }
    screen.resize(size)
  }

  func signal(_ number: Int32) { kill(process, number) }

  /// Closes the window.
  func hangUp() {
    if slave >= 0 { close(slave) }
    if master >= 0 { close(master) }
    (slave, master) = (-1, -1)
  }

  // MARK: Looking

  /// The modes of the terminal, field by field.
  func modes() throws -> [String] {
    var modes = termios()
    guard tcgetattr(master, &modes) == 0 else { throw Self.failure("tcgetattr") }
    let characters = withUnsafeBytes(of: modes.c_cc) { $0.map { String($0) }.joined(separator: " ") }
    return [
      "input \(String(modes.c_iflag, radix: 8))", "output \(String(modes.c_oflag, radix: 8))",
      "control \(String(modes.c_cflag, radix: 8))", "local \(String(modes.c_lflag, radix: 8))",
      "characters \(characters)",
    ]
  }

  /// Whether the kernel hands over whole lines, as a shell has it and a full-screen program has not.
  func isLineByLine() throws -> Bool {
    var modes = termios()
    guard tcgetattr(master, &modes) == 0 else { throw Self.failure("tcgetattr") }
    return modes.c_lflag & tcflag_t(ICANON) != 0
  }

  // MARK: Waiting

  /// Reads what there is and gives a little time to the program.
  func pump(milliseconds: Int32 = 10) {
    guard master >= 0 else {
      usleep(useconds_t(milliseconds) * 1000)
      return
    }
    var descriptor = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
    guard poll(&descriptor, 1, milliseconds) > 0 else { return }
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = read(master, &buffer, buffer.count)
      guard count > 0 else { return }
      output += buffer[..<count]
      screen.feed(buffer[..<count])
    }
  }

  func until(_ what: String, _ condition: () throws -> Bool) throws {
    let deadline = ContinuousClock.now + Self.patience
    while try !condition() {
      guard ContinuousClock.now < deadline else {
        throw Failure(description: "waited in vain for \(what); the screen is\n\(screen.text)")
      }
      pump()
    }
  }

  /// Presses a key again and again, each time when the screen has changed, until a text shows.
  func press(_ key: String, until text: String, atMost most: Int) throws {
    var presses = 0
    while !screen.text.contains(text), presses < most {
      let shown = screen.lines
      try send(key)
      presses += 1
      try until("what '\(key)' changes") { screen.lines != shown }
    }
    try waitFor(text)
  }

  func waitFor(_ text: String) throws {
    try until("\"\(text)\"") { screen.text.contains(text) }
  }

  /// Waits for the screen to show these rows.
  func expect(_ lines: [String]) throws {
    do {
      try until("the whole screen") { screen.lines == lines }
    } catch {
      expectNoDifference(screen.lines, lines)
    }
  }

  /// Waits for the end of the program, and reads its output to the end.
  func waitForEnd() throws -> End {
    try until("the program to end") {
      if end != nil { return true }
      var status: Int32 = 0
      guard waitpid(process, &status, WNOHANG) == process else { return false }
      let number = status & 0x7F
      end = number == 0 ? .exited(status >> 8 & 0xFF) : .killed(number)
      return true
    }
    pump(milliseconds: 50)
    return end ?? .exited(-1)
  }
}
