import ArgumentParser
import KernelC
import StepLanguage

/// `--source`, `--opaque`, `--table`: functions that come from C instead of from the model.
struct SourceOption: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Take functions from this C file: FILE.c is all that the model has, too; FILE.c:NAME,NAME those. May be repeated.",
      valueName: "file.c[:function,…]"))
  var source: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "A C function whose effect is left out; it gives 0, false or null. May be repeated.", valueName: "name")
  )
  var opaque: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "A table of what C functions mean, after those that come with the program. May be repeated.",
      valueName: "file"))
  var table: [String] = []

  /// Where models are found, with these functions laid over each of them.
  func directories() -> DataDirectories {
    var directories = DataDirectories.standard()
    directories.sources = CSources(files: source, opaque: opaque, tables: table)
    return directories
  }
}

/// C files to take functions from, as the user named them.
struct CSources: Sendable {
  var files: [String] = []
  var opaque: [String] = []
  var tables: [String] = []

  /// The table for a model: the general one, those of the model and its bases, the user's.
  func table(for model: ModelText, _ directories: DataDirectories) throws -> KernelTable {
    var table = KernelTable()
    for name in ["kernel"] + model.bases.reversed() + [model.name] {
      guard let path = directories.tablePath(name) else { continue }
      try table.add(SourceFile(name: path, text: try InputFile.read(path)))
    }
    for path in tables { try table.add(SourceFile(name: path, text: try InputFile.read(path))) }
    for name in opaque { table.declareOpaque(name) }
    return table
  }

  /// The functions of the files, translated for a model.
  func translation(for model: ModelText, _ directories: DataDirectories) throws -> Translation {
    let requests = try files.map { word -> Translation.Request in
      var path = word
      var names: [String]?
      if let colon = word.lastIndex(of: ":") {
        path = String(word[..<colon])
        names = word[word.index(after: colon)...].split(separator: ",").map(String.init)
      }
      return Translation.Request(
        source: SourceFile(name: path, text: try InputFile.read(path)), functions: names)
    }
    return Translation(requests, model: model, table: try table(for: model, directories))
  }
}
