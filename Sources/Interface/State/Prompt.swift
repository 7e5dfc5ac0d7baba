/// A line that is being typed on the row above the keys.
public struct Prompt: Hashable, Sendable {
  /// What it is for.
  public enum Purpose: Hashable, Sendable {
    /// A command, an operation, or a step's number.
    case line
    /// A text to look for in the panel that has the keys.
    case search
    /// What objects must contain to show.
    case filter
    /// A name for the present point.
    case bookmark
    /// A name for the present branch.
    case branchName
    /// The file to record to.
    case record

    /// What stands before the line.
    var sign: String {
      switch self {
      case .line: ":"
      case .search: "/"
      case .filter: "&"
      case .bookmark: "name of this point: "
      case .branchName: "name of this branch: "
      case .record: "record to: "
      }
    }

    /// What an empty line could hold.
    var hint: String {
      switch self {
      case .line: "a command, an operation, T1 and an operation, or a step's number"
      case .search: "what to look for in this panel"
      case .filter: "what names or types must contain; empty shows all objects"
      case .bookmark: "a word or two"
      case .branchName: "a word or two"
      case .record: "a file that is not there yet, such as lecture.ioas"
      }
    }
  }

  /// What it is for.
  public let purpose: Purpose
  /// What was typed.
  public internal(set) var field: TextField

  init(_ purpose: Purpose, text: String = "") {
    self.purpose = purpose
    field = TextField(text)
  }
}
