import Dispatch
import Explorer
import Foundation

/// How far a sweep has come, on one line of standard error that is written over and over; nothing where that is no
/// terminal.
final class SweepProgressLine {
  private let model: String
  private let isShown = isatty(STDERR_FILENO) == 1
  private let start = DispatchTime.now().uptimeNanoseconds
  private var shown: UInt64 = 0
  private var hasShown = false

  init(model: String) {
    self.model = model
  }

  /// Shows the progress, at most twice a second.
  func show(_ progress: Sweep.Progress) {
    guard isShown else { return }
    let now = DispatchTime.now().uptimeNanoseconds
    guard now - shown > 500_000_000 else { return }
    shown = now
    hasShown = true
    var text = "\r\(model): "
    if let shape = progress.shape {
      let seconds = Double(now - start) / 1e9
      let rate = Double(progress.programs) / max(seconds, 0.001)
      text +=
        "\(shape.text): \(progress.programs) of at least \(progress.known) programs, \(Int(rate)) programs/s, \(progress.findings) distinct findings"
    } else {
      text += "\(progress.setups) set-ups looked at"
    }
    try? FileHandle.standardError.write(contentsOf: Data((text + "\u{1B}[K").utf8))
  }

  /// Takes the line away.
  func clear() {
    if hasShown { try? FileHandle.standardError.write(contentsOf: Data("\r\u{1B}[K".utf8)) }
  }
}
