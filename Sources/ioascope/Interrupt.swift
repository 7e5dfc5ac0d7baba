import Dispatch
import Foundation
import Synchronization

/// Notices ^C, so that a long command can end with what it has. A second ^C ends the process as usual.
final class Interrupt {
  private final class Flag: Sendable {
    let value = Atomic<Bool>(false)
  }

  private let flag = Flag()
  private let source: any DispatchSourceSignal

  init() {
    signal(SIGINT, SIG_IGN)
    source = DispatchSource.makeSignalSource(signal: SIGINT, queue: DispatchQueue(label: "interrupt"))
    source.setEventHandler { [flag] in
      flag.value.store(true, ordering: .relaxed)
      signal(SIGINT, SIG_DFL)
    }
    source.resume()
  }

  deinit {
    source.cancel()
    signal(SIGINT, SIG_DFL)
  }

  /// Whether ^C was pressed.
  var isSet: Bool { question() }

  /// The same question for whoever asks on another thread.
  var question: @Sendable () -> Bool { { [flag] in flag.value.load(ordering: .relaxed) } }
}
