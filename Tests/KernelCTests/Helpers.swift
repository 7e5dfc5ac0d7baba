import Basics
import Foundation
import StepLanguage

@testable import KernelC

/// The checkout that this test was built in.
let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent()

/// Models of the checkout by name.
let library = Library { kind, name in
  let path = checkout.appendingPathComponent("\(kind == .model ? "models" : "scenarios")/\(name).step").path
  guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
  return (path, text)
}

/// The tables of the checkout that belong to a model.
func table(_ names: [String]) throws -> KernelTable {
  var table = KernelTable()
  for name in names {
    let path = checkout.appendingPathComponent("models/\(name).table").path
    try table.add(SourceFile(name: "\(name).table", text: String(contentsOfFile: path, encoding: .utf8)))
  }
  return table
}
