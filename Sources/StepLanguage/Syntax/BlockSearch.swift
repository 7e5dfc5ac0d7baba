extension Block {
  /// Whether any statement in it, however deep, is meant.
  func contains(_ isMeant: (Statement.Kind) -> Bool) -> Bool {
    statements.contains { statement in
      if isMeant(statement.kind) { return true }
      switch statement.kind {
      case .conditional(_, let then, let otherwise):
        return then.contains(isMeant) || otherwise.map { $0.contains(isMeant) } ?? false
      case .whileLoop(_, let body), .loop(let body): return body.contains(isMeant)
      default: return false
      }
    }
  }
}
