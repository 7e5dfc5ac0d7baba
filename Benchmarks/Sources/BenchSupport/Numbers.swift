import Foundation

/// The one in the middle, of two the larger; 0 when there is none.
package func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
}

package func seconds(_ duration: Duration) -> Double {
  Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
}

package func milliseconds(_ duration: Duration) -> Double { seconds(duration) * 1e3 }

/// A number with so many digits behind the point.
package func text(_ value: Double, _ digits: Int = 1) -> String { String(format: "%.\(digits)f", value) }
