import Foundation

/// Reading a file that a user named.
enum InputFile {
  /// The largest text that is read, 64 MiB; models, scenarios and scripts are far smaller.
  static let sizeLimit = 64 << 20

  /// The largest session that is read, 2 GiB; what is kept of it is far smaller.
  static let sessionLimit = 2 << 30

  /// Reads a file piece by piece.
  ///
  /// - Throws: `CommandError` that says whether the file is not there, cannot be read or is too large; or what `take` throws.
  static func readPieces(_ path: String, _ take: (UnsafeBufferPointer<UInt8>) throws -> Void) throws {
    try check(path)
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw CommandError(
        "\(path): cannot be read: \(String(cString: strerror(errno)))", status: ExitStatus.inputOutput)
    }
    defer { try? handle.close() }
    var count = 0
    while true {
      let piece: Data?
      do {
        piece = try handle.read(upToCount: 1 << 20)
      } catch {
        throw CommandError(
          "\(path): cannot be read: \(error.localizedDescription)", status: ExitStatus.inputOutput)
      }
      guard let piece, !piece.isEmpty else { return }
      count += piece.count
      guard count <= sessionLimit else {
        throw CommandError("\(path): larger than \(sessionLimit >> 30) GiB", status: ExitStatus.data)
      }
      try piece.withUnsafeBytes { try take($0.bindMemory(to: UInt8.self)) }
    }
  }

  /// The beginning of a line, from 1, of a file that is read piece by piece; empty when there is no such line.
  static func line(_ number: Int, of path: String) throws -> String {
    var current = 1
    var bytes: [UInt8] = []
    try readPieces(path) { piece in
      for byte in piece {
        if byte == 0x0A {
          current += 1
        } else if current == number, bytes.count < 200 {
          bytes.append(byte)
        }
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func check(_ path: String) throws(CommandError) {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw CommandError("\(path): there is no such file", status: ExitStatus.noInput)
    }
    guard !isDirectory.boolValue else {
      throw CommandError("\(path): this is a directory; name a file", status: ExitStatus.noInput)
    }
  }

  /// The file's text.
  ///
  /// - Throws: `CommandError` that says whether the file is not there, cannot be read, is too large or is no text.
  static func read(_ path: String) throws(CommandError) -> String {
    try check(path)
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
