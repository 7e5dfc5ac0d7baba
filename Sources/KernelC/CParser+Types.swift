import Basics

/// Types and declarators.
extension CParser {
  // MARK: Types

  static let keywords: Set<String> = [
    "if", "else", "while", "do", "for", "switch", "case", "default", "break", "continue", "return", "goto",
    "sizeof", "struct", "union", "enum", "const", "volatile", "static", "unsigned", "signed", "void", "int",
    "long",
    "short", "char", "float", "double", "typeof", "asm", "extern", "inline", "register", "typedef",
  ]
  static let typeWords: Set<String> = [
    "unsigned", "signed", "void", "int", "long", "short", "char", "float", "double", "bool", "_Bool", "u8",
    "u16",
    "u32", "u64", "s8", "s16", "s32", "s64", "__u8", "__u16", "__u32", "__u64", "__s8", "__s16", "__s32",
    "__s64",
    "size_t", "ssize_t", "loff_t", "gfp_t", "dma_addr_t", "phys_addr_t", "pid_t", "uint", "ulong", "pgoff_t",
    "refcount_t", "atomic_t", "spinlock_t", "irqreturn_t", "kuid_t", "uintptr_t",
  ]
  static let qualifiers: Set<String> = [
    "const", "volatile", "static", "inline", "register", "extern", "__inline", "__always_inline", "noinline",
    "__init",
    "__exit", "__user", "__rcu", "__iomem", "__kernel", "__force", "__must_check", "__maybe_unused",
    "__always_unused",
    "__percpu", "__bitwise", "__ref", "__cold", "__read_mostly", "asmlinkage", "restrict", "__restrict",
    "auto",
    "__private", "__nonstring", "__sched", "notrace", "__latent_entropy", "__weak", "__used", "__unused",
    "__initdata",
  ]
  /// Names that look like a call in a declaration and are none.
  static let attributes: Set<String> = [
    "__attribute__", "__printf", "__acquires", "__releases", "__must_hold", "__aligned", "__section",
    "__counted_by",
    "__free", "__cleanup", "__alloc_size", "__cond_acquires", "__no_context_analysis", "__guarded_by",
  ]

  func beginsType(_ token: CToken) -> Bool {
    token.kind == .word
      && (Self.typeWords.contains(token.text)
        || ["struct", "union", "enum", "typeof", "__typeof__", "__auto_type"].contains(token.text)
        || Self.qualifiers.contains(token.text) || (token.text.hasSuffix("_t") && token.text.count > 2))
  }

  /// A type without its stars.
  mutating func type() throws -> CType {
    let start = current.span
    var words: [String] = []
    var isStruct = false
    typeOf = nil
    loop: while at(.word) {
      let word = current.text
      if Self.qualifiers.contains(word) {
        advance()
      } else if Self.attributes.contains(word) || word == "__attribute" {
        advance()
        try skipParentheses()
      } else if word == "struct" || word == "union" || word == "enum" {
        advance()
        isStruct = word != "enum"
        words = [try identifier("the name of the \(word)").text]
        if word == "enum" { words = ["enum"] }
      } else if word == "typeof" || word == "__typeof__" || word == "__auto_type", words.isEmpty {
        advance()
        words = ["typeof"]
        guard word != "__auto_type" else { continue }
        try expect("(", "behind typeof")
        if beginsType(current) {
          let type = try self.type()
          var stars = type
          qualifiersAndStars(&stars)
          guard stars.pointers == 0 else {
            throw fail("typeof of a type with '*' is not read; write the type", at: type.span)
          }
          words = [type.name]
          isStruct = type.isStruct
        } else {
          typeOf = try expression(.comma)
        }
        try expect(")", "to close typeof")
      } else if Self.typeWords.contains(word) {
        words.append(advance().text)
      } else if words.isEmpty, !Self.keywords.contains(word) {
        words.append(advance().text)
      } else {
        break loop
      }
    }
    guard !words.isEmpty else { throw fail("expected a type, found \(describe(current))", at: current.span) }
    let end = tokens[max(0, position - 1)].span
    return CType(name: words.joined(separator: " "), isStruct: isStruct, pointers: 0, span: start.joined(end))
  }

  mutating func skipParentheses() throws {
    try expect("(", "")
    var depth = 1
    while depth > 0 {
      if at(.end) { throw fail("this parenthesis has no end; close it with ')'", at: current.span) }
      if at("(") { depth += 1 } else if at(")") { depth -= 1 }
      advance()
    }
  }

  mutating func qualifiersAndStars(_ type: inout CType) {
    while true {
      if at("*") {
        advance()
        type.pointers += 1
      } else if at(.word), Self.qualifiers.contains(current.text) {
        advance()
      } else {
        return
      }
    }
  }

  /// `*name[…] __attribute(…) = value`.
  mutating func declarator(_ base: CType, what: String, isParameter: Bool) throws -> CVariable {
    var type = base
    qualifiersAndStars(&type)
    let name: CToken
    if at("("), next.text == "*" {
      // A pointer to a function: a callback that is called by its name.
      advance()
      advance()
      name = try identifier("the name of a pointer to a function")
      try expect(")", "behind the name of the pointer")
      try skipParentheses()
      type = CType(name: "function", isStruct: false, pointers: 1, span: base.span)
    } else if isParameter, at(",") || at(")") {
      name = CToken(kind: .word, text: "", span: base.span)
    } else {
      name = try identifier(what)
    }
    var variable = CVariable(
      name: name.text, span: name.span, type: type, cleanup: nil,
      typeOf: type.name == "typeof" ? typeOf : nil,
      value: nil)
    while take("[") {
      variable.type.pointers += 1
      while !at("]") {
        if at(.end) { throw fail("this array's size has no end; close it with ']'", at: current.span) }
        advance()
      }
      advance()
    }
    if take(":") {
      let width = try expression(.conditional)
      variable.bits = 0
      if case .number(let bits, _) = width.kind, bits < 32 { variable.bits = Int(bits) }
    }
    while at(.word) {
      if atWord("__free") {
        advance()
        try expect("(", "behind __free")
        let cleanup = try identifier("the name of the cleanup")
        variable.cleanup = (cleanup.text, cleanup.span)
        try expect(")", "behind the name of the cleanup")
      } else if Self.attributes.contains(current.text) {
        advance()
        try skipParentheses()
      } else if Self.qualifiers.contains(current.text) {
        advance()
      } else {
        break
      }
    }
    return variable
  }
}
