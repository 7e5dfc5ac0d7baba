/// A colour of 24 bits.
public struct Color: Hashable, Sendable {
  /// 0 to 255.
  public var red, green, blue: UInt8

  /// A colour from its parts, each 0 to 255.
  public init(red: UInt8, green: UInt8, blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// A colour written as `#rrggbb` or `#rgb`; `nil` when the text is neither.
  public init?(hex: String) {
    guard hex.first == "#" else { return nil }
    let digits = hex.dropFirst().map(\.hexDigitValue)
    guard hex.utf8.count == digits.count + 1 else { return nil }
    let values = digits.compactMap { $0 }
    guard values.count == digits.count else { return nil }
    switch values.count {
    case 3:
      self.init(red: UInt8(values[0] * 17), green: UInt8(values[1] * 17), blue: UInt8(values[2] * 17))
    case 6:
      self.init(
        red: UInt8(values[0] * 16 + values[1]), green: UInt8(values[2] * 16 + values[3]),
        blue: UInt8(values[4] * 16 + values[5]))
    default:
      return nil
    }
  }

  /// As `#rrggbb`.
  public var hex: String {
    "#" + [red, green, blue].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// As 0xRRGGBB.
  public var value: Int { Int(red) << 16 | Int(green) << 8 | Int(blue) }

  /// Brightness from 0 (black) to 255 (white), weighted as the eye weighs (ITU-R BT.601).
  public var luma: Int { (299 * Int(red) + 587 * Int(green) + 114 * Int(blue)) / 1000 }

  /// The nearest of the 240 fixed colours of a terminal with 256: 16 to 255.
  public var nearestOf256: Int {
    let levels = [0, 95, 135, 175, 215, 255]
    func nearest(_ part: UInt8) -> Int {
      levels.indices.min { abs(levels[$0] - Int(part)) < abs(levels[$1] - Int(part)) } ?? 0
    }
    let (r, g, b) = (nearest(red), nearest(green), nearest(blue))
    let cube = distance(levels[r], levels[g], levels[b])
    // The grey ramp: 24 steps of 10 from 8.
    let mean = (Int(red) + Int(green) + Int(blue)) / 3
    let step = min(23, max(0, (mean - 3) / 10))
    let level = 8 + 10 * step
    return distance(level, level, level) < cube ? 232 + step : 16 + 36 * r + 6 * g + b
  }

  /// The one of the 16 colours that every colour terminal names which says the same: 0 to 15.
  ///
  /// Terminals show these as they like, so hue decides, not distance: a soft red is still red, never grey.
  public var nearestOf16: Int {
    let (r, g, b) = (Int(red), Int(green), Int(blue))
    let most = max(r, g, b)
    let chroma = most - min(r, g, b)
    if chroma < 32 || chroma * 4 < most {
      switch luma {
      case ..<64: return 0
      case ..<178: return 8
      case ..<242: return 7
      default: return 15
      }
    }
    // Orange, from 15 to 45 degrees, is what the named colours call brown or dark yellow.
    if r == most, g > b, (g - b) * 4 >= chroma, (g - b) * 4 < chroma * 3 { return 3 }
    // Violet, from 255 degrees, would else be blue.
    if b == most, r > g, (r - g) * 4 >= chroma { return most > 190 ? 13 : 5 }
    let middle = most - chroma / 2
    let hue = (r >= middle ? 1 : 0) + (g >= middle ? 2 : 0) + (b >= middle ? 4 : 0)
    return most > 190 ? 8 + hue : hue
  }

  /// Squared distance with the mean of the reds as weight, which is nearer to the eye than plain RGB ("redmean").
  private func distance(_ r: Int, _ g: Int, _ b: Int) -> Int {
    let mean = (Int(red) + r) / 2
    let (dr, dg, db) = (Int(red) - r, Int(green) - g, Int(blue) - b)
    return ((512 + mean) * dr * dr) / 256 + 4 * dg * dg + ((767 - mean) * db * db) / 256
  }
}
