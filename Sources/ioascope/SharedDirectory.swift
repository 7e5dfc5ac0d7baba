import Explorer
import Foundation
import Synchronization

/// A directory in which the processes of one search leave what they made of each round, one file a part.
///
/// It may lie on a network file system: a file appears under its name only when it is whole. Whoever is waited for in vain is not waited for
/// again until something of it shows up, so a process that never started costs its patience once.
final class SharedDirectory: RoundExchange {
  private let path: String
  /// How long a part is waited for, in seconds.
  private let patience: Double
  private let complain: @Sendable (String) -> Void
  private let isStopped: @Sendable () -> Bool
  private let absent = Mutex<Set<Int>>([])

  /// - Parameters:
  ///   - path: the directory, which is made when it is not there.
  ///   - patience: how long a part is waited for, in seconds.
  ///   - isStopped: whether to wait no longer, as the search is to end.
  ///   - complain: told once of each part that does not come, and when nothing can be left.
  /// - Throws: `CommandError` when it cannot be made or written to.
  init(
    _ path: String, patience: Double, isStopped: @escaping @Sendable () -> Bool,
    complain: @escaping @Sendable (String) -> Void
  ) throws {
    self.path = path
    self.patience = patience
    self.isStopped = isStopped
    self.complain = complain
    try OutputDirectory.make(path)
    guard FileManager.default.isWritableFile(atPath: path) else {
      throw CommandError("\(path): cannot be written to", status: ExitStatus.inputOutput)
    }
  }

  private func url(_ name: String) -> URL {
    URL(fileURLWithPath: path).appendingPathComponent("\(name).part")
  }

  func leave(_ bytes: [UInt8], named name: String) {
    let url = url(name)
    do {
      try Data(bytes).write(to: url, options: .atomic)
    } catch {
      // The others make this part themselves, so the search is as right as before.
      if absent.withLock({ $0.insert(-1).inserted }) {
        complain("\(path): nothing can be left for the others: \(error.localizedDescription)")
      }
    }
  }

  func fetch(named name: String, part: Int, waits: Bool) -> [UInt8]? {
    let url = url(name)
    guard waits else { return (try? Data(contentsOf: url)).map { [UInt8]($0) } }
    let wait = absent.withLock { $0.contains(part) } ? 0 : patience
    let start = DispatchTime.now().uptimeNanoseconds
    while true {
      if let data = try? Data(contentsOf: url) {
        _ = absent.withLock { $0.remove(part) }
        return [UInt8](data)
      }
      let waited = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
      if waited >= wait || isStopped() { break }
      Thread.sleep(forTimeInterval: waited < 0.1 ? 0.001 : 0.02)
    }
    if absent.withLock({ $0.insert(part).inserted }), wait > 0 {
      complain("part \(part + 1) did not come within \(Int(wait)) s; going on without it")
    }
    return nil
  }
}
