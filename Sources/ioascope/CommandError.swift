import ArgumentParser
import StepLanguage

/// Why a command gives up: a message for standard error and the exit status.
struct CommandError: Error {
  var message: String
  var status: ExitCode

  init(_ message: String, status: ExitCode) {
    self.message = message
    self.status = status
  }

  /// The same for what the language throws.
  init(_ error: any Error) {
    switch error {
    case let error as CommandError: self = error
    case let error as DiagnosticError: self.init(error.rendered, status: ExitStatus.data)
    case let error as Library.NotFound:
      let kind = error.kind.rawValue
      self.init(
        error.isPath
          ? "\(error.name): there is no such file"
          : "there is no \(kind) '\(error.name)'\(error.closest.map { "; did you mean '\($0)'?" } ?? ""); 'ioascope list \(kind)s' shows what there is",
        status: ExitStatus.noInput)
    default: self.init("\(error)", status: ExitStatus.inputOutput)
    }
  }

  /// Runs a command's body; on an error its message goes to standard error and its status becomes the program's.
  static func reporting(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch let code as ExitCode {
      throw code
    } catch {
      let error = CommandError(error)
      StandardStreams.complain(
        error.message.hasPrefix("ioascope:") || error.message.contains(": error: ")
          ? error.message : "ioascope: \(error.message)")
      throw error.status
    }
  }
}
