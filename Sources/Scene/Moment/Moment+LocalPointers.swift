public import Machine
import StepLanguage

extension Moment {
  /// The local variables of all threads that lead to an object, such as `T0: node`; each thread's names once.
  public func localPointers(to object: ObjectReference) -> [String] {
    var result: [String] = []
    for (number, thread) in threads.enumerated() {
      var names: [String] = []
      for frame in thread.frames {
        let function = view.world.program.functions[frame.function]
        for (local, value) in zip(function.locals, frame.locals)
        where !local.name.isEmpty && Int(value) == object.index {
          if case .reference = local.type, !names.contains(local.name) { names.append(local.name) }
        }
      }
      result += names.map { "\(threadName(number)): \($0)" }
    }
    return result
  }
}
