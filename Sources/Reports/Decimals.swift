/// Decimal fractions without a locale.
enum Decimals {
  /// A number that is not negative, rounded to so many digits behind the point.
  static func text(_ number: Double, _ digits: Int) -> String {
    var scale = 1
    for _ in 0..<digits { scale *= 10 }
    let value = Int((max(0, min(number, 1e12)) * Double(scale)).rounded())
    let fraction = String(value % scale)
    return "\(value / scale).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
  }
}
