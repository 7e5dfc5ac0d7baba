import Foundation

/// Paths of sessions that were recorded or replayed lately, in one readable file under the XDG state directory.
enum RecentSessions {
  private static let limit = 20

  private static var path: String? {
    let environment = ProcessInfo.processInfo.environment
    if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") { return state + "/ioascope/recent" }
    return environment["HOME"].flatMap { $0.isEmpty ? nil : $0 + "/.local/state/ioascope/recent" }
  }

  /// Those that are still there, latest first.
  static var paths: [String] {
    guard let path, let text = try? InputFile.read(path) else { return [] }
    return text.split(separator: "\n").map(String.init).filter { FileManager.default.fileExists(atPath: $0) }
  }

  /// Puts a session first. That it cannot be noted is no reason to complain: nothing else depends on it.
  static func note(_ session: String) {
    guard let path else { return }
    let full = URL(fileURLWithPath: session).standardizedFileURL.path
    guard !full.contains("\n") else { return }
    let list = [full] + paths.filter { $0 != full }
    let directory = URL(fileURLWithPath: path).deletingLastPathComponent()
    try? FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    try? Data((list.prefix(limit).joined(separator: "\n") + "\n").utf8)
      .write(to: URL(fileURLWithPath: path), options: .atomic)
  }
}
