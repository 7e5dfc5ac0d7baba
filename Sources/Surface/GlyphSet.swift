/// The marks and lines that drawing code may use. Each is one column wide in every terminal and none is an emoji.
public enum GlyphSet: String, Hashable, Sendable, CaseIterable, Codable {
  /// Box drawing, arrows and geometric shapes.
  case unicode
  /// ASCII only, for a locale or a terminal without UTF-8.
  case ascii

  /// The line character with these arms; a blank without arms.
  public func line(_ arms: LineArms) -> String {
    switch self {
    case .unicode: arms.unicode
    case .ascii: arms.ascii
    }
  }

  private func pick(_ unicode: String, _ ascii: String) -> String {
    self == .unicode ? unicode : ascii
  }

  /// A horizontal stroke.
  public var horizontal: String { pick("─", "-") }
  /// A vertical stroke.
  public var vertical: String { pick("│", "|") }
  /// A horizontal stroke that stands back, for a pointer without a reference.
  public var horizontalDashed: String { pick("╌", ".") }
  /// A vertical stroke that stands back.
  public var verticalDashed: String { pick("╎", ":") }
  /// A heavy horizontal stroke, for a pin.
  public var horizontalHeavy: String { pick("━", "=") }
  /// A heavy vertical stroke.
  public var verticalHeavy: String { pick("┃", "#") }

  /// Points right.
  public var arrowRight: String { pick("→", ">") }
  /// Points left.
  public var arrowLeft: String { pick("←", "<") }
  /// Points up.
  public var arrowUp: String { pick("↑", "^") }
  /// Points down.
  public var arrowDown: String { pick("↓", "v") }
  /// The head of an edge that goes right.
  public var headRight: String { pick("►", ">") }
  /// The head of an edge that goes left.
  public var headLeft: String { pick("◄", "<") }
  /// The head of an edge that goes up.
  public var headUp: String { pick("▲", "^") }
  /// The head of an edge that goes down.
  public var headDown: String { pick("▼", "v") }

  /// An item of a list.
  public var bullet: String { pick("•", "*") }
  /// Between things in a line.
  public var separator: String { pick("·", "-") }
  /// Text goes on that is not shown.
  public var ellipsis: String { pick("…", "~") }
  /// Right, done, holds.
  public var check: String { pick("✓", "+") }
  /// Wrong, failed.
  public var cross: String { pick("✗", "x") }
  /// Look here.
  public var warning: String { "!" }
  /// The chosen line, the step that runs.
  public var here: String { pick("►", ">") }
  /// A lock held alone.
  public var lockHeld: String { pick("■", "#") }
  /// A lock held together with other readers.
  public var lockShared: String { pick("▣", "%") }
  /// A lock that someone waits for.
  public var lockWaited: String { pick("□", "o") }
  /// A lock that comes from another thread's hands.
  public var lockHandedOver: String { pick("◧", "&") }
  /// A place at which a run stops.
  public var stop: String { pick("◈", "S") }
  /// A thread that runs.
  public var running: String { pick("●", "@") }
  /// A thread that is blocked.
  public var blocked: String { pick("○", "o") }
  /// A thread that has returned.
  public var done: String { pick("◌", ".") }
  /// A pin.
  public var pin: String { pick("◆", "^") }
  /// One reference.
  public var reference: String { pick("▮", "*") }
  /// Freed.
  public var freed: String { pick("†", "X") }
  /// A step on the timeline.
  public var step: String { pick("•", ".") }
  /// The step that is shown.
  public var stepHere: String { pick("◉", "@") }
  /// A tree that can be opened.
  public var closed: String { pick("▸", "+") }
  /// A tree that is open.
  public var open: String { pick("▾", "-") }
  /// A filled part of a bar.
  public var barFull: String { pick("█", "#") }
  /// A part of a bar that is not filled.
  public var barEmpty: String { pick("░", ".") }
  /// The mark of a place in a scroll bar.
  public var scrollThumb: String { pick("┃", "#") }

  /// Every mark by its name, for tests and for a page that shows them.
  public var marks: [(name: String, glyph: String)] {
    [
      ("horizontal", horizontal), ("vertical", vertical), ("horizontal-dashed", horizontalDashed),
      ("vertical-dashed", verticalDashed), ("horizontal-heavy", horizontalHeavy),
      ("vertical-heavy", verticalHeavy), ("arrow-right", arrowRight), ("arrow-left", arrowLeft),
      ("arrow-up", arrowUp), ("arrow-down", arrowDown), ("head-right", headRight), ("head-left", headLeft),
      ("head-up", headUp), ("head-down", headDown), ("bullet", bullet), ("separator", separator),
      ("ellipsis", ellipsis), ("check", check), ("cross", cross), ("warning", warning), ("here", here),
      ("lock-held", lockHeld), ("lock-shared", lockShared), ("lock-waited", lockWaited),
      ("lock-handed-over", lockHandedOver), ("stop", stop),
      ("running", running),
      ("blocked", blocked), ("done", done), ("pin", pin), ("reference", reference), ("freed", freed),
      ("step", step), ("step-here", stepHere), ("closed", closed), ("open", open), ("bar-full", barFull),
      ("bar-empty", barEmpty), ("scroll-thumb", scrollThumb),
    ]
  }
}
