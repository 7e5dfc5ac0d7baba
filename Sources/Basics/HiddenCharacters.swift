extension Unicode.Scalar {
  /// Whether a terminal would act on it instead of showing it: control characters, and those that turn the direction of text around (Unicode
  /// Standard Annex 9, explicit formatting).
  package var isHidden: Bool {
    properties.generalCategory == .control || (0x202A...0x202E).contains(value)
      || (0x2066...0x2069).contains(value)
  }
}
