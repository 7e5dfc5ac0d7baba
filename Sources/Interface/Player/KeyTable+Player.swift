extension KeyTable {
  /// The keys while a recording is replayed: those of asciinema's player where it has one for the same. All other keys do what they always do.
  static let player: [KeyBinding] = [
    row(["space"], .playPause, "play/pause", "plays the recording, and pauses", .replaying, 1),
    row(["."], .playerOn, "step", "one step on", .replaying, 2),
    row([","], .playerBack, "back", "one step back", .replaying, 3),
    row(["right"], .playerForward, "10 on", "ten steps on", .replaying, nil),
    row(["left"], .playerRewind, "10 back", "ten steps back", .replaying, nil),
    row(["shift-right"], .playerFarForward, "a tenth on", "a tenth of the recording on", .replaying, nil),
    row(["shift-left"], .playerFarRewind, "a tenth back", "a tenth of the recording back", .replaying, nil),
    row(
      ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"], .playerTenth, "seek",
      "to that many tenths of the recording", .replaying, 8),
    row(["]"], .nextMarker, "marker", "to the next point with a marker", .replaying, 4),
    row(["["], .previousMarker, "marker back", "to the marker before", .replaying, nil),
    row(["}"], .nextLock, "lock", "to the next step that takes, releases or waits for a lock", .replaying, 5),
    row(["{"], .previousLock, "lock back", "to the step before that did", .replaying, nil),
    row([")"], .nextObjectChange, "object", "to the next step that changes the chosen object", .replaying, 6),
    row(["("], .previousObjectChange, "object back", "to the step before that changed it", .replaying, nil),
    row([">"], .faster, "faster", "plays faster, at last as fast as it goes", .replaying, 7),
    row(["<"], .slower, "slower", "plays slower", .replaying, nil),
    row(["@"], .loop, "loop", "the end is followed by the start, or no more", .replaying, nil),
    row(
      ["!"], .pauseAtMarkers, "pause at markers", "pauses at points with a marker, or no more", .replaying,
      nil),
  ]
}
