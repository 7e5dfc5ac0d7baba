import Basics
internal import Explorer
public import Machine
public import Recording
public import Scene
public import StepLanguage
public import Surface
public import Workbench

/// All that the interface knows: where in which timeline, what is chosen, and how the screen is set up.
///
/// It changes only through `reduce`, and a screen is made from it alone.
public struct AppState {
  /// What is done with the scenario, without a word about the screen.
  public internal(set) var session: ExplorerSession

  /// How a recording is replayed; nil when none is.
  public internal(set) var player: Player?
  /// The session of somebody else that is mirrored; nil when none is.
  public internal(set) var following: Following?

  // What is chosen
  /// Which of the chosen thread's functions the source panel shows, 0 the system call; nil is the innermost.
  public internal(set) var level: Int?
  /// The statement that the source panel shows in place of the one that the chosen thread comes to next: that of a finding.
  var shownStatement: Int?
  /// The chosen object.
  public internal(set) var object: ObjectIdentity?
  /// The session's revision that the screen is in line with.
  var settledAt = 0
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
  public var keys = KeyTable.standard {
    didSet { session.hints = keys.hints }
  }
  /// Whether the program takes the mouse from the terminal.
  public var usesMouse = true
  /// Where the user has put the lines between panels.
  public internal(set) var dividers = Dividers()
  /// What the mouse drags.
  var dragged: Dividers.Handle?

  // Looking for things
  /// The lines that were typed behind `:`.
  public internal(set) var lineHistory = LineHistory()
  /// What `search` looked for last.
  public internal(set) var sought = ""
  /// Only objects whose name or type contains this show; empty for all.
  public internal(set) var objectFilter = "" {
    didSet { shownGraph = objectFilter.isEmpty ? graph : graph.filtered(objectFilter) }
  }
  /// The objects that show: all, or those that the filter lets through.
  public internal(set) var shownGraph: ObjectGraph

  // What runs beside
  /// The file that is recorded to; nil when nothing is recorded.
  public internal(set) var recordingTo: String?
  /// Whether what is done is recorded.
  public var isRecording: Bool { recordingTo != nil }

  /// Whether a lesson is around it.
  var isInLesson = false

  /// A world at the end of its set-up; the steps of the set-up lie behind it and can be gone back to.
  ///
  /// - Parameters:
  ///   - world: what runs.
  ///   - scenario: where the world comes from.
  ///   - modelName: the model's name.
  ///   - scenarioName: the scenario's name.
  public init(world: World, scenario: Scenario?, modelName: String, scenarioName: String) {
    self.init(
      session: ExplorerSession(
        world: world, scenario: scenario, modelName: modelName, scenarioName: scenarioName))
    touched = lastTouched()
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
    self.init(
      session: ExplorerSession(
        timeline: timeline, title: title, about: about, modelName: modelName, scenarioName: scenarioName))
  }

  /// A screen on a session.
  public init(session: ExplorerSession) {
    self.session = session
    themeName = "dark"
    themeNames = ["dark", "light", "colour-blind", "high-contrast", "monochrome"]
    glyphs = .unicode
    shownGraph = session.graph
    settledAt = session.revision
    self.session.hints = keys.hints
  }
}

// What the session has, by the names that panels use.
extension AppState {
  /// All that was done, with its branches.
  public internal(set) var timeline: Timeline {
    get { session.timeline }
    _modify { yield &session.timeline }
  }
  /// The present point, read out once for all frames.
  public var moment: Moment { session.moment }
  /// The objects of the present point.
  public var graph: ObjectGraph { session.graph }
  /// What each step did, in words.
  public var log: LogBook { session.log }
  /// The model's name.
  public var modelName: String { session.modelName }
  /// The scenario's name.
  public var scenarioName: String { session.scenarioName }
  /// The scenario's heading; empty when there is no scenario.
  public var scenarioTitle: String { session.scenarioTitle }
  /// What the scenario is about.
  public var about: String { session.about }
  /// The point at which the set-up is over.
  public var setupEnd: Int { session.setupEnd }
  /// The chosen thread's number.
  public internal(set) var thread: Int {
    get { session.thread }
    set { session.thread = newValue }
  }
  /// Where runs stop.
  public internal(set) var stops: [Stop] {
    get { session.stops }
    _modify { yield &session.stops }
  }
  /// The last search from a point on; nil when there was none.
  public var check: CheckStatus? { session.check }
  /// What was freed on the way here and has not been put away, the latest first.
  public var freed: [FreedSign] { session.freed }
  /// The points with names, in the order of their steps.
  public var bookmarks: [(node: Int, text: String)] { session.bookmarks }
  /// The ends of all branches, the oldest first.
  public var branches: [Int] { session.branches }
  /// The name of the branch that ends at a point; nil when it has none.
  public func branchName(of end: Int) -> String? { session.branchName(of: end) }
  /// The expressions that the user watches.
  var watchedExpressions: [String] { session.watchedExpressions }
  /// What is true here.
  var truth: Truth? { session.truth }
  /// The values at a point of all that is watched.
  func watchedValues(at node: Int) -> [String: ConditionReader.Value] { session.watchedValues(at: node) }
  /// The points that can be compared with the present one.
  var landmarks: [(node: Int, text: String)] { session.landmarks }
  /// The name of an object that may not be there now.
  func name(of identity: ObjectIdentity) -> String { session.name(of: identity) }
}
