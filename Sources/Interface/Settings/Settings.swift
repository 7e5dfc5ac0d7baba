/// What a user wants to find again the next time.
public struct Settings: Hashable, Sendable {
  /// The theme's name; nil for the one that a new user gets.
  public var theme: String?
  /// Whether to draw with ASCII only.
  public var isASCII = false
  /// Whether the program takes the mouse.
  public var usesMouse = true
  /// How objects are drawn.
  public var graphStyle = GraphStyle.automatic
  /// Keys of commands that are not as they come.
  public var keys: [Command: [Keystroke]] = [:]
  /// Where the lines between panels are.
  public var dividers = Dividers()

  /// Those of a new user.
  public init() {}

  /// Those of a state.
  public init(_ state: AppState) {
    theme = state.themeName
    isASCII = state.glyphs == .ascii
    usesMouse = state.usesMouse
    graphStyle = state.graphStyle
    dividers = state.dividers
    for binding in state.keys.bindings where binding.context != .overlay {
      guard let standard = KeyTable.standard.binding(of: binding.command), standard.keys != binding.keys
      else {
        continue
      }
      keys[binding.command] = binding.keys
    }
  }

  /// Brings a state to them. The theme is loaded by the program.
  public func apply(to state: inout AppState) {
    if isASCII { state.glyphs = .ascii }
    state.usesMouse = usesMouse
    state.graphStyle = graphStyle
    state.dividers = dividers
    state.keys = keyTable
    if !keys.isEmpty { state.greet() }
  }

  /// The keys with those that are not as they come.
  public var keyTable: KeyTable {
    var table = KeyTable.standard
    // In a fixed order, since a key that two commands want goes to the later one.
    for command in Command.allCases {
      if let own = keys[command] { table.bind(command, to: own) }
    }
    return table
  }
}
