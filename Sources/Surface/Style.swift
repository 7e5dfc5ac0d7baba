/// How a cell looks: what a theme makes of a `CellStyle`.
public struct Style: Hashable, Sendable {
  /// The colour of the text; `nil` is the terminal's own.
  public var foreground: Color?
  /// The colour behind it; `nil` is the terminal's own.
  public var background: Color?
  /// Bold, underline, reverse, italic.
  public var emphasis: Emphasis

  /// A look; without arguments, the terminal's own.
  public init(foreground: Color? = nil, background: Color? = nil, emphasis: Emphasis = []) {
    self.foreground = foreground
    self.background = background
    self.emphasis = emphasis
  }
}

/// A style in the colours that a terminal has: what goes out.
public struct QuantisedStyle: Hashable, Sendable {
  /// 0 to 15, 16 to 255, or 0xRRGGBB, as the capability says; `nil` is the terminal's own.
  public var foreground: Int?
  /// As `foreground`.
  public var background: Int?
  /// Bold, underline, reverse, italic.
  public var emphasis: Emphasis

  /// A look in numbered colours.
  public init(foreground: Int?, background: Int?, emphasis: Emphasis) {
    self.foreground = foreground
    self.background = background
    self.emphasis = emphasis
  }
}

extension Style {
  /// The style in the colours of `capability`.
  ///
  /// Text stays readable: where two different colours fall together, the text becomes black or white.
  public func quantised(to capability: ColorCapability) -> QuantisedStyle {
    switch capability {
    case .none:
      QuantisedStyle(foreground: nil, background: nil, emphasis: emphasis)
    case .sixteen:
      quantised(black: 0, white: 15, \.nearestOf16)
    case .palette256:
      quantised(black: 16, white: 231, \.nearestOf256)
    case .trueColor:
      quantised(black: 0, white: 0xFFFFFF, \.value)
    }
  }

  private func quantised(black: Int, white: Int, _ nearest: (Color) -> Int) -> QuantisedStyle {
    var text = foreground.map(nearest)
    let behind = background.map(nearest)
    if let foreground, let background, foreground != background, text == behind {
      text = background.luma < 128 ? white : black
    }
    return QuantisedStyle(foreground: text, background: behind, emphasis: emphasis)
  }
}
