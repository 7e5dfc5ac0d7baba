import Foundation

/// Reading a file that a user named.
enum InputFile {
  /// The largest text that is read, 64 MiB; models, scenarios and scripts are far smaller.
  static let sizeLimit = 64 << 20

  /// The file's text.
  ///
  /// - Throws: `CommandError` that says whether the file is not there, cannot be read, is too large or is no text.
  static func read(_ path: String) throws(CommandError) -> String {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw CommandError("\(path): there is no such file", status: ExitStatus.noInput)
    }
    guard !isDirectory.boolValue else {
      throw CommandError("\(path): this is a directory; name a file", status: ExitStatus.noInput)
    }
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw CommandError(
        "\(path): cannot be read: \(error.localizedDescription)", status: ExitStatus.inputOutput)
    }
    guard data.count <= sizeLimit else {
      throw CommandError("\(path): larger than \(sizeLimit >> 20) MiB", status: ExitStatus.data)
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw CommandError(
        "\(path):1:1: error: this is no UTF-8 text; convert it or name another file", status: ExitStatus.data)
    }
    return text
  }
}
