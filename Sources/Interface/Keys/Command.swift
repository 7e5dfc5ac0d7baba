/// What a key can ask for.
public enum Command: Hashable, Sendable, CaseIterable {
  // Stepping
  /// The chosen thread takes its next step.
  case step
  /// The chosen thread takes its next step the other way: the allocation fails.
  case stepOtherWay
  /// The chosen thread steps until the call that it comes to has returned.
  case stepOver
  /// The chosen thread steps until its function has returned.
  case finish
  /// The chosen thread steps until a lock changes.
  case runToLock
  /// The chosen thread steps until it is blocked or its operation ends.
  case run
  /// The next thread that can go takes a step.
  case turn
  /// A step in turn at every tick of the clock, until somebody stops it.
  case play

  // Time
  /// One step back.
  case undo
  /// One step forward again.
  case redo
  /// To the very start.
  case toStart
  /// To the end of what was recorded.
  case toEnd
  /// Choose among the branches.
  case branches

  // Operations
  /// Choose an operation and start it.
  case operation
  /// Type a line.
  case commandLine
  /// One more thread.
  case addThread

  // Choosing
  /// The thread of that number.
  case chooseThread
  /// The next thread.
  case nextThread
  /// The thread before.
  case previousThread
  /// The next panel.
  case nextPanel
  /// The panel before.
  case previousPanel
  /// One line up in the panel.
  case up
  /// One line down in the panel.
  case down
  /// To the left in the panel.
  case left
  /// To the right in the panel.
  case right
  /// A page up.
  case pageUp
  /// A page down.
  case pageDown
  /// Opens what is chosen.
  case open

  // The screen
  /// One panel alone on the screen, and back.
  case zoom
  /// Objects as cards or as a tree.
  case graphStyle
  /// The next theme.
  case theme
  /// Between Unicode and ASCII.
  case ascii
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

  // In a list or a form
  /// The line above.
  case listUp
  /// The line below.
  case listDown
  /// A page up.
  case listPageUp
  /// A page down.
  case listPageDown
  /// The next field of a form.
  case nextField
  /// The field before.
  case previousField
  /// Takes what is chosen.
  case accept
  /// Closes the list or the form.
  case close
}
