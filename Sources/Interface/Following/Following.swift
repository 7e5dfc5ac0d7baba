public import Recording

/// A session that somebody else is recording, and how far it has come.
public struct Following {
  /// All that it holds up to now, standing at its present point.
  public internal(set) var live: Timeline
  /// Whether the screen goes along with it.
  public internal(set) var isAtPresent = true
  /// What has become of the source, in words; nil while it goes on.
  public internal(set) var trouble: String?
}

extension AppState {
  /// Begins to mirror a session.
  public mutating func follow(_ live: Timeline) {
    following = Following(live: live)
    mirror(live)
    message = .note("following; look around as you like, \(keys.name(of: .present)) returns to the present")
  }

  /// Takes what has come of the session that is followed.
  ///
  /// Who looks elsewhere stays there; who has acted is on a branch of his own and keeps it until he returns.
  ///
  /// - Parameters:
  ///   - live: all that the session holds now.
  ///   - isNew: whether it is another session than before, because its writer was started again.
  public mutating func mirror(_ live: Timeline, isNew: Bool = false) {
    guard let following else { return }
    let old = following.live
    self.following?.live = live
    self.following?.trouble = nil
    if isNew {
      player = nil
      self.following?.isAtPresent = true
      message = .note("the session was begun anew")
    }
    if self.following?.isAtPresent == true {
      show(live)
    } else if !isNew, timeline.nodes.count == old.nodes.count {
      // The points have the same numbers, so one can stay where one is.
      var copy = live
      copy.go(to: timeline.here)
      session.show(copy)
    }
  }

  /// Says what has become of the source.
  public mutating func endFollowing(_ trouble: String) {
    following?.trouble = trouble
    message = .note(trouble)
  }

  /// Back to where the session stands that is followed.
  mutating func returnToPresent() -> AppEffect? {
    guard let following else { return nil }
    self.following?.isAtPresent = true
    show(following.live)
    message = .note("with the session again, at step \(timeline.depth)")
    return nil
  }

  /// Notes after a command whether the screen still goes along.
  mutating func noteLookingAround() {
    guard let following, following.isAtPresent else { return }
    if timeline.here != following.live.here || timeline.nodes.count != following.live.nodes.count {
      self.following?.isAtPresent = false
    }
  }
}
