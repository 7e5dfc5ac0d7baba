import Basics

/// Reads what kernels print: KASAN, refcount and list warnings, WARN_ON, lockdep, hung tasks, null dereferences.
///
/// Texts come as the console has them, with time stamps and columns for the caller, out of a log daemon, quoted in a
/// mail, or decoded to files and lines. What is not known is passed over, so no text is an error; where nothing was
/// understood, `kind` is nil.
public enum KernelReportReader {
  /// The most lines that are read; a report has some hundreds.
  private static let lineLimit = 100_000

  /// Reads the first report of a text.
  public static func read(_ text: String) -> KernelReport {
    var state = State()
    for line in text.split(whereSeparator: \.isNewline).prefix(lineLimit) {
      if !state.take(KernelLine.bare(line)) { break }
    }
    state.endStack()
    return state.report
  }

  /// Where in a report the reader is.
  private struct State {
    var report = KernelReport()
    private var role: KernelReport.Role?
    private var functions: [String] = []

    /// Takes a line; false when it begins another report.
    mutating func take(_ line: Substring) -> Bool {
      if let (kind, function) = KernelLine.headline(line) {
        // A hung task's report has several heads; a refcount's stands in front of its warning.
        if report.kind == nil || (report.kind == .warning && report.stacks.isEmpty && functions.isEmpty) {
          report.kind = kind
          if !function.isEmpty { report.function = function }
        } else if report.kind == .hungTask, kind == .hungTask {
          endStack()
        } else if report.kind == .warning || kind == .warning || kind == report.kind {
          if !report.stacks.isEmpty || !functions.isEmpty { return false }
          if report.function.isEmpty { report.function = function }
          if report.kind == .warning { report.kind = kind }
        } else {
          return false
        }
        return true
      }
      if let lock = KernelLine.lock(line) {
        if !report.locks.contains(lock) { report.locks.append(lock) }
        if !KernelLine.isChain(line) { return true }
      }
      if let section = KernelLine.section(line) {
        endStack()
        switch section {
        case .calls:
          role = report.stacks.contains { $0.role == .access } ? .other : .access
        case .allocated: role = .allocation
        case .freed: role = .free
        case .chain: role = .other
        case .ended: role = nil
        }
        return true
      }
      if let function = KernelLine.instructionPointer(line) {
        if report.function.isEmpty, report.kind != nil { report.function = function }
        return true
      }
      guard role != nil, let frame = KernelLine.frame(line) else { return true }
      if frame.isSure { functions.append(frame.function) }
      return true
    }

    mutating func endStack() {
      defer { functions = [] }
      guard let role, !functions.isEmpty else { return }
      report.stacks.append(KernelReport.Stack(role: role, functions: functions))
    }
  }
}
