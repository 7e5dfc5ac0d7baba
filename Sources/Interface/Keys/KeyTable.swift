/// All keys: what dispatch, the footer and the help page are made from.
public enum KeyTable {
  /// The rows, in the order of the help page.
  public static let bindings: [KeyBinding] = [
    row(["space", "s"], .step, "step", "the chosen thread takes its next step", .stepping, 1),
    row(["n"], .stepOver, "over", "steps until the call on this line has returned", .stepping, 3),
    row(["f"], .finish, "return", "steps until this function has returned", .stepping, 4),
    row(["l"], .runToLock, "to lock", "steps until a lock is taken, released or waited for", .stepping, 5),
    row(["r"], .run, "run", "steps until the thread is blocked or its operation ends", .stepping, 6),
    row(
      ["F"], .stepOtherWay, "fail", "steps the other way: the allocation on this line fails", .stepping, 14),
    row(["a"], .turn, "in turn", "the next thread that can go takes a step and is chosen", .stepping, 12),
    row(["p"], .play, "play", "steps in turn by itself; again or any step stops it", .stepping, nil),

    row(["u", "backspace"], .undo, "undo", "one step back; nothing is lost", .time, 2),
    row(["U", "ctrl-r"], .redo, "redo", "one step forward again, on the branch seen last", .time, 9),
    row(["home"], .toStart, "start", "to the very start, before the set-up", .time, nil),
    row(["end"], .toEnd, "end", "to the end of this branch", .time, nil),
    row(["b"], .branches, "branches", "lists the branches; enter goes there", .time, 13),

    row(
      ["o"], .operation, "operation", "picks a system call, fills it in and gives it to the thread",
      .operations, 7),
    row(
      [":"], .commandLine, "type", "types a line: an operation, T1 and an operation, or a step's number",
      .operations, 15),
    row(["t"], .addThread, "new thread", "adds a thread without operations", .operations, 16),

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
    row(["left"], .left, "left", "in Source the calling function; elsewhere to the left", .choosing, nil),
    row(["right"], .right, "right", "in Source the called function; elsewhere to the right", .choosing, nil),
    row(["page-up"], .pageUp, "page up", "a page up", .choosing, nil),
    row(["page-down"], .pageDown, "page down", "a page down", .choosing, nil),
    row(
      ["enter"], .open, "open",
      "in Objects its fields and holders, in Log and Time that step; else a step", .choosing, nil),

    row(["z"], .zoom, "zoom", "gives the whole screen to this panel, and back", .screen, 11),
    row(["g"], .graphStyle, "cards/tree", "draws the objects as cards or as a tree", .screen, 17),
    row(["T"], .theme, "theme", "the next theme", .screen, nil),
    row(["A"], .ascii, "ASCII", "draws with ASCII only, and back", .screen, nil),
    row(["i"], .about, "about", "what this scenario and this model are", .screen, nil),
    row(["?", "f1"], .help, "help", "this page; typing narrows it down", .screen, 0),
    row(["esc"], .back, "back", "backs out: of a zoom, of a choice, of a message", .screen, nil),
    row(["ctrl-z"], .suspend, "suspend", "stops the program; fg brings it back", .screen, nil),
    row(["q", "ctrl-c"], .quit, "quit", "ends the program", .screen, 18),

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

  /// What a key asks for; nil when nothing.
  public static func command(for key: Keystroke, in context: KeyBinding.Context) -> Command? {
    bindings.first { $0.context == context && $0.keys.contains(key) }?.command
  }

  /// The rows that a footer shows, the most useful first.
  public static func hints(in context: KeyBinding.Context) -> [KeyBinding] {
    bindings.filter { $0.context == context && $0.rank != nil }.sorted { ($0.rank ?? 0) < ($1.rank ?? 0) }
  }

  private static func row(
    _ keys: [String], _ command: Command, _ title: String, _ help: String, _ section: KeyBinding.Section,
    _ rank: Int?
  ) -> KeyBinding {
    KeyBinding(
      keys: keys.compactMap { Keystroke(name: $0) }, command: command, title: title, help: help,
      section: section, rank: rank)
  }
}
