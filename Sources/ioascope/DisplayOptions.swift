import ArgumentParser
import Foundation
import Interface
import Surface

/// Options of everything that draws.
struct DisplayOptions: ParsableArguments {
  @OptionGroup var theme: ThemeOption

  @Flag(name: .long, help: "Draw with ASCII only.")
  var ascii = false

  @Flag(name: .long, help: "Use no colours (also when NO_COLOR is set).")
  var noColor = false

  @Flag(name: .long, help: "Leave the mouse to the terminal.")
  var noMouse = false

  /// What the user keeps from one time to the next.
  func settings() throws -> Settings { try SettingsFile.load() }

  /// The theme to start with.
  ///
  /// - Throws: `CommandError`; of a theme that the settings name it says in which file.
  func loadTheme(_ settings: Settings, _ directories: DataDirectories) throws -> Theme {
    do {
      return try ThemeOption.load(themeName(settings), directories)
    } catch let error as CommandError where theme.theme == nil && settings.theme != nil {
      throw CommandError(
        "\(SettingsFile.path ?? "the settings"): \(error.message)", status: ExitStatus.data)
    }
  }

  /// The theme to use: the option's, or else the settings', or else that of a new user.
  func themeName(_ settings: Settings) -> String {
    theme.theme ?? settings.theme ?? ThemeOption.standard
  }

  /// Whether colours are unwanted; `NO_COLOR` counts when it is not empty (no-color.org).
  var refusesColor: Bool {
    noColor || !(ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
  }
}
