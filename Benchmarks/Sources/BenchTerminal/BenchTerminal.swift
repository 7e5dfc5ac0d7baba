import Glibc

/// A pseudo-terminal with a program in it, and a clock.
package final class BenchTerminal {
  package struct Failure: Error { package let text: String }

  private let master: Int32
  private let slave: Int32
  fileprivate var process: pid_t = 0
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)

  package init(columns: Int, rows: Int) throws {
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
    var unlocked: Int32 = 0
    var number: UInt32 = 0
    guard master >= 0, ioctl(master, 0x4004_5431 /* TIOCSPTLCK */, &unlocked) == 0,
      ioctl(master, 0x8004_5430 /* TIOCGPTN */, &number) == 0
    else { throw Failure(text: "no pseudo-terminal") }
    path = "/dev/pts/\(number)"
    slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
    var window = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    guard slave >= 0, ioctl(master, UInt(TIOCSWINSZ), &window) == 0 else {
      throw Failure(text: "no window size")
    }
  }

  private let path: String

  deinit {
    if process > 0 {
      kill(process, SIGKILL)
      var status: Int32 = 0
      waitpid(process, &status, 0)
    }
    close(slave)
    close(master)
  }

  package func spawn(_ words: [String]) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, path, O_RDWR, 0)
    posix_spawn_file_actions_adddup2(&actions, 0, 1)
    posix_spawn_file_actions_adddup2(&actions, 0, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, 0x80 /* POSIX_SPAWN_SETSID */)
    let environment = ["TERM=xterm-256color", "LC_ALL=C.UTF-8", "PATH=/usr/bin:/bin", "HOME=/nonexistent"]
    let arguments = words.map { strdup($0) }
    let values = environment.map { strdup($0) }
    defer { for string in arguments + values { free(string) } }
    let code = posix_spawnp(&process, words[0], &actions, &attributes, arguments + [nil], values + [nil])
    guard code == 0 else { throw Failure(text: "\(words[0]): \(String(cString: strerror(code)))") }
  }

  package func send(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
      if count > 0 { bytes.removeFirst(count) } else { usleep(100) }
    }
  }

  /// Reads until the program has been silent for a while; before its first byte it may take as long as `patience` says, in milliseconds.
  ///
  /// - Returns: how many bytes came, and when the last of them did.
  package func settle(
    silence milliseconds: Int32, patience: Int32 = 5_000, limit: Duration = .seconds(30)
  ) -> (bytes: Int, last: ContinuousClock.Instant) {
    var total = 0
    var last = ContinuousClock.now
    let deadline = last + limit
    while ContinuousClock.now < deadline {
      var descriptor = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
      // Before the first byte any silence is the program at work.
      let wait: Int32 = total == 0 ? patience : milliseconds
      guard poll(&descriptor, 1, wait) > 0 else { break }
      let count = read(master, &buffer, buffer.count)
      guard count > 0 else { break }
      total += count
      last = ContinuousClock.now
    }
    return (total, last)
  }
}

extension BenchTerminal {
  /// The peak of the program's resident memory so far, in bytes; 0 when it is gone.
  package var peakMemory: Int {
    guard let file = fopen("/proc/\(process)/status", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = line.withUnsafeBufferPointer { String(cString: $0.baseAddress.unsafelyUnwrapped) }
      guard text.hasPrefix("VmHWM:") else { continue }
      let digits = text.filter { $0.isNumber }
      return (Int(digits) ?? 0) * 1_024
    }
    return 0
  }
}
