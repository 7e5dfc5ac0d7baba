/// Why the terminal cannot be taken.
public enum TerminalError: Error, Hashable, Sendable {
  /// Standard input or output is not a terminal.
  case notATerminal(stream: String)
  /// `TERM` is not set.
  case noTerminalType
  /// The system's terminfo does not know this `TERM`.
  case unknownTerminalType(String)
  /// A system call failed, with this `errno`.
  case system(call: String, code: Int32)
  /// There is one terminal, and it is open already.
  case alreadyOpen
}

extension TerminalError: CustomStringConvertible {
  /// What is wrong, and what to do.
  public var description: String {
    switch self {
    case .notATerminal(let stream):
      "\(stream) is not a terminal; run the program in one, without a pipe or a redirection"
    case .noTerminalType:
      "TERM is not set; try TERM=xterm-256color"
    case .unknownTerminalType(let name):
      "this system does not know the terminal type TERM=\(name); try TERM=xterm-256color"
    case .system(let call, let code):
      "the terminal cannot be set up: \(call) failed with errno \(code)"
    case .alreadyOpen:
      "the terminal is already open"
    }
  }
}
