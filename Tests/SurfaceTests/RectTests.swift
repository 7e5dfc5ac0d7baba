import CustomDump
import Surface
import Testing

struct RectTests {
  @Test func splitsCoverTheWhole() {
    let rect = Rect(x: 2, y: 3, width: 10, height: 6)
    for amount in -1...12 {
      let (left, rest) = rect.split(left: amount)
      #expect(left.width + rest.width == 10 && left.maxX == rest.x && rest.maxX == rect.maxX)
      #expect(left.width == min(10, max(0, amount)))
      let (before, right) = rect.split(right: amount)
      #expect(
        before.width + right.width == 10 && right.width == min(10, max(0, amount)) && right.maxX == rect.maxX)
      let (top, below) = rect.split(top: amount)
      #expect(top.height + below.height == 6 && top.maxY == below.y && below.maxY == rect.maxY)
      let (above, bottom) = rect.split(bottom: amount)
      #expect(above.height + bottom.height == 6 && bottom.height == min(6, max(0, amount)))
    }
  }

  @Test func weightsGiveEveryColumnAway() {
    let rect = Rect(x: 1, y: 0, width: 11, height: 7)
    expectNoDifference(rect.columns(weights: [1, 2, 1]).map(\.width), [3, 6, 2])
    expectNoDifference(rect.columns(weights: [1, 2, 1]).map(\.x), [1, 4, 10])
    expectNoDifference(rect.rows(weights: [1, 0, 1]).map(\.height), [4, 0, 3])
    expectNoDifference(rect.rows(weights: [0, 0]).map(\.height), [0, 0])
    expectNoDifference(rect.rows(weights: []).map(\.height), [])
  }

  @Test func insetsAndMiddles() {
    let rect = Rect(x: 2, y: 3, width: 10, height: 6)
    #expect(rect.inset(1) == Rect(x: 3, y: 4, width: 8, height: 4))
    #expect(rect.inset(9).isEmpty)
    #expect(rect.centered(Size(width: 4, height: 2)) == Rect(x: 5, y: 5, width: 4, height: 2))
    #expect(rect.centered(Size(width: 40, height: 20)) == rect)
    #expect(rect.intersection(Rect(x: 0, y: 0, width: 3, height: 4)) == Rect(x: 2, y: 3, width: 1, height: 1))
    #expect(rect.intersection(Rect(x: 50, y: 0, width: 3, height: 4)).isEmpty)
    #expect(rect.contains(Point(x: 11, y: 8)) && !rect.contains(Point(x: 12, y: 8)))
  }
}
