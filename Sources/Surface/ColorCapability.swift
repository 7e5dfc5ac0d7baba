/// How many colours a terminal, or a file that it will show, can have.
public enum ColorCapability: String, Hashable, Sendable, CaseIterable, Codable {
  /// Attributes only.
  case none
  /// The sixteen named colours.
  case sixteen = "16"
  /// The fixed palette of 256.
  case palette256 = "256"
  /// 24 bits.
  case trueColor = "truecolor"
}
