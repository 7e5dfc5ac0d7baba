import Basics
import CustomDump
import Surface
import Testing

struct DiffTests {
  static let words = ["a", "日", "xy", "本語", "é", "e\u{301}", " ", "\u{1B}", "日a本", "", "──"]

  static func scribble(on surface: inout Surface, strokes: Int, using generator: inout SplitMix64) {
    for _ in 0..<strokes {
      let x = Int.random(in: -3...surface.width + 1, using: &generator)
      let y = Int.random(in: -1...surface.height, using: &generator)
      let role = Role.allCases.randomElement(using: &generator) ?? .text
      switch Int.random(in: 0..<6, using: &generator) {
      case 0...2:
        surface.write(
          words.randomElement(using: &generator) ?? "", x: x, y: y, role: role,
          maxWidth: Bool.random(using: &generator) ? nil : 3)
      case 3: surface.fill(Rect(x: x, y: y, width: 3, height: 2), role: role)
      case 4: surface.restyle(Rect(x: x, y: y, width: 2, height: 2), emphasis: .bold)
      default: surface.box(Rect(x: x, y: y, width: 5, height: 3), title: "日", role: role)
      }
    }
  }

  @Test func applyingTheDifferenceGivesTheNewSurface() {
    for seed in 0..<400 {
      var generator = SplitMix64(seed: UInt64(seed))
      let size = Size(
        width: Int.random(in: 0...17, using: &generator), height: Int.random(in: 0...5, using: &generator))
      var old = Surface(size: size)
      Self.scribble(on: &old, strokes: Int.random(in: 0..<20, using: &generator), using: &generator)
      var new = Bool.random(using: &generator) ? old : Surface(size: size)
      Self.scribble(on: &new, strokes: Int.random(in: 0..<6, using: &generator), using: &generator)

      let runs = diff(from: old, to: new)
      var patched = old
      patched.apply(runs)
      #expect(patched == new, "seed \(seed)")
      #expect((old == new) == runs.isEmpty, "seed \(seed)")
      var end = Point(x: -2, y: -1)
      for run in runs {
        #expect(
          run.cells.first?.width != 0 && run.cells.count > 0, "seed \(seed): a run begins within a character")
        #expect(
          run.x + run.cells.count == size.width || new[run.x + run.cells.count, run.y].width != 0,
          "seed \(seed)")
        #expect(
          run.y > end.y || (run.y == end.y && run.x > end.x), "seed \(seed): runs touch or are out of order")
        end = Point(x: run.x + run.cells.count, y: run.y)
      }
    }
  }

  @Test func wideCharactersAreAlwaysWhole() {
    for seed in 0..<400 {
      var generator = SplitMix64(seed: UInt64(seed) &* 7919)
      var surface = Surface(size: Size(width: 13, height: 4))
      Self.scribble(on: &surface, strokes: 30, using: &generator)
      for y in 0..<surface.height {
        for x in 0..<surface.width {
          switch surface[x, y].width {
          case 0:
            #expect(x > 0 && surface[x - 1, y].width == 2 && surface[x, y].glyph.isEmpty, "seed \(seed)")
          case 2:
            #expect(x + 1 < surface.width && surface[x + 1, y].width == 0, "seed \(seed)")
            #expect(surface[x, y].style == surface[x + 1, y].style, "seed \(seed)")
          default: #expect(!surface[x, y].glyph.isEmpty, "seed \(seed)")
          }
        }
      }
    }
  }

  @Test func onlyWhatChangedIsSent() {
    var old = Surface(size: Size(width: 20, height: 3))
    old.write("count 7 of 日本", x: 0, y: 1, role: .text)
    var new = old
    new.write("8", x: 6, y: 1, role: .countUp)
    new.write("x", x: 13, y: 1, role: .text)
    let runs = diff(from: old, to: new)
    expectNoDifference(
      runs.map { "\($0.x),\($0.y) \($0.cells.map(\.glyph).joined())" }, ["6,1 8", "13,1 x "])
    #expect(diff(from: nil, to: new).count == 3)
    #expect(diff(from: Surface(size: Size(width: 19, height: 3)), to: new).count == 3)
  }
}
