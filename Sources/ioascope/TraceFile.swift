import Foundation

/// Reading a trace chunk by chunk, so that its size does not matter.
enum TraceFile {
  private static let chunkSize = 1 << 18

  /// Hands over the file's bytes until it ends or `body` gives false.
  ///
  /// - Throws: `CommandError` when the file is not there or cannot be read, and what `body` throws.
  static func read(_ path: String, _ body: ([UInt8]) throws -> Bool) throws {
    let handle: FileHandle
    if path == "-" {
      handle = .standardInput
    } else {
      var isDirectory: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), !isDirectory.boolValue
      else {
        throw CommandError(
          isDirectory.boolValue
            ? "\(path): this is a directory; name a file" : "\(path): there is no such file",
          status: ExitStatus.noInput)
      }
      guard let opened = FileHandle(forReadingAtPath: path) else {
        throw CommandError("\(path): cannot be read", status: ExitStatus.inputOutput)
      }
      handle = opened
    }
    defer { if path != "-" { try? handle.close() } }
    while true {
      let chunk: Data?
      do {
        chunk = try handle.read(upToCount: chunkSize)
      } catch {
        throw CommandError(
          "\(path): cannot be read: \(error.localizedDescription)", status: ExitStatus.inputOutput)
      }
      guard let chunk, !chunk.isEmpty else { return }
      if try !body([UInt8](chunk)) { return }
    }
  }
}
