import Foundation
import Surface
import Testing

/// Meanings that must not be confused stay apart for eyes with colour-vision deficiencies, by colour or by emphasis.
///
/// The simulation is that of Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency"
/// (IEEE TVCG, 2009), at full severity, on linear light.
@Suite struct ColorVisionTests {
  private static let simulations: [(name: String, matrix: [Double])] = [
    (
      "protan", [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998]
    ),
    ("deutan", [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881]),
    (
      "tritan", [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900]
    ),
  ]

  private static let pairs: [(Role, Role)] = [
    (.ok, .error), (.ok, .warning), (.lockHeld, .lockShared), (.lockTaken, .lockReleased),
    (.lockHeld, .lockWaited),
    (.countUp, .countDown), (.threadRunning, .threadBlocked), (.edgePointer, .edgeCounted), (.space, .access),
    (.finding, .ok),
  ]

  private func linear(_ value: Int) -> Double {
    let part = Double(value) / 255
    return part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4)
  }

  /// A colour as such eyes see it, in CIE L*a*b*.
  private func seen(_ color: Color, _ matrix: [Double]) -> [Double] {
    let rgb = [linear(color.value >> 16 & 255), linear(color.value >> 8 & 255), linear(color.value & 255)]
    let out = (0..<3).map { row in
      max(0, min(1, (0..<3).reduce(0) { $0 + matrix[row * 3 + $1] * rgb[$1] }))
    }
    let xyz = [
      (0.4124 * out[0] + 0.3576 * out[1] + 0.1805 * out[2]) / 0.9505,
      0.2126 * out[0] + 0.7152 * out[1] + 0.0722 * out[2],
      (0.0193 * out[0] + 0.1192 * out[1] + 0.9505 * out[2]) / 1.089,
    ].map { $0 > 0.008856 ? cbrt($0) : 7.787 * $0 + 16 / 116 }
    return [116 * xyz[1] - 16, 500 * (xyz[0] - xyz[1]), 200 * (xyz[1] - xyz[2])]
  }

  private func distance(_ first: [Double], _ second: [Double]) -> Double {
    zip(first, second).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
  }

  @Test(arguments: [("colour-blind", ["protan", "deutan"]), ("tritanopia", ["tritan"])])
  func meaningsStayApart(_ name: String, _ kinds: [String]) throws {
    let root = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let theme = try Theme.load(name) { wanted in
      let path = root.appendingPathComponent("themes/\(wanted).toml")
      guard let text = try? String(contentsOf: path, encoding: .utf8) else { return nil }
      return ThemeFile(path: path.path, text: text)
    }
    for (first, second) in Self.pairs {
      let one = theme.style(of: first)
      let other = theme.style(of: second)
      guard one.emphasis == other.emphasis else { continue }
      let colors = try (#require(one.foreground), #require(other.foreground))
      for simulation in Self.simulations where kinds.contains(simulation.name) {
        let apart = distance(seen(colors.0, simulation.matrix), seen(colors.1, simulation.matrix))
        // Some 2 is just noticeable side by side; a reader compares across a screen.
        #expect(apart > 15, "\(first) and \(second) for \(simulation.name): \(apart)")
      }
    }
  }
}
