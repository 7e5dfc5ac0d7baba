import Foundation
import StepLanguage

/// Where models, scenarios, themes, lessons and the like are found: the user's own files first, then those that came with the program.
struct DataDirectories: Sendable {
  /// Kinds of data, named as their directories.
  enum Kind: String, CaseIterable {
    case models, scenarios, themes, lessons

    var fileExtension: String { self == .themes || self == .lessons ? "toml" : "step" }
  }

  /// A file that was found.
  struct Entry: Sendable {
    var name: String
    var path: String
  }

  /// Directories that hold `models`, `scenarios` and so on; earlier ones win.
  let roots: [String]

  /// C files whose functions are laid over every model that is compiled.
  var sources = CSources()

  /// The directories of this process, after the XDG base directory specification:
  /// `$XDG_DATA_HOME/ioascope`, each of `$XDG_DATA_DIRS`, the installed program's own `share/ioascope`, and in a
  /// checkout the checkout itself.
  static func standard(environment: [String: String] = ProcessInfo.processInfo.environment) -> DataDirectories
  {
    var roots: [String] = []
    let home = environment["HOME"].flatMap { $0.isEmpty ? nil : $0 }
    if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") {
      roots.append(data + "/ioascope")
    } else if let home {
      roots.append(home + "/.local/share/ioascope")
    }
    if let executable = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
      let directory = URL(fileURLWithPath: executable).deletingLastPathComponent()
      roots.append(directory.deletingLastPathComponent().appendingPathComponent("share/ioascope").path)
      // A program that was built in a checkout lies some directories below it.
      var above = directory
      for _ in 0..<5 {
        above.deleteLastPathComponent()
        if FileManager.default.fileExists(atPath: above.appendingPathComponent("Package.swift").path),
          FileManager.default.fileExists(atPath: above.appendingPathComponent("models").path)
        {
          roots.append(above.path)
          break
        }
      }
    }
    for directory in (environment["XDG_DATA_DIRS"] ?? "/usr/local/share:/usr/share").split(separator: ":")
    where directory.hasPrefix("/") {
      roots.append(directory + "/ioascope")
    }
    return DataDirectories(roots: roots)
  }

  /// All files of a kind by name, each name once.
  func entries(_ kind: Kind) -> [Entry] {
    var result: [String: Entry] = [:]
    for root in roots {
      let directory = root + "/" + kind.rawValue
      for file in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
      where file.hasSuffix("." + kind.fileExtension) && !file.hasPrefix(".") {
        let name = String(file.dropLast(kind.fileExtension.count + 1))
        if result[name] == nil { result[name] = Entry(name: name, path: directory + "/" + file) }
      }
    }
    return result.values.sorted { $0.name < $1.name }
  }

  /// The file of that name, when there is one. A name cannot lead out of its directory.
  func path(_ kind: Kind, _ name: String) -> String? {
    guard !name.isEmpty, !name.contains("/"), !name.hasPrefix(".") else { return nil }
    for root in roots {
      let path = "\(root)/\(kind.rawValue)/\(name).\(kind.fileExtension)"
      if FileManager.default.fileExists(atPath: path) { return path }
    }
    return nil
  }

  /// The table of what C functions mean for a model, when there is one.
  func tablePath(_ name: String) -> String? {
    guard !name.isEmpty, !name.contains("/"), !name.hasPrefix(".") else { return nil }
    return roots.map { "\($0)/models/\(name).table" }.first { FileManager.default.fileExists(atPath: $0) }
  }

  /// All scenarios; one whose text is wrong is left out, and said.
  func scenarios(complain: (String) -> Void) -> (scenarios: [Scenario], hasUnreadable: Bool) {
    var result: [Scenario] = []
    var hasUnreadable = false
    let library = library
    for entry in entries(.scenarios) {
      do {
        result.append(try library.scenario(named: entry.name))
      } catch {
        complain(CommandError(error).message)
        hasUnreadable = true
      }
    }
    return (result, hasUnreadable)
  }

  /// Models and scenarios by name, for the language.
  var library: Library {
    var library = plainLibrary
    if !sources.files.isEmpty {
      library.translate = { model in
        let translation = try sources.translation(for: model, self)
        guard translation.diagnostics.isEmpty else { throw DiagnosticError(translation.diagnostics) }
        return translation.texts
      }
    }
    return library
  }

  private var plainLibrary: Library {
    Library(
      readFile: { path in
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        return try InputFile.read(path)
      },
      names: { kind in entries(kind == .model ? .models : .scenarios).map(\.name) },
      read: { kind, name in
        guard let path = path(kind == .model ? .models : .scenarios, name) else { return nil }
        guard let text = try? InputFile.read(path) else { return nil }
        return (path, text)
      })
  }
}
