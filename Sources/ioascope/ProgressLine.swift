import Dispatch
import Explorer
import Foundation

/// How far a search has come, on one line of standard error that is written over and over; nothing where that is no terminal.
final class ProgressLine {
  private let name: String
  private let isShown = isatty(STDERR_FILENO) == 1
  private let start = DispatchTime.now().uptimeNanoseconds
  private var told: UInt64
  private var hasTold = false
  private var lastStates = 0

  init(name: String) {
    self.name = name
    told = start
  }

  /// Shows the progress, at most twice a second.
  func show(_ progress: Search.Progress) {
    guard isShown else { return }
    let now = DispatchTime.now().uptimeNanoseconds
    guard now - told > 500_000_000 else { return }
    let rate = Double(max(0, progress.states - lastStates)) / (Double(now - told) / 1e9)
    told = now
    hasTold = true
    lastStates = progress.states
    write(
      "\r\(name): \(progress.transitions) steps, \(progress.states) distinct states, depth \(progress.depth), \(Int(rate)) states/s, \(progress.frontier) waiting, \(progress.bytes >> 20) MiB\u{1B}[K"
    )
  }

  /// Takes the line away.
  func clear() {
    if hasTold { write("\r\u{1B}[K") }
  }

  private func write(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }
}
