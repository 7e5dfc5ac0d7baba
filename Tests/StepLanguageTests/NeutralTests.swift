import Foundation
import Testing

/// The program's code knows no kernel subsystem: what is special about one is data in its models.
@Suite struct NeutralTests {
  private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Sources")

  /// Words of the domain of `models/linux-*.step`.
  private static let words = [
    "iommu", "ioas", "iopt_", "ictx", "iova", "hwpt", "mdev", "vfio", "staccess", "selftest_access", "unpin",
    "pin-leak",
    "pin-after-unmap", "pin-on-old", "callback-after-close", "shortterm_users", "prevent_access",
    "notify_unmap",
    "access_list", "area_itree", "num_accesses",
  ]

  /// Where such a word may stand in code, and why.
  private static let allowed: [String: String] = [
    "ioascope/Ioascope.swift": "what the program is for, and an example",
    "ioascope/ExportCommand.swift": "an example in the help",
    "ioascope/ReplayCommand.swift": "an example in the help",
    "ioascope/FollowCommand.swift": "an example in the help",
    "ioascope/CheckCommand.swift": "the ending of session files",
    "ioascope/CheckCommand+Reach.swift": "the ending of session files",
    "ioascope/OutputDirectory.swift": "the ending of session files",
    "ioascope/ReviewVerdict.swift": "the ending of session files",
    "ioascope/SweepOutput.swift": "the ending of session files",
    "ioascope/ExplainCommand.swift": "the ending of session files",
    "ioascope/ImportCommand.swift": "an example in the help",
    "Interface/State/Prompt.swift": "the ending of session files",
    "Interface/Start/StartPage.swift": "what the program is for",
  ]

  private static func code(_ line: Substring) -> Substring {
    let text = line.drop { $0 == " " }
    return text.hasPrefix("//") ? "" : text
  }

  @Test func codeNamesNothingOfTheDomain() throws {
    let files = try #require(FileManager.default.enumerator(atPath: Self.sources.path))
      .compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.sorted()
    #expect(files.count > 200)
    var found: Set<String> = []
    for file in files {
      let text = try String(contentsOf: Self.sources.appendingPathComponent(file), encoding: .utf8)
      for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
        let code = Self.code(line).lowercased().replacing("ioascope", with: "")
        for word in Self.words where code.contains(word) {
          found.insert(file)
          #expect(
            Self.allowed[file] != nil,
            "\(file):\(number + 1): '\(word)' is the domain's; declare it in a model")
        }
      }
    }
    for file in Self.allowed.keys.sorted() {
      #expect(found.contains(file), "\(file) has no such word any more; take it off the list")
    }
  }

  /// Everything below the interface is free of them, examples included.
  @Test func theCoreNamesNothingAtAll() {
    for core in [
      "Basics", "StepLanguage", "Machine", "Explorer", "Promela", "Recording", "KernelTrace", "Lessons",
    ] {
      #expect(!Self.allowed.keys.contains { $0.hasPrefix(core + "/") })
    }
  }
}
