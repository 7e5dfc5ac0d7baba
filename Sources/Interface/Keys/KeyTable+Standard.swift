import Workbench
extension KeyTable {
  /// The keys of somebody who has no settings.
  public static let standard = KeyTable(common + player)

  private static let common: [KeyBinding] = [
    row(["space", "s"], .step, .stepping, 1),
    row(["v"], .stepOver, .stepping, 3),
    row(["f"], .finish, .stepping, 4),
    row(["L"], .runToLock, .stepping, 5),
    row(["r"], .run, .stepping, 6),
    row(["a"], .turn, .stepping, 12),
    row(["c"], .proceed, .stepping, 13),
    row(["R"], .random, .stepping, nil),
    row(["F"], .stepOtherWay, .stepping, 16),
    row(["p"], .play, "play", "steps in turn by itself; again or any step stops it", .stepping, nil),

    row(["u"], .undo, .time, 2),
    row(["backspace"], .stepBack, .time, nil),
    row(["U", "ctrl-r"], .redo, .time, 9),
    row(["home"], .toStart, .time, nil),
    row(["end"], .toEnd, .time, nil),
    row(["P"], .replay, "replay", "plays what was recorded; again ends that", .time, nil),
    row(["G"], .present, "present", "back to where the session stands that is followed", .time, nil),
    row(["b"], .branches, "branches", "lists the branches; enter goes there", .time, 15),
    row(["m"], .bookmark, .time, nil),
    row(["'"], .bookmarks, "bookmarks", "lists the points with names; enter goes there", .time, nil),
    row(["e"], .nameBranch, .time, nil),
    row(["="], .compare, "compare", "what differs between a named point, or the start, and here", .time, nil),

    row(
      ["o"], .operation, "operation", "picks a system call, fills it in and gives it to the thread",
      .operations, 7),
    row(
      [":"], .commandLine, "type",
      "types a command, an operation, T1 and an operation, or a step", .operations, 17),
    row(
      ["ctrl-p", "f2"], .palette, "commands", "lists all commands; typing narrows the list", .operations, 11),
    row(["t"], .addThread, .operations, 18),

    row(["w"], .why, "why", "why the chosen thread cannot go on, or what comes next", .asking, 14),
    row(["C"], .check, .asking, 19),
    row(["x"], .findings, "findings", "lists what the check found; enter goes there", .asking, nil),
    row(["H"], .history, "history", "all that happened to the chosen object", .asking, nil),
    row(["O"], .lockOrder, "lock order", "who waits for whom, and the order of locks so far", .asking, nil),
    row(
      ["B"], .toggleStop, "stop",
      "runs stop at the line, lock or object that is chosen, or no more", .asking, nil),
    row(["W"], .stops, "stops", "lists stops and what is watched; typing adds one", .asking, nil),

    row(["tab"], .nextThread, "thread", "chooses the next thread", .choosing, 8),
    row(["shift-tab"], .previousThread, "thread back", "chooses the thread before", .choosing, nil),
    row(
      ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"], .chooseThread, "thread N",
      "chooses T0 to T9", .choosing, nil),
    row(["]", "shift-right"], .nextPanel, "panel", "goes to the next panel", .choosing, 10),
    row(["[", "shift-left"], .previousPanel, "panel back", "goes to the panel before", .choosing, nil),
    row(
      ["up", "k"], .up, "up", "one line up; in Threads the thread above, in Objects the object above",
      .choosing, nil),
    row(["down", "j"], .down, "down", "one line down", .choosing, nil),
    row(
      ["left", "h"], .left, "left", "in Source the calling function; elsewhere to the left", .choosing, nil),
    row(
      ["right", "l"], .right, "right", "in Source the called function; elsewhere to the right", .choosing, nil
    ),
    row(["page-up"], .pageUp, "page up", "a page up", .choosing, nil),
    row(["page-down"], .pageDown, "page down", "a page down", .choosing, nil),
    row(
      ["enter"], .open, "open",
      "in Objects its fields and holders, in Log and Time that step; else a step", .choosing, nil),
    row(["/"], .search, "search", "looks for a text in this panel", .choosing, nil),
    row(["n"], .searchNext, "next", "the next place where the text stands", .choosing, nil),
    row(["N"], .searchPrevious, "previous", "the place before where the text stands", .choosing, nil),
    row(["&"], .filter, "filter", "shows only objects whose name or type contains a text", .choosing, nil),
    row(["d"], .dismiss, "dismiss", "puts the signs of freed objects away", .choosing, nil),

    row(["z"], .zoom, "zoom", "gives the whole screen to this panel, and back", .screen, 20),
    row(["g"], .graphStyle, "cards/tree", "draws the objects as cards or as a tree", .screen, 21),
    row(["T"], .theme, "theme", "chooses a theme, shown while choosing", .screen, nil),
    row(["A"], .ascii, "ASCII", "draws with ASCII only, and back", .screen, nil),
    row(["M"], .mouse, "mouse", "leaves the mouse to the terminal, and takes it back", .screen, nil),
    row(["S"], .record, "record", "records to a session file from here on, and stops", .screen, nil),
    row(
      ["K"], .saveSettings, "keep", "keeps theme, drawing, mouse and panels for the next time", .screen, nil),
    row(["i"], .about, "about", "what this scenario and this model are", .screen, nil),
    row(["?", "f1"], .help, "help", "this page; typing narrows it down", .screen, 0),
    row(["esc"], .back, "back", "backs out: of a zoom, of a choice, of a message", .screen, nil),
    row(["ctrl-z"], .suspend, "suspend", "stops the program; fg brings it back", .screen, nil),
    row(["q", "ctrl-c"], .quit, "quit", "ends the program", .screen, 22),

    row(["."], .lessonNext, "next", "reads on, then goes to the next beat", .lesson, nil),
    row([","], .lessonBack, "back", "back in the text, then to the beat before", .lesson, nil),
    row([";"], .lessonAnswer, "answer", "answers the question: digits choose, enter takes", .lesson, nil),
    row(["!"], .lessonHint, "hint", "a hint; after the third the solution, which is not run", .lesson, nil),
    row([">"], .lessonSolution, "solution", "does the next line of the solution that is shown", .lesson, nil),
    row(
      ["<"], .lessonRetry, "retry", "back to where the beat began; what you did stays as a branch", .lesson,
      nil),
    row(
      ["E"], .lessonEdit, "edit", "opens the model to mend in your editor; then the checker decides", .lesson,
      nil),
    row(["`"], .lessonPanel, "small/large", "makes the lesson's text small, and large again", .lesson, nil),

    row(["enter"], .accept, "take", "takes what is chosen", .lists, 1),
    row(["esc"], .close, "close", "closes the list or the form", .lists, 2),
    row(["up"], .listUp, "up", "the line above", .lists, nil),
    row(["down"], .listDown, "down", "the line below", .lists, nil),
    row(["page-up"], .listPageUp, "page up", "a page up", .lists, nil),
    row(["page-down"], .listPageDown, "page down", "a page down", .lists, nil),
    row(["tab"], .nextField, "next field", "the next parameter, or the next line", .lists, 5),
    row(
      ["shift-tab"], .previousField, "field before", "the parameter before, or the line above", .lists, nil),
    row(["ctrl-c"], .quit, "quit", "ends the program", .lists, nil),
  ]

  /// The row of a command of the session, which has its words itself.
  private static func row(
    _ keys: [String], _ command: Command, _ section: KeyBinding.Section, _ rank: Int?
  ) -> KeyBinding {
    guard let own = SessionCommand.named(command.rawValue) else {
      preconditionFailure("\(command.rawValue) is no command of the session")
    }
    return row(keys, command, own.title, own.help, section, rank)
  }

  static func row(
    _ keys: [String], _ command: Command, _ title: String, _ help: String, _ section: KeyBinding.Section,
    _ rank: Int?
  ) -> KeyBinding {
    KeyBinding(
      keys: keys.compactMap { Keystroke(name: $0) }, command: command, title: title, help: help,
      section: section, rank: rank)
  }
}
