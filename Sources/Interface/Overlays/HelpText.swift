/// The help page as lines: the key table by sections.
enum HelpText {
  /// A line of the page.
  enum Line: Hashable {
    case section(String)
    case binding(KeyBinding)
  }

  /// The lines whose keys or words contain what was typed.
  static func lines(_ keys: KeyTable, matching filter: String) -> [Line] {
    let words = filter.lowercased().split(separator: " ")
    var result: [Line] = []
    for section in KeyBinding.Section.allCases {
      let rows = keys.bindings.filter { binding in
        let text = "\(binding.keysText) \(binding.title) \(binding.help) \(section.rawValue)".lowercased()
        return binding.section == section && !binding.keys.isEmpty && words.allSatisfy { text.contains($0) }
      }
      guard !rows.isEmpty else { continue }
      result.append(.section(section.rawValue))
      result += rows.map { .binding($0) }
    }
    return result
  }
}
