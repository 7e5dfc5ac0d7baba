import Foundation
import Interface

/// The manual page `ioascope(1)`, made from the commands' own descriptions and the key table.
enum ManualPage {
  /// What the argument parser tells about a command.
  private struct Description: Decodable {
    struct Name: Decodable {
      let kind: String
      let name: String
      var text: String { kind == "long" ? "--\(name)" : "-\(name)" }
    }
    struct Argument: Decodable {
      let abstract: String?
      let kind: String
      let isOptional: Bool
      let isRepeating: Bool
      let names: [Name]?
      let valueName: String?
      let defaultValue: String?
      let shouldDisplay: Bool
    }
    struct Command: Decodable {
      let commandName: String
      let abstract: String?
      let discussion: String?
      let shouldDisplay: Bool
      let arguments: [Argument]?
      let subcommands: [Command]?
    }
    let command: Command
  }

  /// The page in the macros of man(7).
  static func text() throws -> String {
    let root = try JSONDecoder().decode(Description.self, from: Data(Ioascope._dumpHelp().utf8)).command
    var lines = [
      ".\\\" Made by 'ioascope manual'; do not edit.",
      ".TH IOASCOPE 1 \"\(ProgramVersion.date)\" \"ioascope \(ProgramVersion.text)\" \"User Commands\"",
      ".SH NAME", "ioascope \\- \(escaped(lowercasedFirst(root.abstract ?? "")))",
      ".SH SYNOPSIS", ".B ioascope", "[\\fICOMMAND\\fR] [\\fIARGUMENTS\\fR]",
      ".SH DESCRIPTION",
      "Without a command the program opens on a page of recent sessions, scenarios and lessons.",
      "A scenario runs under a model of the kernel; both are text files that a user can copy and edit.",
      ".SH COMMANDS",
    ]
    for command in root.subcommands ?? [] where command.shouldDisplay && command.commandName != "help" {
      lines += section(command)
    }
    lines += [".SH KEYS"]
    for section in KeyBinding.Section.allCases {
      let rows = KeyTable.standard.bindings.filter { $0.section == section }
      guard !rows.isEmpty else { continue }
      lines.append(".SS \(section.rawValue)")
      for row in rows {
        lines += [
          ".TP", "\\fB\(escaped(row.keysText))\\fR",
          escaped(row.help) + " (\\fI\(escaped(row.command.rawValue))\\fR)",
        ]
      }
    }
    lines += [".SH EXIT STATUS"]
    for (status, meaning) in statuses { lines += [".TP", ".B \(status)", meaning] }
    lines += [".SH FILES"]
    for (path, meaning) in files { lines += [".TP", ".I \(escaped(path))", meaning] }
    lines += [
      ".SH ENVIRONMENT", ".TP", ".B NO_COLOR", "When it is set and not empty, no colours are used.", ".TP",
      ".B EDITOR", "The editor that a repair exercise opens.",
      ".SH SEE ALSO", ".BR trace-cmd (1),", ".BR spin (1)",
    ]
    return lines.joined(separator: "\n")
  }

  private static let statuses: [(String, String)] = [
    ("0", "All well; for check and conform: it holds."),
    (
      "1",
      "The answer is no: a property is violated, a trace does not conform, an expectation of a script failed."
    ),
    ("64", "Wrong usage."), ("65", "The content of a file is wrong."), ("66", "A file is not there."),
    ("70", "A defect of the program."), ("74", "Reading or writing failed."),
  ]

  private static let files: [(String, String)] = [
    (
      "$XDG_CONFIG_HOME/ioascope/settings.toml",
      "Settings: theme, keys, mouse, panels. Usually below ~/.config."
    ),
    (
      "$XDG_DATA_HOME/ioascope/{models,scenarios,lessons,themes}",
      "The user's own files, which come before those of the program. Usually below ~/.local/share."
    ),
    (
      "$XDG_STATE_HOME/ioascope/", "Recent sessions and progress in the course. Usually below ~/.local/state."
    ),
  ]

  private static func section(_ command: Description.Command) -> [String] {
    let own = (command.arguments ?? []).filter { $0.shouldDisplay && !isCommon($0) }
    var usage = "\\fBioascope \(escaped(command.commandName))\\fR"
    for argument in own where argument.kind == "positional" {
      let name =
        "\\fI\(escaped((argument.valueName ?? "").uppercased()))\\fR" + (argument.isRepeating ? "..." : "")
      usage += argument.isOptional ? " [\(name)]" : " \(name)"
    }
    if own.contains(where: { $0.kind != "positional" }) { usage += " [\\fIOPTIONS\\fR]" }
    var lines = [".SS \(escaped(command.commandName))", usage, ".PP", escaped(command.abstract ?? "")]
    let discussion = (command.discussion ?? "").split(separator: "\n", omittingEmptySubsequences: false)
    var isExample = false
    for line in discussion {
      if line.hasPrefix("Example") {
        lines += [".PP", "Example:", ".PP", ".nf"]
        isExample = true
      } else if isExample {
        lines.append("    " + escaped(line.trimmingCharacters(in: .whitespaces)))
      } else if !line.isEmpty {
        lines.append(escaped(String(line)))
      }
    }
    if isExample { lines.append(".fi") }
    for argument in own {
      let value = "\\fI\(escaped(argument.valueName ?? ""))\\fR"
      let names = (argument.names ?? []).map { "\\fB\(escaped($0.text))\\fR" }.joined(separator: ", ")
      let head = argument.kind == "positional" ? value : argument.kind == "flag" ? names : "\(names) \(value)"
      let standard = argument.defaultValue.map { " (default: \(escaped($0)))" } ?? ""
      lines += [".TP", head, escaped(argument.abstract ?? "") + standard]
    }
    return lines
  }

  /// Every command has these; they would only repeat.
  private static func isCommon(_ argument: Description.Argument) -> Bool {
    (argument.names ?? []).contains { ["help", "version"].contains($0.name) }
  }

  private static func lowercasedFirst(_ text: String) -> String {
    var text = text
    if text.hasSuffix(".") { text.removeLast() }
    return text.prefix(1).lowercased() + text.dropFirst()
  }

  /// Text that roff takes as it is: no escapes, no hyphens that break, no control lines.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "\\": result += "\\e"
      case "-": result += "\\-"
      case "\n": result += " "
      case _ where !character.isASCII:
        // As roff names what lies beyond ASCII.
        for scalar in character.unicodeScalars {
          result += "\\[u\(String(format: "%04X", scalar.value))]"
        }
      default: result.append(character)
      }
    }
    return result.hasPrefix(".") || result.hasPrefix("'") ? "\\&" + result : result
  }
}
