import ArgumentParser
import Foundation
import Lessons
import StepLanguage

/// `ioascope list`: what there is.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Lists models, scenarios, lessons or themes.",
    discussion: """
      Example:
        ioascope list scenarios --format json
      """)

  /// What can be listed.
  enum Subject: String, ExpressibleByArgument, CaseIterable {
    case models, scenarios, lessons, themes
  }

  @Argument(help: "models, scenarios, lessons or themes.")
  var subject: Subject

  @Option(name: .long, help: "text or json.")
  var format = OutputFormat.text

  /// A line of the list.
  struct Row: Encodable {
    var name: String
    var title: String
  }

  func run() throws {
    try CommandError.reporting {
      let directories = DataDirectories.standard()
      let rows = try Self.rows(of: subject, directories)
      switch format {
      case .text:
        let width = rows.map(\.name.count).max() ?? 0
        for row in rows {
          try StandardStreams.print(
            row.name + String(repeating: " ", count: width - row.name.count + 2) + row.title)
        }
      case .json:
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try StandardStreams.print(String(decoding: try encoder.encode(rows), as: UTF8.self))
      }
    }
  }

  /// What there is of a kind.
  static func rows(of subject: Subject, _ directories: DataDirectories) throws -> [Row] {
    switch subject {
    case .models:
      return try directories.entries(.models).map { entry in
        let source = SourceFile(name: entry.path, text: try InputFile.read(entry.path))
        return Row(
          name: entry.name, title: try directories.library.models(in: source).first?.title ?? entry.name)
      }
    case .scenarios:
      return try directories.entries(.scenarios).map { entry in
        Row(name: entry.name, title: try directories.library.scenario(named: entry.name).title)
      }
    case .lessons:
      return LessonFiles.all(directories) { StandardStreams.complain($0) }.map {
        Row(name: $0.name, title: $0.title)
      }
    case .themes:
      return try directories.entries(.themes).map { entry in
        Row(name: entry.name, title: try ThemeOption.load(entry.name, directories).title)
      }
    }
  }
}

/// `--format`: for people or for programs.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json
}
