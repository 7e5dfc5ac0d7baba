import Basics
import Machine
import Recording
package import Scene
import StepLanguage

// Starting operations and threads.
extension ExplorerSession {
  /// The operations that match what was typed, those that can be done to an object first.
  package func operations(matching filter: String, object: ObjectIdentity?) -> [Int] {
    let program = timeline.world.program
    let defaults = OperationDefaults(moment, graph: graph, selected: object)
    let words = filter.lowercased().split(separator: " ")
    let matching = program.entries.indices.filter { index in
      let text = "\(program.entries[index].usage(in: program)) \(program.entries[index].title)".lowercased()
      return words.allSatisfy { text.contains($0) }
    }
    // What begins with what was typed comes first: of "pin" one means pin, not unpin or nopin.
    func rank(_ index: Int) -> Int {
      let begins = words.first.map { program.entries[index].name.lowercased().hasPrefix($0) } ?? true
      return (begins ? 0 : 2) + (defaults.concernsSelection(index) ? 0 : 1)
    }
    return (0...3).flatMap { wanted in matching.filter { rank($0) == wanted } }
  }

  /// Gives a thread, which is chosen then, an operation that is written as in a script.
  package mutating func start(_ line: String, thread number: Int) -> Message {
    let program = timeline.world.program
    let operation: Operation
    do throws(DiagnosticError) {
      operation = try Operation(
        OperationLine(line), program: program, source: SourceFile(name: "", text: line))
    } catch {
      return .refusal(error.diagnostics.first?.message ?? "this is no operation")
    }
    guard moment.threads.indices.contains(number) else {
      return .refusal("there is no such thread; \(hint("add-thread")) adds one")
    }
    guard timeline.world.threads[number].queue == nil else {
      return .refusal(
        "\(moment.threadName(number)) runs what is queued and nothing else; choose another thread")
    }
    let isBusy = moment.threads[number].isInCall
    let busyWith = ThreadRow.rows(moment)[number].operation ?? ""
    do throws(Timeline.Refusal) {
      try perform(.start(thread: number, operation: operation))
    } catch {
      return .refusal(why(error))
    }
    thread = number
    refresh()
    let name = moment.threadName(number)
    return .note(
      isBusy
        ? "\(name) runs \(operation.text) when \(busyWith) is over"
        : "\(name) runs \(operation.text) next; \(hint("step")) begins it")
  }

  /// One more thread, which is chosen then.
  package mutating func addThread() -> Message {
    let names = Set(moment.threads.map(\.name))
    let number = (0...World.maximumThreads).first { !names.contains("T\($0)") } ?? names.count
    do throws(Timeline.Refusal) {
      try perform(.addThread(name: "T\(number)"))
    } catch {
      return .refusal(why(error))
    }
    refresh()
    thread = moment.threads.count - 1
    return .note("T\(number) is new; \(hint("operation")) gives it an operation")
  }
}
