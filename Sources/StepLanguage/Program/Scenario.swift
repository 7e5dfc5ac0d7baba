/// Which threads run which operations on which start state.
public struct Scenario: Sendable {
  /// A thread and its lines.
  public struct Thread: Sendable {
    /// The thread's name.
    public var name: String
    /// What it runs, in order.
    public var lines: [OperationLine]
  }

  /// The scenario's name.
  public var name: String
  /// Its heading.
  public var title: String
  /// What it is about, in a sentence or two.
  public var about: String
  /// The models for which it is meant; empty: all.
  public var models: [String]
  /// Where each of them is named.
  public var modelSpans: [Span]
  /// Whether its file holds models, too.
  public var isBesideModel: Bool
  /// The folder of its file, with its `/` at the end, in which the models that it names are looked for; nil for a scenario of the data
  /// directories.
  public var folder: String?
  /// Whether allocations may fail.
  public var faults: Bool
  /// What runs first, alone.
  public var setup: [OperationLine]
  /// What runs against each other.
  public var threads: [Thread]
  /// What runs last, alone.
  public var finally: [OperationLine]
  /// The text that it comes from.
  public var source: SourceFile

  init(_ syntax: ScenarioSyntax, source: SourceFile, isBesideModel: Bool) {
    name = syntax.name.text
    title = syntax.title
    about = syntax.about
    models = syntax.models.map(\.text)
    modelSpans = syntax.models.map(\.span)
    self.isBesideModel = isBesideModel
    faults = syntax.faults
    setup = syntax.setup
    threads = syntax.threads.map { Thread(name: $0.name.text, lines: $0.lines) }
    finally = syntax.finally
    self.source = source
  }
}
