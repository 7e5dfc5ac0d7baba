/// Cuts a text into the pieces that each fill one cell: a base character with its combining marks.
///
/// Terminals advance scalar by scalar, not grapheme by grapheme, so this does too. Control characters become `?`
/// (a tab or a line break a blank); format characters, and marks with nothing to stand on, are dropped.
struct CellText: Sequence, IteratorProtocol {
  /// One cell's worth of text.
  struct Piece: Hashable {
    /// A base character with at most `mostMarks` combining marks.
    var glyph: String
    /// 1 or 2 columns.
    var columns: Int
  }

  /// ncurses keeps at most five scalars a cell (CCHARW_MAX).
  static let mostMarks = 4

  private var scalars: String.UnicodeScalarView.Iterator
  /// The scalar that was looked at and not used.
  private var pending: Unicode.Scalar?

  init(_ text: String) {
    scalars = text.unicodeScalars.makeIterator()
  }

  private mutating func take() -> Unicode.Scalar? {
    guard let scalar = pending else { return scalars.next() }
    pending = nil
    return scalar
  }

  mutating func next() -> Piece? {
    while let scalar = take() {
      guard let columns = CharacterWidth.columns(of: scalar) else {
        if scalar.value < 0xA0 {
          return Piece(glyph: Self.stand(for: scalar), columns: 1)
        }
        continue
      }
      if columns == 0 { continue }
      var glyph = String(scalar)
      var marks = 0
      while let mark = take() {
        guard mark.value >= 0x300, CharacterWidth.columns(of: mark) ?? 0 == 0 else {
          pending = mark
          break
        }
        if CharacterWidth.columns(of: mark) == 0, marks < Self.mostMarks {
          glyph.unicodeScalars.append(mark)
          marks += 1
        }
      }
      return Piece(glyph: glyph, columns: columns)
    }
    return nil
  }

  private static func stand(for control: Unicode.Scalar) -> String {
    switch control {
    case "\t", "\n", "\r": " "
    default: "?"
    }
  }
}
