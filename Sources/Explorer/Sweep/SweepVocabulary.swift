import StepLanguage

/// The operations of a model that are worth trying at a state.
///
/// Slots are read where they hold something and filled where they are free, the lowest one first; numbers come from
/// the model's domains; flags stand alone or not at all.
struct SweepVocabulary {
  let program: Program
  /// How many variables of a slot table are filled at most.
  let variables: Int

  /// An operation as a line, with the slots that it would fill.
  struct Line: Hashable {
    var entry: Int
    /// The word for each parameter that has one; nil for one that is left out.
    var words: [String?]

    func text(of program: Program) -> String {
      ([program.entries[entry].name] + words.compactMap { $0 }).joined(separator: " ")
    }
  }

  /// The lines for a state in which the variables of each table hold something.
  ///
  /// - Parameter filled: for each slot table the numbers of its variables that hold something, in ascending order.
  func lines(filled: [[Int]]) -> [Line] {
    program.entries.indices.flatMap { lines(of: $0, filled) }
  }

  private func lines(of entry: Int, _ filled: [[Int]]) -> [Line] {
    let parameters = program.entries[entry].parameters
    var result: [[String?]] = [[]]
    func extend(_ choices: [String?]) {
      result = result.flatMap { words in choices.map { words + [$0] } }
    }
    let numbers = numbers(of: parameters)
    let flags = parameters.indices.filter { parameters[$0].kind == .flag }
    for (index, parameter) in parameters.enumerated() {
      if parameter.from != nil || parameter.kind == .flag {
        extend([nil])
        continue
      }
      switch parameter.kind {
      case .slot(let table):
        if parameter.absent != nil {
          extend([nil])
        } else if parameter.direction == .output {
          guard let free = Self.free(filled[table], atMost: variables) else { return [] }
          extend(["\(program.slots[table].letter)\(free)"])
        } else {
          extend(
            program.tables(of: table).flatMap { table in
              filled[table].map { "\(program.slots[table].letter)\($0)" }
            })
        }
      case .int, .unsigned: extend([numbers.isEmpty || numbers[0][index] == nil ? nil : ""])
      case .flag: break
      }
    }
    return result.flatMap { words in
      (numbers.isEmpty ? [[:]] : numbers).flatMap { values in
        let whole = words.enumerated().map { values[$0.offset] ?? ($0.element == "" ? nil : $0.element) }
        return ([nil] + flags.map(Optional.some)).map { flag in
          var words = whole
          if let flag { words[flag] = parameters[flag].name }
          return Line(entry: entry, words: words)
        }
      }
    }
  }

  /// The lowest number that is not taken; nil when too many are.
  static func free(_ taken: [Int], atMost limit: Int) -> Int? {
    guard taken.count < limit else { return nil }
    return (0..<Program.slotCount).first { !taken.contains($0) }
  }

  /// The choices of numbers for the parameters of an entry: for each a word by the parameter's position.
  private func numbers(of parameters: [EntryParameter]) -> [[Int: String]] {
    var result: [[Int: String]] = [[:]]
    var done: Set<String> = []
    for (index, parameter) in parameters.enumerated()
    where (parameter.kind == .int || parameter.kind == .unsigned) && !done.contains(parameter.name) {
      guard let domain = program.domains.first(where: { $0.names.contains(parameter.name) }) else {
        // Where a line may leave it out, it does.
        if parameter.absent == nil { result = result.map { $0.merging([index: "0"]) { $1 } } }
        continue
      }
      done.formUnion(domain.names)
      var choices: [[Int: String]] = []
      for tuple in domain.tuples {
        var choice: [Int: String] = [:]
        for (name, value) in zip(domain.names, tuple) {
          for place in parameters.indices where parameters[place].name == name {
            choice[place] = Self.text(value, parameters[place].kind)
          }
        }
        if !choices.contains(choice) { choices.append(choice) }
      }
      result = result.flatMap { known in choices.map { known.merging($0) { $1 } } }
    }
    return result
  }

  private static func text(_ value: Int64, _ kind: EntryParameter.Kind) -> String {
    if kind == .int { return "\(value)" }
    return value >= 0 && value < 10 ? "\(value)" : "0x" + String(UInt64(bitPattern: value), radix: 16)
  }
}
