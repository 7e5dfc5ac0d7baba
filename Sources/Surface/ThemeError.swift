/// Why there is no theme.
public enum ThemeError: Error, Hashable, Sendable {
  /// No file has this name.
  case notFound(name: String)
  /// Files are wrong, in these places, in the order of the files and their lines.
  case invalid([ThemeDiagnostic])
}

extension ThemeError: CustomStringConvertible {
  /// For a person: one paragraph for each error.
  public var description: String {
    switch self {
    case .notFound(let name): "error: there is no theme \"\(name)\""
    case .invalid(let diagnostics): diagnostics.map(\.description).joined(separator: "\n")
    }
  }
}
