import Machine
import Recording
import Scene

extension AppState {
  /// Begins to replay what is recorded up to the end of the present branch.
  ///
  /// - Parameters:
  ///   - speed: how many times as fast as it was recorded; nil stands still until somebody plays.
  ///   - idleLimit: the longest wait, in milliseconds.
  public mutating func replay(speed: Double? = nil, idleLimit: Int = 2_000) {
    var player = Player(end: timeline.tip, speed: speed ?? 1, idleLimit: idleLimit)
    player.isPlaying = speed != nil
    self.player = player
    let keys =
      "\(keys.name(of: .playPause)) plays, \(keys.name(of: .playerOn)) and \(keys.name(of: .playerBack)) step"
    message = .note("\(scenarioName): \(keys), \(self.keys.name(of: .replay)) ends the replay")
  }

  /// In how many milliseconds a tick is wanted; nil when time changes nothing.
  public var tickMilliseconds: Int? {
    if isPlaying { return Self.stepMilliseconds }
    guard let player, player.isPlaying, overlay == nil else { return nil }
    return max(Player.frameTime, Int((Double(waitForNext(player)) / player.speed).rounded()))
  }

  /// How long a step lasts while threads step in turn by themselves.
  private static let stepMilliseconds = 250

  /// How long the operator waited before the next step of the recording, in milliseconds.
  private func waitForNext(_ player: Player) -> Int {
    let path = timeline.path(to: player.end)
    let next = timeline.depth + 1
    guard path.indices.contains(next) else { return Player.usualWait }
    return min(timeline.pause(before: path[next]) ?? Player.usualWait, player.idleLimit)
  }

  // MARK: Ticks

  /// Goes on with the recording, as many steps as the speed asks for.
  mutating func playRecorded() -> AppEffect? {
    guard var player, player.isPlaying else { return nil }
    let path = timeline.path(to: player.end)
    let start = timeline.depth
    guard path.indices.contains(start), path[start] == timeline.here else {
      self.player?.isPlaying = false
      return nil
    }
    if start == path.count - 1 {
      guard player.loops, path.count > 1 else {
        player.isPlaying = false
        self.player = player
        message = .note("this is the end of the recording")
        return nil
      }
      go(to: path[0])
      arriveInReplay()
      return nil
    }
    var target = start
    if player.speed == .infinity {
      target = min(path.count - 1, start + max(1, path.count / Player.fastestShare))
    } else {
      // At high speeds a screen's time holds several steps.
      var budget = Double(Player.frameTime) * player.speed
      repeat {
        target += 1
        guard target < path.count - 1 else { break }
        budget -= Double(min(timeline.pause(before: path[target]) ?? Player.usualWait, player.idleLimit))
      } while budget > 0
    }
    if player.pausesAtMarkers,
      let marked = firstMarker(path, in: start + 1...target)
    {
      target = marked
      self.player?.isPlaying = false
    }
    go(to: path[target])
    arriveInReplay()
    noteLookingAround()
    if self.player?.isPlaying == false, let marker = marker(at: timeline.here) {
      message = .note("marker '\(marker)'; \(keys.name(of: .playPause)) goes on")
    }
    return nil
  }

  private func marker(at node: Int) -> String? {
    timeline.annotations(at: node).first { $0.kind == .marker }?.text
  }

  private func firstMarker(_ path: TimelinePath, in range: ClosedRange<Int>) -> Int? {
    markerDepths(path).first { range.contains($0) }
  }

  /// The steps of the recording that have a marker, in order.
  private func markerDepths(_ path: TimelinePath) -> [Int] {
    timeline.annotations(of: .marker).compactMap { said in
      let depth = timeline.nodes[said.point].depth
      return path.indices.contains(depth) && path[depth] == said.point ? depth : nil
    }.sorted()
  }

  private mutating func arriveInReplay() {
    refresh()
    if let last = timeline.nodes.indices.contains(timeline.here) && timeline.here != 0
      ? timeline.nodes[timeline.here].thread : nil
    {
      thread = last
    }
  }

  // MARK: Keys

  /// Does a command of the player.
  mutating func performInPlayer(_ command: Command, key: Keystroke?) -> AppEffect? {
    message = nil
    guard let player else { return nil }
    let path = timeline.path(to: player.end)
    // Off the recording every command of the player first leads back to it.
    let here: Int
    if path.indices.contains(timeline.depth), path[timeline.depth] == timeline.here {
      here = timeline.depth
    } else {
      here = timeline.nodes[player.leftAt ?? timeline.fork(of: player.end)].depth
    }
    let last = path.count - 1
    switch command {
    case .playPause:
      if player.isPlaying {
        self.player?.isPlaying = false
        message = .note("paused")
        return nil
      }
      seekInReplay(path, here == last ? 0 : here)
      self.player?.isPlaying = true
      message = .note("playing, \(player.speedText)")
      return nil
    case .playerOn: return pausedSeek(path, here + 1, "this is the end of the recording")
    case .playerBack: return pausedSeek(path, here - 1, "this is the very start")
    case .playerForward: return pausedSeek(path, min(last, here + 10), "this is the end of the recording")
    case .playerRewind: return pausedSeek(path, max(0, here - 10), "this is the very start")
    case .playerFarForward:
      return pausedSeek(path, min(last, here + max(1, last / 10)), "this is the end of the recording")
    case .playerFarRewind: return pausedSeek(path, max(0, here - max(1, last / 10)), "this is the very start")
    case .playerTenth:
      guard case .character(let character)? = key, let tenth = character.wholeNumberValue else { return nil }
      seekInReplay(path, last * tenth / 10)
      return nil
    case .nextMarker:
      return found(path, markerDepths(path).first { $0 > here }, "no marker comes behind this step")
    case .previousMarker:
      return found(path, markerDepths(path).last { $0 < here }, "no marker stands before this step")
    case .nextLock:
      return found(path, find(path, from: here, by: 1, touchesLock), "no lock changes behind this step")
    case .previousLock:
      return found(path, find(path, from: here, by: -1, touchesLock), "no lock changes before this step")
    case .nextObjectChange, .previousObjectChange:
      guard let object = shownObject else {
        return refuse("no object is chosen; the arrows in Objects choose one")
      }
      let by = command == .nextObjectChange ? 1 : -1
      let depth = find(path, from: here, by: by) { node in
        guard timeline.nodes[node].traits.contains(.changesObject) else { return false }
        return log[node]?.touches.contains { $0.object == object && $0.kind != .locked } ?? false
      }
      return found(
        path, depth, "\(name(of: object)) does not change \(by > 0 ? "behind" : "before") this step")
    case .faster, .slower:
      let speeds = Player.speeds
      let next =
        command == .faster ? speeds.first { $0 > player.speed } : speeds.last { $0 < player.speed }
      guard let next else { return refuse("it goes no \(command == .faster ? "faster" : "slower")") }
      self.player?.speed = next
      message = .note("speed: \(self.player?.speedText ?? "")")
      return nil
    case .loop:
      self.player?.loops.toggle()
      message = .note(player.loops ? "it stops at the end" : "the end is followed by the start")
      return nil
    case .pauseAtMarkers:
      self.player?.pausesAtMarkers.toggle()
      message = .note(player.pausesAtMarkers ? "it goes past markers" : "it pauses at markers")
      return nil
    default: return nil
    }
  }

  /// Enters or leaves the replay; from a branch of one's own, back to the recording.
  mutating func toggleReplay() -> AppEffect? {
    guard let player else {
      replay()
      return nil
    }
    let path = timeline.path(to: player.end)
    guard path.indices.contains(timeline.depth), path[timeline.depth] == timeline.here else {
      seekInReplay(path, timeline.nodes[player.leftAt ?? timeline.fork(of: player.end)].depth)
      message = .note("back in the recording at step \(timeline.depth)")
      return nil
    }
    self.player = nil
    message = .note("the replay has ended; \(keys.name(of: .replay)) begins it again")
    return nil
  }

  /// Notes that somebody acted: what comes now is a branch of its own.
  mutating func noteBranchOff(from node: Int) {
    guard var player, timeline.here != node else { return }
    let path = timeline.path(to: player.end)
    let isOn = path.indices.contains(timeline.depth) && path[timeline.depth] == timeline.here
    if isOn {
      player.leftAt = nil
    } else if player.leftAt == nil {
      player.leftAt = node
      if message?.kind != .refusal {
        let branch = "a branch of your own; \(keys.name(of: .replay)) goes back to the recording"
        message = .note(branch + (message.map { "; \($0.text)" } ?? ""))
      }
    }
    player.isPlaying = false
    self.player = player
  }

  private func touchesLock(_ node: Int) -> Bool {
    !timeline.nodes[node].traits.isDisjoint(with: .anyLock)
  }

  /// How many steps a search that has to replay them looks at.
  private static let searchReach = 200_000

  private func find(_ path: TimelinePath, from depth: Int, by distance: Int, _ isIt: (Int) -> Bool) -> Int? {
    var next = depth + distance
    var count = 0
    while path.indices.contains(next), next > 0, count < Self.searchReach {
      if isIt(path[next]) { return next }
      next += distance
      count += 1
    }
    return nil
  }

  private mutating func found(_ path: TimelinePath, _ depth: Int?, _ reason: String) -> AppEffect? {
    player?.isPlaying = false
    guard let depth else { return refuse(reason) }
    seekInReplay(path, depth)
    if let marker = marker(at: timeline.here) { message = .note("marker '\(marker)'") }
    return nil
  }

  private mutating func pausedSeek(_ path: TimelinePath, _ depth: Int, _ reason: String) -> AppEffect? {
    player?.isPlaying = false
    guard path.indices.contains(depth), depth != timeline.depth || path[depth] != timeline.here else {
      return refuse(reason)
    }
    seekInReplay(path, depth)
    return nil
  }

  private mutating func seekInReplay(_ path: TimelinePath, _ depth: Int) {
    player?.leftAt = nil
    guard path[depth] != timeline.here else { return }
    go(to: path[depth])
    arriveInReplay()
  }
}
