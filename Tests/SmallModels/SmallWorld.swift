public import Machine
import StepLanguage

extension World {
  /// The world of a small model: the items of a model without its head, and for each thread, the first one T0, its operations in the syntax of scripts.
  ///
  /// - Parameter looksAreSteps: as of `Library`.
  public static func small(
    _ items: String, threads: [[String]], faults: Bool = false, looksAreSteps: Bool = false
  ) throws -> World {
    let program = try Library(looksAreSteps: looksAreSteps) { _, _ in nil }.program(
      from: SourceFile(name: "test.step", text: "model test \"Test\" {\n\(items)\n}\n"))
    let source = SourceFile(name: "test.ops", text: "")
    return World(
      program: program,
      threads: try threads.enumerated().map { number, lines in
        World.Thread(
          name: "T\(number)",
          operations: try lines.map { try Operation(OperationLine($0), program: program, source: source) })
      }, allowsFaults: faults)
  }
}
