import Basics
internal import Explorer
public import Machine
public import Recording
public import Scene
public import StepLanguage
public import Surface

/// All that the interface knows: where in which timeline, what is chosen, and how the screen is set up.
///
/// It changes only through `reduce`, and a screen is made from it alone.
public struct AppState {
  // What is looked at
  /// All that was done, with its branches.
  public internal(set) var timeline: Timeline
  /// The present point, read out once for all frames.
  public internal(set) var moment: Moment
  /// The objects of the present point.
  public internal(set) var graph: ObjectGraph
  /// What each step did, in words.
  public var log: LogBook { LogBook(timeline) }
  /// The model's name.
  public let modelName: String
  /// The scenario's name.
  public let scenarioName: String
  /// The scenario's heading; empty when there is no scenario.
  public let scenarioTitle: String
  /// What the scenario is about.
  public let about: String
  /// The point whose objects `graph` has.
  var graphNode = 0
  /// The state before the last step, between a step and the moment that is made of it.
  var lastView: StateView?
  /// The point at which the set-up is over.
  public internal(set) var setupEnd = 0

  /// How a recording is replayed; nil when none is.
  public internal(set) var player: Player?
  /// The session of somebody else that is mirrored; nil when none is.
  public internal(set) var following: Following?

  // What is chosen
  /// The chosen thread's number.
  public internal(set) var thread = 0
  /// Which of the chosen thread's functions the source panel shows, 0 the system call; nil is the innermost.
  public internal(set) var level: Int?
  /// The statement that the source panel shows in place of the one that the chosen thread comes to next: that of a finding.
  var shownStatement: Int?
  /// The chosen object.
  public internal(set) var object: ObjectIdentity?
  /// The object that was touched last.
  var touched: ObjectIdentity?
  /// The point that the log's cursor is on; nil follows the present one.
  public internal(set) var logCursor: Int?
  /// The panel that takes the keys.
  public internal(set) var focus = Panel.graph
  /// The panels by when they had the keys, the last first: of several in one place the first of these shows.
  public internal(set) var recent: [Panel] = []
  /// The line that a panel's cursor is on: in Source counted from the line that runs next, elsewhere from the top. A panel without one shows
  /// what matters by itself.
  public internal(set) var cursors: [Panel: Int] = [:]

  // The screen
  /// Columns and rows, as told by the last `resized`.
  public internal(set) var size = Size(width: 80, height: 24)
  /// The panel that has the screen for itself.
  public internal(set) var zoomed: Panel?
  /// What lies over the screen.
  public internal(set) var overlay: Overlay?
  /// What there is to say about the last key.
  public internal(set) var message: Message?
  /// How the objects are drawn.
  public internal(set) var graphStyle = GraphStyle.automatic
  /// Whether a tick is a step.
  public internal(set) var isPlaying = false
  /// The theme's name.
  public var themeName: String
  /// The themes to go through.
  public var themeNames: [String]
  /// The marks and lines to draw with.
  public var glyphs: GlyphSet
  /// The keys.
  public var keys = KeyTable.standard
  /// Whether the program takes the mouse from the terminal.
  public var usesMouse = true
  /// Where the user has put the lines between panels.
  public internal(set) var dividers = Dividers()
  /// What the mouse drags.
  var dragged: Dividers.Handle?

  // Looking for things
  /// What `search` looked for last.
  public internal(set) var sought = ""
  /// Only objects whose name or type contains this show; empty for all.
  public internal(set) var objectFilter = "" {
    didSet { shownGraph = objectFilter.isEmpty ? graph : graph.filtered(objectFilter) }
  }
  /// The objects that show: all, or those that the filter lets through.
  public internal(set) var shownGraph: ObjectGraph
  /// What was freed on the way here and has not been put away, the latest first.
  public internal(set) var freed: [FreedSign] = []

  /// Freed objects up to this step have been put away.
  var dismissedUpTo = 0

  // What runs beside
  /// The last search from a point on; nil when there was none.
  public internal(set) var check: CheckStatus?
  /// The file that is recorded to; nil when nothing is recorded.
  public internal(set) var recordingTo: String?
  /// Whether what is done is recorded.
  public var isRecording: Bool { recordingTo != nil }

  /// Whether a lesson is around it.
  var isInLesson = false

  // Stops
  /// Where runs stop.
  public internal(set) var stops: [Stop] = []
  /// Evaluates what is true, and what is watched.
  let conditions = Conditions()
  /// Where the lot for random steps stands; the same beginning gives the same steps.
  var lot = SplitMix64(seed: 1)

  /// A world at the end of its set-up; the steps of the set-up lie behind it and can be gone back to.
  ///
  /// - Parameters:
  ///   - world: what runs.
  ///   - scenario: where the world comes from.
  ///   - modelName: the model's name.
  ///   - scenarioName: the scenario's name.
  public init(world: World, scenario: Scenario?, modelName: String, scenarioName: String) {
    self.init(
      timeline: Timeline(world: world), title: scenario?.title ?? "", about: scenario?.about ?? "",
      modelName: modelName, scenarioName: scenarioName)
    runSetUp()
    setupEnd = timeline.here
    chooseFirstThread()
    refresh()
    greet()
  }

  /// Says what this is, and which keys lead on.
  mutating func greet() {
    let keys = "\(keys.name(of: .step)) steps, \(keys.name(of: .help)) lists the keys"
    message = .note(scenarioTitle.isEmpty ? keys : "\(scenarioTitle): \(keys)")
  }

  /// A timeline that was recorded elsewhere, at its present point.
  ///
  /// - Parameters:
  ///   - timeline: what was recorded.
  ///   - title: the scenario's heading.
  ///   - about: what the scenario is about.
  ///   - modelName: the model's name.
  ///   - scenarioName: the scenario's name.
  public init(timeline: Timeline, title: String, about: String, modelName: String, scenarioName: String) {
    self.timeline = timeline
    self.modelName = modelName
    self.scenarioName = scenarioName
    scenarioTitle = title
    self.about = about
    themeName = "dark"
    themeNames = ["dark", "light", "colour-blind", "high-contrast", "monochrome"]
    glyphs = .unicode
    moment = Moment(timeline)
    graph = ObjectGraph(moment)
    graphNode = timeline.here
    shownGraph = graph
    freed = freedSigns()
  }
}
