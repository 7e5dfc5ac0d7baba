/// Names that are close to one that was mistyped.
public enum Spelling {
  /// `; did you mean 'x'?` when a known name is close to the one that was written, else nothing.
  public static func suggestion(_ written: String, among known: some Sequence<String>) -> String {
    closest(to: written, among: known).map { "; did you mean '\($0)'?" } ?? ""
  }

  /// The known name that is closest to the one that was written, if any is close; of several the first in the order of letters.
  public static func closest(to written: String, among known: some Sequence<String>) -> String? {
    // Of a name of one or two letters anything would be close; and no name of a program is a thousand letters long.
    guard (3...200).contains(written.utf8.count) else { return nil }
    var best: (distance: Int, name: String)?
    for name in known.sorted() where name.utf8.count <= 400 {
      let distance = editDistance(Array(written.utf8), Array(name.utf8))
      if distance <= max(1, written.utf8.count / 3), distance < (best?.distance ?? Int.max) {
        best = (distance, name)
      }
    }
    return best?.name
  }

  /// How many letters must be changed, added, dropped or swapped with their neighbour (optimal string alignment).
  static func editDistance(_ first: [UInt8], _ second: [UInt8]) -> Int {
    var rows = [Array(0...second.count)]
    for (index, byte) in first.enumerated() {
      var row = [index + 1]
      for column in second.indices {
        var best = min(rows[index][column + 1] + 1, row[column] + 1)
        best = min(best, rows[index][column] + (second[column] == byte ? 0 : 1))
        if index > 0, column > 0, byte == second[column - 1], first[index - 1] == second[column] {
          best = min(best, rows[index - 1][column - 1] + 1)
        }
        row.append(best)
      }
      rows.append(row)
    }
    return rows[first.count][second.count]
  }
}
