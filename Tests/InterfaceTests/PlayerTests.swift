import CustomDump
import Interface
import Machine
import Recording
import Surface
import Testing

/// The replay player: time comes as ticks, everything else as keys.
@Suite struct PlayerTests {
  /// Both threads run to their ends in turn, with pauses and a marker; the replay begins at the start.
  private func recorded() throws -> Pilot {
    var pilot = try Pilot.counter()
    for number in 0..<12 {
      _ = reduce(&pilot.state, .waited(milliseconds: number == 5 ? 60_000 : 100 * (number + 1)))
      try pilot.press("a")
      if number == 7 {
        try pilot.press("m")
        pilot.type("half way")
        try pilot.press("enter")
      }
    }
    try pilot.press("P")
    return pilot
  }

  private func tick(_ pilot: inout Pilot) {
    if let effect = reduce(&pilot.state, .tick) { pilot.effects.append(effect) }
  }

  @Test func ticksGoOnAtTheOperatorsPace() throws {
    var pilot = try recorded()
    try pilot.press("0")
    let start = pilot.state.timeline.depth
    #expect(start == 0)
    #expect(pilot.state.tickMilliseconds == nil)
    try pilot.press("!")
    try pilot.press("space")
    #expect(pilot.state.player?.isPlaying == true)
    var waits: [Int] = []
    while pilot.state.player?.isPlaying == true, waits.count < 100 {
      waits.append(try #require(pilot.state.tickMilliseconds))
      let before = pilot.state.timeline.depth
      tick(&pilot)
      if pilot.state.player?.isPlaying == true { #expect(pilot.state.timeline.depth == before + 1) }
    }
    #expect(pilot.state.timeline.here == pilot.state.player?.end)
    #expect(waits.contains(100) && waits.contains(1_200))
    // A minute of thinking is cut to the idle limit.
    #expect(waits.max() == 2_000)
    #expect(pilot.screen().contains("end of the recording"))
  }

  @Test func markersPauseAndAreFound() throws {
    var pilot = try recorded()
    let marked = try #require(pilot.state.timeline.annotations(of: .marker).first?.point)
    try pilot.press("0 space")
    for _ in 0..<200 where pilot.state.player?.isPlaying == true { tick(&pilot) }
    #expect(pilot.state.timeline.here == marked)
    #expect(pilot.screen().contains("half way"))
    try pilot.press(".")
    #expect(pilot.state.timeline.nodes[pilot.state.timeline.here].parent == marked)
    try pilot.press("[")
    #expect(pilot.state.timeline.here == marked)
    pilot.effects = []
    try pilot.press("[")
    expectNoDifference(pilot.effects, [.bell])
    try pilot.press("0 ]")
    #expect(pilot.state.timeline.here == marked)
  }

  @Test func speedsGoUpToAsFastAsItGoes() throws {
    var pilot = try recorded()
    try pilot.press("! 0 space")
    let slow = try #require(pilot.state.tickMilliseconds)
    try pilot.press(">")
    #expect(pilot.state.player?.speed == 2)
    #expect(try #require(pilot.state.tickMilliseconds) == slow / 2)
    try pilot.press("> > > > > >")
    #expect(pilot.state.player?.speed == .infinity)
    #expect(pilot.screen(160, 48).contains("as fast as it goes"))
    var ticks = 0
    while pilot.state.player?.isPlaying == true, ticks < 1_000 {
      tick(&pilot)
      ticks += 1
    }
    #expect(pilot.state.timeline.here == pilot.state.player?.end)
    pilot.effects = []
    try pilot.press(">")
    expectNoDifference(pilot.effects, [.bell])
    try pilot.press("< < < < < < < < < <")
    #expect(pilot.state.player?.speed == 0.25)
  }

  @Test func theEndIsFollowedByTheStartWhenLooping() throws {
    var pilot = try recorded()
    let end = try #require(pilot.state.player?.end)
    try pilot.press("! 0 space @")
    for _ in 0..<200 where pilot.state.timeline.here != end { tick(&pilot) }
    #expect(pilot.state.timeline.here == end)
    tick(&pilot)
    #expect(pilot.state.timeline.here == 0)
    #expect(pilot.state.player?.isPlaying == true)
  }

  @Test func locksAndObjectsAreJumpedTo() throws {
    var pilot = try recorded()
    try pilot.press("0 }")
    #expect(pilot.state.timeline.record?.touchesLock == true)
    let first = pilot.state.timeline.depth
    try pilot.press("}")
    #expect(pilot.state.timeline.depth > first)
    #expect(pilot.state.timeline.record?.touchesLock == true)
    try pilot.press("{")
    #expect(pilot.state.timeline.depth == first)
    try pilot.press("0 down )")
    let log = pilot.state.log
    let touched = try #require(log[pilot.state.timeline.here]).touches
    #expect(touched.contains { $0.kind != .locked && $0.object != nil })
  }

  @Test func digitsSeekAndArrowsGoFar() throws {
    var pilot = try recorded()
    let end = try #require(pilot.state.player?.end)
    let last = pilot.state.timeline.nodes[end].depth
    try pilot.press("5")
    #expect(pilot.state.timeline.depth == last * 5 / 10)
    try pilot.press("right")
    #expect(pilot.state.timeline.depth == min(last, last * 5 / 10 + 10))
    try pilot.press("0 shift-right")
    #expect(pilot.state.timeline.depth == max(1, last / 10))
    try pilot.press("shift-left")
    #expect(pilot.state.timeline.depth == 0)
    pilot.effects = []
    try pilot.press(",")
    expectNoDifference(pilot.effects, [.bell])
  }

  @Test func aShareOfTheWholeIsTyped() throws {
    var pilot = try recorded()
    let last = pilot.state.timeline.depth
    for (typed, depth) in [("50%", last / 2), ("100%", last), ("0%", 0)] {
      try pilot.press(":")
      pilot.type(typed)
      try pilot.press("enter")
      #expect(pilot.state.timeline.depth == depth)
    }
    try pilot.press(":")
    pilot.type("101%")
    try pilot.press("enter")
    #expect(pilot.screen().contains("0% to 100%"))
  }

  @Test func actingBranchesOffAndPComesBack() throws {
    var pilot = try recorded()
    let end = try #require(pilot.state.player?.end)
    try pilot.press("3")
    let left = pilot.state.timeline.here
    // The other thread than the one that went on then.
    let next = pilot.state.timeline.path(to: end)[pilot.state.timeline.depth + 1]
    let other = 1 - pilot.state.timeline.nodes[next].thread
    while pilot.state.thread != other { try pilot.press("tab") }
    try pilot.press("s")
    #expect(pilot.state.timeline.tip != end)
    #expect(pilot.state.player?.leftAt == left)
    #expect(pilot.screen().contains("branch of your own"))
    try pilot.press("P")
    #expect(pilot.state.timeline.here == left)
    #expect(pilot.state.player?.leftAt == nil)
    // Playing goes on with the recording, not with the branch.
    try pilot.press("! space")
    for _ in 0..<100 where pilot.state.player?.isPlaying == true { tick(&pilot) }
    #expect(pilot.state.timeline.here == end)
    // On the recording P ends the replay, and what a key means is what it always means.
    try pilot.press("P")
    #expect(pilot.state.player == nil)
    #expect(pilot.state.branches.count == 2)
  }

  @Test func theFooterAndTheHelpShowThePlayersKeys() throws {
    var pilot = try recorded()
    #expect(pilot.screen().contains("play/pause"))
    #expect(pilot.screen().contains("replay 1x"))
    try pilot.press("?")
    #expect(pilot.screen(120, 120).contains("Replaying"))
  }

  @Test func aFollowerLooksAroundAndReturns() throws {
    var teacher = try Pilot.counter()
    var pilot = try Pilot.counter()
    pilot.state.follow(teacher.state.timeline)
    try teacher.press("a a a")
    pilot.state.mirror(teacher.state.timeline)
    #expect(pilot.state.timeline.depth == teacher.state.timeline.depth)
    #expect(pilot.screen().contains("live"))
    // Looking elsewhere, the follower stays there while the teacher goes on.
    try pilot.press("u u")
    let there = pilot.state.timeline.depth
    try teacher.press("a a")
    pilot.state.mirror(teacher.state.timeline)
    #expect(pilot.state.timeline.depth == there)
    #expect(pilot.screen().contains("session at step \(teacher.state.timeline.depth)"))
    try pilot.press("G")
    #expect(pilot.state.timeline.depth == teacher.state.timeline.depth)
    // A branch of the follower's own is kept until he returns.
    try pilot.press("u s s")
    let own = pilot.state.timeline.nodes.count
    try teacher.press("a")
    pilot.state.mirror(teacher.state.timeline)
    #expect(pilot.state.timeline.nodes.count >= own)
    try pilot.press("G")
    #expect(pilot.state.timeline.nodes.count == teacher.state.timeline.nodes.count)
    #expect(pilot.state.timeline.here == teacher.state.timeline.here)
  }
}
