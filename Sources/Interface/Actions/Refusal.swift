import Machine
import Recording
import Scene
import Workbench

extension AppState {
  /// Why a command cannot be done now; nil when it can. The palette shows it beside the command, a key tells it as a message.
  func refusal(of command: Command) -> String? {
    if command.isForLessons {
      return isInLesson ? nil : "there is no lesson here; 'ioascope lesson' lists them"
    }
    if let own = SessionCommand.named(command.rawValue) { return own.disabledReason(in: session) }
    switch command {
    case .why: return moment.threads.indices.contains(thread) ? nil : session.noThread
    // What plays can always be stopped.
    case .play: return isPlaying ? nil : session.whyNobodySteps
    case .replay:
      return timeline.nodes.count > 1 ? nil : "nothing was done yet that could be played"
    case .present:
      return following == nil ? "no session is followed; 'ioascope follow' does that" : nil
    case .branches:
      return branches.count > 1 ? nil : "there is one branch; acting after an undo makes another"
    case .bookmarks:
      return bookmarks.isEmpty ? "no point has a name yet; \(keys.name(of: .bookmark)) gives one" : nil
    case .compare: return timeline.here == 0 ? "this is the very start" : nil
    case .nextThread, .previousThread:
      return moment.threads.count > 1
        ? nil : "there is one thread; \(keys.name(of: .addThread)) adds one"
    case .history:
      return shownObject == nil ? "no object is chosen; the arrows in Objects choose one" : nil
    case .findings: return session.whyNoFindings
    case .searchNext, .searchPrevious:
      return sought.isEmpty ? "nothing was looked for yet; \(keys.name(of: .search)) begins" : nil
    case .dismiss: return freed.isEmpty ? "no sign of a freed object is shown" : nil
    case .theme: return themeNames.isEmpty ? "there is no other theme" : nil
    default: return nil
    }
  }
}
