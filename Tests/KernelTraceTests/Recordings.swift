import Foundation
import KernelTrace
import StepLanguage

/// What a real Linux 6.12.117 did, as ftrace text, and the model that it is held against.
enum Recordings {
  static let checkout = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static let names = [
    "01-lifecycle", "02-two-threads-replace-vs-pin", "04-errors", "05-vfio-emulated", "race-1016",
  ]

  static let library = Library { kind, name in
    let directory = kind == .model ? "models" : "scenarios"
    let url = checkout.appendingPathComponent("\(directory)/\(name).step")
    guard let text = try? String(contentsOf: url, encoding: .utf8) else { return nil }
    return ("\(directory)/\(name).step", text)
  }

  static let program = Result { try library.program(named: "linux-6.12") }

  /// The lines of a recording.
  static func lines(_ name: String) throws -> [String] {
    let url = checkout.appendingPathComponent("Tests/KernelTraceTests/Fixtures/\(name).trace")
    let text = try String(contentsOf: url, encoding: .utf8)
    return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init).dropLast()
  }

  /// Holds lines against the model.
  static func report(
    _ lines: [String], program: Program? = nil, options: Conformance.Options = .init(), chunk: Int = 65_536
  ) throws -> ConformanceReport {
    let conformance = Conformance(program: try program ?? self.program.get(), options: options)
    let bytes = Array(lines.map { $0 + "\n" }.joined().utf8)
    var start = 0
    while start < bytes.count {
      let end = min(start + chunk, bytes.count)
      try conformance.read(Array(bytes[start..<end]))
      start = end
    }
    return try conformance.finish()
  }

  /// What makes a line an event of a thread: name of the event and the thread.
  static func event(_ line: String) -> (thread: String, name: String)? {
    let words = line.split(separator: " ")
    guard words.count > 4, let thread = words.first?.split(separator: "-").first, thread.hasPrefix("T") else {
      return nil
    }
    return (String(thread), String(words[4].dropLast()))
  }
}
