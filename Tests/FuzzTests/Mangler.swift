import Basics

/// Spoils texts, the same way for the same seed: what a fuzzer does, without its memory of what was covered.
struct Mangler {
  private var generator: SplitMix64

  init(seed: UInt64) {
    generator = SplitMix64(seed: seed)
  }

  mutating func draw() -> UInt64 { generator.next() }

  mutating func below(_ bound: Int) -> Int { bound <= 0 ? 0 : Int(draw() % UInt64(bound)) }

  /// Pieces that parsers stumble over.
  private static let pieces: [String] = [
    "", " ", "\n", "\t", "{", "}", "(", ")", "[", "]", "\"", "'", "\\", "#", "//", "/*", "=", "==", "->", ":",
    ";", ",", ".",
    "..", "0", "-1", "0x", "0xffffffffffffffffffff", "18446744073709551616", "-9223372036854775809", "1e999",
    "nan", "null",
    "true", "\u{0}", "\u{1B}[31m", "\u{FEFF}", "\u{202E}", "é", "𝄞", "\r\n", "\r", "fn", "model", "revision",
    "of", "if", "loop",
    "let", "return", "scenario", "thread", "[[beat]]", "inherits", "T0", "T99", "lock_acquire:", "access=",
    "\"\"\"", "'''",
    String(repeating: "(", count: 300), String(repeating: "[", count: 300),
    String(repeating: "{", count: 300),
    String(repeating: "x", count: 5_000), String(repeating: "!", count: 300),
    String(repeating: "- ", count: 300),
  ]

  /// A text with some places spoiled.
  mutating func mangled(_ text: String) -> String {
    var bytes = Array(text.utf8)
    for _ in 0...below(4) {
      let place = below(bytes.count + 1)
      switch below(7) {
      case 0:  // A stretch goes.
        let end = min(bytes.count, place + below(40))
        if place < end { bytes.removeSubrange(place..<end) }
      case 1: bytes.insert(contentsOf: Array(Self.pieces[below(Self.pieces.count)].utf8), at: place)
      case 2:  // A stretch stands somewhere else, too.
        let end = min(bytes.count, place + below(200))
        let stretch = Array(bytes[min(place, end)..<end])
        bytes.insert(contentsOf: stretch, at: below(bytes.count + 1))
      case 3: if place < bytes.count { bytes[place] = UInt8(truncatingIfNeeded: draw()) }
      case 4: bytes.removeSubrange(min(place, bytes.count)...)
      case 5:  // Two lines change places.
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(
          Array.init)
        guard lines.count > 2 else { continue }
        lines.swapAt(below(lines.count), below(lines.count))
        bytes = Array(lines.joined(separator: [UInt8(ascii: "\n")]))
      default:  // A word becomes another one of the text.
        let words = text.split { !($0.isLetter || $0.isNumber || $0 == "_") }
        guard words.count > 2 else { continue }
        let word = words[below(words.count)]
        bytes.insert(contentsOf: Array(word.utf8), at: place)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
