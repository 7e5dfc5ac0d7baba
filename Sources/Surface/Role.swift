/// What a piece of a picture means. Drawing code names roles, and a `Theme` maps each role to a look when the
/// surface is drawn, so that one scene serves every theme. The raw value is the key under `[styles]` in a theme file.
public enum Role: String, Hashable, Sendable, CaseIterable, Codable {
  // MARK: The page

  /// What lies behind everything.
  case background
  /// Ordinary text.
  case text
  /// Text that steps back: what is known, unchanged or far away.
  case dim
  /// The name of a pane or page.
  case title
  /// The frame of a pane.
  case border
  /// The frame of the pane that takes the keys.
  case borderFocused = "border-focused"
  /// The line or object that the user has chosen; mostly used as a background.
  case selection
  /// The first line of a page or a verdict.
  case headline
  /// A remark beside the matter.
  case note
  /// A link, or a word that can be followed.
  case link
  /// The bar at the foot or head of the screen.
  case statusBar = "status-bar"
  /// The name of a key.
  case key
  /// What a key does.
  case keyHint = "key-hint"
  /// Text that the user is typing.
  case input
  /// The part of a line that a search matched.
  case match

  // MARK: Verdicts

  /// Holds, passes, is right.
  case ok
  /// Deserves a look.
  case warning
  /// Is broken.
  case error
  /// A violation that the search found.
  case finding

  // MARK: Objects

  // What an object is to its model: the model says which with `role`.

  /// What all others belong to.
  case context
  /// A space that ranges lie in.
  case space
  /// Somebody's way into a space.
  case access
  /// A range of a space.
  case area
  /// The memory behind a range.
  case pages
  /// A use of memory that keeps it where it is.
  case pin
  /// A driver.
  case driver
  /// An open file.
  case file
  /// An object that has just changed.
  case changed
  /// Freed memory, and what still points there.
  case freed

  // MARK: Threads

  /// A thread, its state aside.
  case thread
  /// A thread that waits for another.
  case threadBlocked = "thread-blocked"
  /// The thread whose step this is.
  case threadRunning = "thread-running"
  /// A thread that has returned.
  case threadDone = "thread-done"

  // MARK: Locks

  /// A lock that is held.
  case lockHeld = "lock-held"
  /// A lock that a thread waits for.
  case lockWaited = "lock-waited"
  /// A lock taken in this step.
  case lockTaken = "lock-taken"
  /// A lock released in this step.
  case lockReleased = "lock-released"
  /// A lock held for reading.
  case lockShared = "lock-shared"

  // MARK: Reference counts

  /// A count.
  case count
  /// A count that this step raised.
  case countUp = "count-up"
  /// A count that this step lowered.
  case countDown = "count-down"

  // MARK: Edges

  /// A plain pointer.
  case edgePointer = "edge-pointer"
  /// A pointer that holds a reference.
  case edgeCounted = "edge-counted"
  /// Membership of a list, tree or xarray.
  case edgeList = "edge-list"
  /// A pin from an access to pages.
  case edgePin = "edge-pin"

  // MARK: Source

  /// The line that runs next; mostly used as a background.
  case sourceCurrent = "source-current"
  /// A keyword of the step language.
  case sourceKeyword = "source-keyword"
  /// The name of a function, type, field or lock.
  case sourceName = "source-name"
  /// A number or an errno.
  case sourceNumber = "source-number"
  /// A quoted text.
  case sourceString = "source-string"
  /// A comment.
  case sourceComment = "source-comment"

  // MARK: Time

  /// A step on the timeline.
  case timelineMark = "timeline-mark"
  /// The step that is shown.
  case timelineHere = "timeline-here"
  /// A branch of the timeline.
  case branch
}
