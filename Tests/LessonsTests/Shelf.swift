import Foundation
import Lessons
import StepLanguage

/// The lessons, models and scenarios of the checkout.
enum Shelf {
  static let checkout = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static let library = Library { kind, name in
    let path = checkout.appendingPathComponent("\(kind == .model ? "models" : "scenarios")/\(name).step").path
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
    return (path, text)
  }

  /// The names of all lessons in order.
  static let names: [String] = {
    let directory = checkout.appendingPathComponent("lessons").path
    let files = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    return files.filter { $0.hasSuffix(".toml") }.map { String($0.dropLast(5)) }.sorted()
  }()

  static func text(_ name: String) throws -> String {
    try String(contentsOf: checkout.appendingPathComponent("lessons/\(name).toml"), encoding: .utf8)
  }

  static func lesson(_ name: String) throws -> Lesson {
    try LessonText.read(text(name), path: "\(name).toml")
  }

  /// A lesson of the test's own.
  static func lesson(text: String) throws -> Lesson {
    try LessonText.read(text, path: "own.toml")
  }
}
