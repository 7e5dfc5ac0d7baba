import Basics
import Foundation
import StepLanguage
import Testing

@testable import KernelC

@Test func dev() throws {
  guard let files = ProcessInfo.processInfo.environment["KC_FILES"] else { return }
  let model = try library.model(named: ProcessInfo.processInfo.environment["KC_MODEL"] ?? "linux-6.12")
  let table = try table(["kernel", "linux-6.12"])
  var good = 0
  var bad = 0
  for file in files.split(separator: " ").map(String.init) {
    let source = try SourceFile(name: file, text: String(contentsOfFile: file, encoding: .utf8))
    let names = ProcessInfo.processInfo.environment["KC_FN"].map { $0.split(separator: ",").map(String.init) }
    let translation = Translation([.init(source: source, functions: names)], model: model, table: table)
    for failure in translation.failures {
      bad += 1
      print("FAIL \(failure.name)")
      for one in failure.diagnostics { print(one.rendered) }
    }
    for function in translation.functions {
      good += 1
      print("OK \(function.name) \(function.translatedCount)/\(function.statementCount) \(function.unreachedLines) opaque \(function.opaque)")
      for one in function.assumptions { print("    \(one)") }
    }
    if names != nil { print(translation.revision(named: "x")) }
    do {
      _ = try library.program(model, translations: translation.texts)
      print("COMPILES")
    } catch let error as DiagnosticError {
      print(error.rendered)
    }
  }
  print("understood \(good), not \(bad)")
}
