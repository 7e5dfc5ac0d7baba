import Basics

/// What a file declares outside of its functions, as far as it tells how wide numbers are.
extension CParser {
  /// Types of structures' members and names of types.
  struct Declarations: Sendable {
    /// The types of members, by structure and member.
    var members: [String: [String: CVariable]] = [:]
    /// Other names of number types.
    var typedefs: [String: String] = [:]
  }

  /// How deep structures are read inside of structures.
  private static let structureDepth = 8

  /// All declarations of the file that can be read; what cannot be read tells nothing.
  func declarations() -> Declarations {
    var result = Declarations()
    for index in tokens.indices where tokens[index].kind == .word {
      let text = tokens[index].text
      if text == "struct", index + 2 < tokens.count, tokens[index + 1].kind == .word,
        tokens[index + 2].text == "{"
      {
        // A later one of the same name would be another branch of a condition that is not read here.
        let name = tokens[index + 1].text
        if result.members[name] == nil { result.members[name] = members(from: index + 3) }
      } else if text == "typedef" {
        var parser = self
        parser.position = index + 1
        if var type = try? parser.type() {
          parser.qualifiersAndStars(&type)
          if type.pointers == 0, !type.isStruct, parser.at(.word), parser.next.text == ";" {
            result.typedefs[parser.current.text] = result.typedefs[type.name] ?? type.name
          }
        }
      }
    }
    return result
  }

  /// The members from a structure's opening brace on.
  private func members(from start: Int) -> [String: CVariable] {
    var result: [String: CVariable] = [:]
    var parser = self
    parser.position = start
    var depth = 0
    while !parser.at(.end), !(depth == 0 && parser.at("}")) {
      if parser.at("{") { depth += 1 }
      if parser.at("}") { depth -= 1 }
      guard depth < Self.structureDepth else { return result }
      if depth == 0, parser.at(.word) {
        let begin = parser.position
        parser.diagnostics = []
        if let base = try? parser.type() {
          while let member = try? parser.declarator(base, what: "a member's name", isParameter: false) {
            result[member.name] = member
            guard parser.take(",") else { break }
          }
          if parser.at(";") {
            parser.advance()
            continue
          }
        }
        // Not a plain member: on to its end.
        parser.position = max(begin, min(parser.position, parser.tokens.count - 1))
        while !parser.at(.end), !parser.at(";"), !parser.at("{"), !parser.at("}") { parser.advance() }
        if parser.at(";") { parser.advance() }
        continue
      }
      parser.advance()
    }
    return result
  }
}
