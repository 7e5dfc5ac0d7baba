import Recording
import Scene
import Workbench

extension AppState {
  /// Opens a page about the present point.
  mutating func show(_ topic: TextPage.Topic) -> AppEffect? {
    overlay = .page(TextPage(topic))
    return nil
  }

  /// Goes along the way to a finding, as a branch from where the search began.
  mutating func follow(finding number: Int) -> AppEffect? {
    guard let said = session.follow(finding: number) else { return nil }
    settle()
    showFinding()
    message = said
    return nil
  }
}
