import Basics
import Machine
import Recording
package import Scene
import StepLanguage

/// What evaluates the model's conditions and what the user watches. Copies of a state share it; what it gives depends on nothing but what it is
/// asked.
final class Conditions {
  private var texts: [String] = []
  private var reader: ConditionReader?
  /// What the reader was made for: the name of the program and how much code it has.
  private var program = (name: "", code: 0)

  /// The reader of these expressions; nil when one of them does not compile any more, as when a session was exchanged.
  func reader(_ world: World, _ texts: [String]) -> ConditionReader? {
    let program = (name: world.program.name, code: world.program.code.count)
    if let reader, texts == self.texts, program == self.program { return reader }
    self.texts = texts
    self.program = program
    reader = try? ConditionReader(world, watches: texts)
    return reader
  }
}

/// What is true at a point, with the expressions that it was made for.
private struct TruthHere {
  let texts: [String]
  let truth: Truth
}

/// The values of what is watched at a point.
private struct ValuesHere {
  let texts: [String]
  let values: [ConditionReader.Value]
}

extension ExplorerSession {
  /// The expressions that the user watches.
  package var watchedExpressions: [String] {
    stops.compactMap { if case .expression(let text) = $0.subject { text } else { nil } }
  }

  /// What is true here.
  package var truth: Truth? {
    let texts = watchedExpressions
    if let known = timeline.remembered(at: timeline.here, as: TruthHere.self), known.texts == texts {
      return known.truth
    }
    guard let reader = conditions.reader(timeline.world, texts) else { return nil }
    let parent = timeline.nodes[timeline.here].parent
    let before = parent.flatMap { timeline.remembered(at: $0, as: TruthHere.self) }
    let truth = Truth(timeline, reader, after: before?.texts == texts ? before?.truth : nil)
    timeline.remember(TruthHere(texts: texts, truth: truth), at: timeline.here)
    return truth
  }

  /// The values at a point of all that is watched.
  package func watchedValues(at node: Int) -> [String: ConditionReader.Value] {
    let texts = watchedExpressions
    guard !texts.isEmpty else { return [:] }
    if let known = timeline.remembered(at: node, as: ValuesHere.self), known.texts == texts {
      return Dictionary(zip(texts, known.values)) { first, _ in first }
    }
    guard let reader = conditions.reader(timeline.world, texts) else { return [:] }
    let situation = timeline.situation(at: node)
    let values = texts.indices.map {
      reader.value(ofWatch: $0, in: situation.state, world: situation.world)
    }
    timeline.remember(ValuesHere(texts: texts, values: values), at: node)
    return Dictionary(zip(texts, values)) { first, _ in first }
  }

  /// Whether the last step changed the value of an expression.
  package func isChanged(_ expression: String) -> Bool {
    guard let parent = timeline.nodes[timeline.here].parent else { return false }
    return watchedValues(at: parent)[expression] != watchedValues(at: timeline.here)[expression]
  }

  /// Why an expression cannot be watched; nil when it can.
  func refusal(ofExpression text: String) -> String? {
    do {
      _ = try ConditionReader(timeline.world, watches: [text])
      return nil
    } catch let error as DiagnosticError {
      return error.diagnostics.first?.message ?? "this is no expression"
    } catch {
      return "this is no expression"
    }
  }
}
