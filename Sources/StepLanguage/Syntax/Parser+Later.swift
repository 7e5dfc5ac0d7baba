/// What runs later and what waits for it: RCU, works, timers, completions; and changes of a word in one go.
extension Parser {
  static let workWords: [String: (verb: WorkVerb, isTimer: Bool)] = Vocabulary.values {
    if case .work(let verb, let isTimer) = $0 { (verb, isTimer) } else { nil }
  }

  /// The rest of `workqueue NAME …`.
  mutating func workqueue() throws -> WorkQueueSyntax {
    let name = try identifier("the queue's name")
    var result = WorkQueueSyntax(name: name, isOrdered: takeWord("ordered"), workers: nil)
    if takeWord("workers") {
      let place = current
      let count = try number("how many calls of the queue run at the same time")
      guard count > 0 else {
        throw fail("a queue has one worker at least; write 'workers 1' or more", at: place)
      }
      guard count <= Int64(Limits.workers.number) else {
        throw fail(Limits.workers.message, at: place)
      }
      if result.isOrdered, count > 1 {
        throw fail("an ordered queue runs one call at a time; leave 'workers' out", at: place)
      }
      result.workers = Int(count)
    }
    return result
  }

  /// The rest of a type that begins with one of these words; nil when it is another type.
  mutating func laterType(_ name: Identifier) throws -> TypeSyntax? {
    guard name.text == "work" || name.text == "timer", takeWord("of") else { return nil }
    let function = try identifier("the function that runs later")
    guard name.text == "work" else {
      return TypeSyntax(span: name.span.joined(function.span), kind: .timer(function))
    }
    let queue = takeWord("on") ? try identifier("a workqueue") : nil
    return TypeSyntax(
      span: name.span.joined((queue ?? function).span), kind: .work(function, queue: queue))
  }

  /// A statement that begins with this word; nil when it is none of these.
  mutating func laterStatement(_ word: String) throws -> Statement.Kind? {
    if Self.workWords[word] != nil || ["wait_for_completion", "try_wait_for_completion"].contains(word)
      || Self.exchangeWords.contains(word)
    {
      // Whoever does not ask for the result needs no name for it.
      let name = Identifier(text: "\(word) \(current.span.start)", span: current.span)
      return .declare(name, nil, try value())
    }
    switch word {
    case "rcu_read_lock", "rcu_read_unlock":
      _ = advance()
      return .rcuRead(isLock: word == "rcu_read_lock")
    case "synchronize_rcu", "rcu_barrier":
      _ = advance()
      return .synchronize(isBarrier: word == "rcu_barrier")
    case "kfree_rcu":
      _ = advance()
      return .callRCU(nil, try expression())
    case "call_rcu":
      _ = advance()
      let name = try identifier("a function's name")
      _ = try expectPunctuation("(", "and the object")
      let argument = try expression()
      _ = try expectPunctuation(")", "after the object")
      return .callRCU(name, argument)
    case "complete", "complete_all":
      _ = advance()
      return .complete(try place(), all: word == "complete_all")
    case "reinit_completion":
      _ = advance()
      return .reinit(try place())
    default: return nil
    }
  }

  static let exchangeWords: Set<String> = ["xchg", "cmpxchg", "add_return"]

  /// A value that begins with this word; nil when it is none of these.
  mutating func laterValue(_ word: String) throws -> Value.Kind? {
    // A function of the model may have such a name.
    if next.kind == .punctuation, next.text == "(" { return nil }
    if let (verb, isTimer) = Self.workWords[word] {
      _ = advance()
      return .work(verb, try place(), isTimer: isTimer)
    }
    switch word {
    case "wait_for_completion":
      _ = advance()
      let place = try place()
      let seconds = try timeout()
      return .waitCompletion(place, seconds: seconds, interruptible: takeWord("interruptible"))
    case "try_wait_for_completion":
      _ = advance()
      return .tryCompletion(try place())
    case "xchg", "add_return":
      _ = advance()
      let place = try place()
      _ = try expectPunctuation(",", word == "xchg" ? "and the new value" : "and what is added")
      let value = try expression()
      return word == "xchg" ? .exchange(place, value) : .addReturn(place, value)
    case "cmpxchg":
      _ = advance()
      let place = try place()
      _ = try expectPunctuation(",", "and the value that must be there")
      let old = try expression()
      _ = try expectPunctuation(",", "and the new value")
      return .compareExchange(place, old, try expression())
    default: return nil
    }
  }

  /// `timeout SECONDS`, where it stands.
  mutating func timeout() throws -> Int64? {
    guard takeWord("timeout") else { return nil }
    let word = current
    let number = try number("seconds")
    guard (0...Int64(Limits.seconds.number)).contains(number) else {
      throw fail(Limits.seconds.message, at: word)
    }
    return number
  }
}
