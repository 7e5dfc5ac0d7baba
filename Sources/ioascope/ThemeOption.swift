import ArgumentParser
import Basics
import StepLanguage
import Surface

/// `--theme`: a theme's name, or the path of a file of one's own.
struct ThemeOption: ParsableArguments {
  /// The theme of a new user.
  static let standard = "dark"

  @Option(name: .long, help: "The theme: a name from 'ioascope list themes', or a .toml file.")
  var theme: String?

  /// The theme.
  func load(_ directories: DataDirectories) throws -> Theme {
    try Self.load(theme ?? Self.standard, directories)
  }

  /// The theme of that name or file.
  static func load(_ name: String, _ directories: DataDirectories) throws -> Theme {
    if name.contains("/") || name.hasSuffix(".toml") {
      return try load(file: name, text: try InputFile.read(name), directories)
    }
    do {
      return try Theme.load(name) { try file($0, directories) }
    } catch {
      throw translated(error, directories)
    }
  }

  /// Checks the text of a theme.
  static func validate(file path: String, text: String, _ directories: DataDirectories) throws {
    _ = try load(file: path, text: text, directories)
  }

  private static func load(file path: String, text: String, _ directories: DataDirectories) throws -> Theme {
    let base = path.split(separator: "/").last.map(String.init) ?? path
    let name = base.hasSuffix(".toml") ? String(base.dropLast(5)) : base
    do {
      return try Theme.load(name) { wanted in
        wanted == name ? ThemeFile(path: path, text: text) : try file(wanted, directories)
      }
    } catch {
      throw translated(error, directories)
    }
  }

  private static func file(_ name: String, _ directories: DataDirectories) throws -> ThemeFile? {
    guard let path = directories.path(.themes, name) else { return nil }
    return ThemeFile(path: path, text: try InputFile.read(path))
  }

  private static func translated(_ error: any Error, _ directories: DataDirectories) -> any Error {
    switch error {
    case ThemeError.notFound(let name):
      let known = directories.entries(.themes).map(\.name)
      return CommandError(
        "there is no theme '\(name)'\(Spelling.suggestion(name, among: known)); 'ioascope list themes' shows what there is",
        status: ExitStatus.noInput)
    case let error as ThemeError: return CommandError(error.description, status: ExitStatus.data)
    default: return error
    }
  }
}
