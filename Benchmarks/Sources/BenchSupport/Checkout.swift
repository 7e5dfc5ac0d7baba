import Foundation
package import StepLanguage

/// The checkout that is measured.
package enum Checkout {
  /// Its folder.
  package static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  /// Its models and scenarios.
  package static let library = Library { kind, name in
    let path = "\(kind == .model ? "models" : "scenarios")/\(name).step"
    guard let text = try? String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8) else { return nil }
    return (path, text)
  }
}
