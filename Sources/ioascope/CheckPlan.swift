import StepLanguage

/// Which scenarios are checked under which models.
struct CheckPlan {
  /// A scenario under a model.
  struct Pair {
    /// The scenario.
    let scenario: Scenario
    /// How its model is found.
    let model: Choice
    /// Whether the pair is left out when the model lacks an operation of the scenario.
    let isOptional: Bool
  }

  /// How a pair's model is found.
  enum Choice: Hashable {
    /// The one that was named, or the scenario's own.
    case named(String?)
    /// One of the scenario's `model` line.
    case line(Int)
    /// A model of the scenario's own file.
    case ownFile(String)
  }

  /// The pairs, in the order in which they are checked.
  private(set) var pairs: [Pair] = []
  /// The models that are known beforehand.
  private(set) var models: [String] = []
  /// The scenarios in the order in which they were named.
  let scenarioNames: [String]
  /// Whether the verdicts are to tell the models apart.
  let hasSeveralModels: Bool
  /// Whether a scenario of the data directories was left out since its text is wrong.
  let hasUnreadable: Bool
  private let library: Library
  private let cache = Cache()

  /// Programs that were compiled already.
  private final class Cache {
    var programs: [String: Program] = [:]
  }

  /// - Parameters:
  ///   - scenarios: what the user named; empty: all of the data directories.
  ///   - model: the model that the user named, `all`, or nil.
  ///   - complain: told of each scenario of the data directories that is left out since its text is wrong.
  /// - Throws: what the library throws for a name that leads nowhere or a text that is wrong.
  init(
    scenarios: [String], model: String?, _ directories: DataDirectories, complain: (String) -> Void
  ) throws {
    library = directories.library
    let isEverything = scenarios.isEmpty
    let found: [Scenario]
    if isEverything {
      (found, hasUnreadable) = directories.scenarios(complain: complain)
    } else {
      let library = library
      found = try scenarios.flatMap { try library.scenarios($0) }
      hasUnreadable = false
    }
    scenarioNames = found.map(\.name)
    hasSeveralModels = model == "all"
    guard model == "all" else {
      if isEverything {
        let program = try directories.library.program(model ?? ModelOption.standard)
        models = [program.name]
        for scenario in found
        where scenario.models.isEmpty || scenario.models.contains(program.name) {
          pairs.append(
            Pair(scenario: scenario, model: .named(model ?? ModelOption.standard), isOptional: true))
        }
      } else {
        pairs = found.map { Pair(scenario: $0, model: .named(model), isOptional: false) }
      }
      return
    }
    models = directories.entries(.models).map(\.name)
    for name in models {
      for scenario in found
      where scenario.models.isEmpty ? !scenario.isBesideModel : scenario.models.contains(name) {
        // A name that leads elsewhere from the scenario's own folder is one of its line, below.
        guard scenario.folder == nil || scenario.models.isEmpty else { continue }
        pairs.append(Pair(scenario: scenario, model: .named(name), isOptional: true))
      }
    }
    for scenario in found {
      if scenario.models.isEmpty, scenario.isBesideModel {
        for own in try library.models(in: scenario.source) {
          pairs.append(Pair(scenario: scenario, model: .ownFile(own.name), isOptional: true))
        }
      } else if scenario.folder != nil {
        for index in scenario.models.indices {
          pairs.append(Pair(scenario: scenario, model: .line(index), isOptional: true))
        }
      }
    }
  }

  /// The compiled model of a pair; each is compiled once.
  ///
  /// - Throws: as the library.
  func program(of pair: Pair) throws -> Program {
    let scenario = pair.scenario
    let near = "\(scenario.folder ?? "-") \(scenario.isBesideModel ? scenario.source.name : "")"
    let key: String
    switch pair.model {
    case .named(let name?): key = "\(name) \(near)"
    case .named(nil): key = "\(scenario.models.first ?? "-") \(near)"
    case .line(let index): key = "\(scenario.models[index]) \(near)"
    case .ownFile(let name): key = "\(name) \(near)"
    }
    if let known = cache.programs[key] { return known }
    let program: Program
    switch pair.model {
    case .named(let name?): program = try library.program(name, for: scenario)
    case .named(nil): program = try library.program(for: scenario, standard: ModelOption.standard)
    case .line(let index): program = try library.program(for: scenario, model: index)
    case .ownFile(let name):
      program = try library.program(from: scenario.source, named: name, folder: scenario.folder)
    }
    cache.programs[key] = program
    return program
  }
}
