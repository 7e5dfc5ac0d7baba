/// What a key, the palette or a typed line can ask for.
public enum Command: String, Hashable, Sendable, CaseIterable {
  // Stepping
  /// The chosen thread takes its next step.
  case step
  /// The chosen thread takes its next step the other way: the allocation fails.
  case stepOtherWay = "step-other-way"
  /// The chosen thread steps until the call that it comes to has returned.
  case stepOver = "step-over"
  /// The chosen thread steps until its function has returned.
  case finish = "finish"
  /// The chosen thread steps until a lock changes.
  case runToLock = "run-to-lock"
  /// The chosen thread steps until it is blocked or its operation ends.
  case run
  /// The next thread that can go takes a step.
  case turn
  /// Threads step in turn until a stop is reached, something is found, or nobody can go.
  case proceed = "continue"
  /// Some steps of threads that are drawn by lot.
  case random
  /// A step in turn at every tick of the clock, until somebody stops it.
  case play

  // Time
  /// Back to before the last command.
  case undo
  /// One step back.
  case stepBack = "step-back"
  /// Forward again.
  case redo
  /// To the very start.
  case toStart = "to-start"
  /// To the end of what was recorded.
  case toEnd = "to-end"
  /// Choose among the branches.
  case branches
  /// Names this point.
  case bookmark
  /// Names the branch.
  case nameBranch = "name-branch"
  /// Goes to a point that has a name.
  case bookmarks
  /// What differs between a point that has a name and this one.
  case compare

  // Operations
  /// Choose an operation and start it.
  case operation
  /// Type a line.
  case commandLine = "command-line"
  /// Choose a command by name.
  case palette
  /// One more thread.
  case addThread = "add-thread"

  // Asking
  /// Why the chosen thread cannot go on, or what it comes to.
  case why
  /// All that happened to the chosen object.
  case history
  /// Who waits for whom, and the order in which locks were taken.
  case lockOrder = "lock-order"
  /// Searches every interleaving from here.
  case check
  /// The next finding of the last check, as a branch.
  case findings
  /// A stop at the line, lock, count or field that is chosen, or its removal.
  case toggleStop = "toggle-stop"
  /// The stops and watches.
  case stops

  // Choosing
  /// The thread of that number.
  case chooseThread = "choose-thread"
  /// The next thread.
  case nextThread = "next-thread"
  /// The thread before.
  case previousThread = "previous-thread"
  /// The next panel.
  case nextPanel = "next-panel"
  /// The panel before.
  case previousPanel = "previous-panel"
  /// One line up in the panel.
  case up
  /// One line down in the panel.
  case down
  /// To the left in the panel.
  case left
  /// To the right in the panel.
  case right
  /// A page up.
  case pageUp = "page-up"
  /// A page down.
  case pageDown = "page-down"
  /// Opens what is chosen.
  case open
  /// Looks for a text in the panel.
  case search
  /// The next place where the text stands.
  case searchNext = "search-next"
  /// The place before.
  case searchPrevious = "search-previous"
  /// Shows only objects whose name or type contains a text.
  case filter
  /// Puts the signs of freed objects away.
  case dismiss

  // The screen
  /// One panel alone on the screen, and back.
  case zoom
  /// Objects as cards or as a tree.
  case graphStyle = "graph-style"
  /// Chooses a theme.
  case theme
  /// Between Unicode and ASCII.
  case ascii
  /// Gives the mouse to the terminal, and takes it back.
  case mouse
  /// Begins or ends recording.
  case record
  /// Keeps theme, keys and the like for the next time.
  case saveSettings = "save-settings"
  /// What the scenario is about.
  case about
  /// The keys.
  case help
  /// Back out.
  case back
  /// Stop the process, as ctrl-z does.
  case suspend
  /// End.
  case quit

  // Replaying and following
  /// Begins to replay what was recorded, or ends that.
  case replay
  /// Back to the present of the session that is followed.
  case present
  /// Plays the recording, or pauses.
  case playPause = "play-pause"
  /// One step on.
  case playerOn = "player-step"
  /// One step back.
  case playerBack = "player-back"
  /// Ten steps on.
  case playerForward = "player-forward"
  /// Ten steps back.
  case playerRewind = "player-rewind"
  /// A tenth of the recording on.
  case playerFarForward = "player-far-forward"
  /// A tenth of the recording back.
  case playerFarRewind = "player-far-rewind"
  /// To so many tenths of the recording.
  case playerTenth = "player-seek"
  /// To the next marker.
  case nextMarker = "next-marker"
  /// To the marker before.
  case previousMarker = "previous-marker"
  /// To the next step that has to do with a lock.
  case nextLock = "next-lock"
  /// To the one before.
  case previousLock = "previous-lock"
  /// To the next step that changes the chosen object.
  case nextObjectChange = "next-change"
  /// To the one before.
  case previousObjectChange = "previous-change"
  /// Plays faster.
  case faster
  /// Plays slower.
  case slower
  /// The end is followed by the start.
  case loop
  /// Pauses at markers.
  case pauseAtMarkers = "pause-at-markers"

  // In a lesson
  /// The next beat of the lesson.
  case lessonNext = "lesson-next"
  /// The beat before.
  case lessonBack = "lesson-back"
  /// Answers the beat's question.
  case lessonAnswer = "lesson-answer"
  /// One more hint, and after the last one the solution.
  case lessonHint = "lesson-hint"
  /// Does the next line of the solution.
  case lessonSolution = "lesson-solution"
  /// Back to where the beat began.
  case lessonRetry = "lesson-retry"
  /// Opens the model that is to be mended, and lets the checker decide.
  case lessonEdit = "lesson-edit"
  /// Makes the lesson's part of the screen small, and large again.
  case lessonPanel = "lesson-panel"

  // In a list or a form
  /// The line above.
  case listUp = "list-up"
  /// The line below.
  case listDown = "list-down"
  /// A page up.
  case listPageUp = "list-page-up"
  /// A page down.
  case listPageDown = "list-page-down"
  /// The next field of a form.
  case nextField = "next-field"
  /// The field before.
  case previousField = "previous-field"
  /// Takes what is chosen.
  case accept
  /// Closes the list or the form.
  case close

  /// Whether it is for lessons.
  var isForLessons: Bool {
    switch self {
    case .lessonNext, .lessonBack, .lessonAnswer, .lessonHint, .lessonSolution, .lessonRetry, .lessonEdit,
      .lessonPanel:
      true
    default: false
    }
  }
}
