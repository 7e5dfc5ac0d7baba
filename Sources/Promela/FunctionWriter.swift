import StepLanguage

/// Writes one compiled function as a function in C: a label for each place that something leads to, a `goto` for each jump.
///
/// It is entered at an address and gives the address at which to go on, in another function or in itself; -1 when the thread rests.
struct FunctionWriter {
  private let program: Program
  private let number: Int
  private let range: Range<Int>
  private let properties: [Property]

  init(program: Program, number: Int, range: Range<Int>) {
    self.program = program
    self.number = number
    self.range = range
    properties = program.properties
  }

  /// A property's name in C.
  static func name(_ property: Property) -> String {
    (property.origin == .model ? "own_" : "") + property.rawValue.replacing("-", with: "_")
  }

  /// Text that may stand in a string of C inside a model of Spin.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for character in text.unicodeScalars {
      switch character {
      // Spin counts braces, and quotes would end the text.
      case "{", "}", "\"", "\\", "'", "\n", "\r", "\t": result += " "
      default: result += character.isASCII ? String(character) : "?"
      }
    }
    while result.last == " " { result.removeLast() }
    return result + "\""
  }

  func text() -> String {
    var entries = [range.lowerBound]
    var targets: Set<Int> = [range.lowerBound]
    for address in range {
      let instruction = program.code[address]
      if let target = instruction.jumpTarget { targets.insert(target) }
      guard [.step, .call, .callOps].contains(instruction.opcode) else { continue }
      let entry = instruction.opcode == .step ? address : address + 1
      entries.append(entry)
      targets.insert(entry)
    }
    var lines = [
      "/* \(program.functions[number].name.filter { $0.isASCII }) */",
      "static int f\(number)(int pc) {",
      "  switch (pc) {",
    ]
    for entry in Set(entries).sorted() where range.contains(entry) {
      lines.append("  case \(entry): goto L\(entry);")
    }
    lines.append("  }")
    lines.append("  return -1;")
    for address in range {
      if targets.contains(address) { lines.append("L\(address):;") }
      if let line = statement(program.code[address], at: address) { lines.append("  \(line)") }
    }
    lines.append("  return -1;")
    lines.append("}")
    return lines.joined(separator: "\n")
  }

  // MARK: Operands

  /// The value of an operand: a local variable, or below zero a temporary.
  static func value(_ operand: Int32, frame: String = "f") -> String {
    operand >= 0 ? "\(frame)[\(operand)]" : "t[\(~operand)]"
  }

  private func value(_ operand: Int32) -> String { Self.value(operand) }

  private func set(_ operand: Int32, _ text: String) -> String {
    operand >= 0 ? "f[\(operand)] = fit(\(text));" : "t[\(~operand)] = \(text);"
  }

  static func number(_ number: Int64) -> String {
    number == .min ? "(-9223372036854775807LL - 1)" : "\(number)LL"
  }

  private func clear(_ address: Int) -> String {
    let set = program.localSets[program.clearedLocals[address]]
    return set.map { "f[\($0)] = 0; " }.joined()
  }

  private func object(_ operand: Int32, _ address: Int, _ text: String) -> String {
    "if (!usable(\(value(operand)))) STICK(\(address)); \(text)"
  }

  /// Notes the object that an instruction looks at without an action.
  private func rides(_ i: Instruction, at address: Int) -> String {
    guard i.rides, let target = i.opcode.facts.target else { return "" }
    return "ride(\(value(i.operand(target.object))), \(address)); "
  }

  // MARK: Instructions

  private func statement(_ i: Instruction, at address: Int) -> String? {
    let (b, c) = (value(i.b), value(i.c))
    switch i.opcode {
    case .nothing, .probe, .mark: return nil
    case .step:
      let statement = Int(i.a)
      return
        "if (stop) { if (passed) { \(clear(address))th[PC] = \(address); keep_rides(); return -1; } passed = 1; SAY(\(Self.quoted(program.location(of: statement))), \(Self.quoted(program.text(of: statement)))); }"
    case .constant: return set(i.a, Self.number(program.constants[Int(i.b)]))
    case .move: return set(i.a, value(i.b))
    case .thread: return set(i.a, "me + 1")
    case .choose: return set(i.a, "choice")
    case .not: return set(i.a, "!\(value(i.b))")
    case .negate: return set(i.a, "(word)(0 - U(\(value(i.b))))")
    case .add: return set(i.a, "(word)(U(\(b)) + U(\(c)))")
    case .subtract: return set(i.a, "(word)(U(\(b)) - U(\(c)))")
    case .multiply: return set(i.a, "(word)(U(\(b)) * U(\(c)))")
    case .bitAnd: return set(i.a, "(word)\(b) & \(c)")
    case .bitOr: return set(i.a, "(word)\(b) | \(c)")
    case .shiftLeft: return set(i.a, "(word)(U(\(b)) << (\(c) & 63))")
    case .shiftRightSigned: return set(i.a, "(word)\(b) >> (\(c) & 63)")
    case .shiftRightUnsigned: return set(i.a, "(word)(U(\(b)) >> (\(c) & 63))")
    case .equal: return set(i.a, "\(b) == \(c)")
    case .notEqual: return set(i.a, "\(b) != \(c)")
    case .lessSigned: return set(i.a, "\(b) < \(c)")
    case .lessEqualSigned: return set(i.a, "\(b) <= \(c)")
    case .lessUnsigned: return set(i.a, "U(\(b)) < U(\(c))")
    case .lessEqualUnsigned: return set(i.a, "U(\(b)) <= U(\(c))")
    case .addOverflows: return set(i.a, "U(\(b)) + U(\(c)) < U(\(b))")
    case .divideSigned: return division(i, address, "\(c) == -1 ? (word)(0 - U(\(b))) : (word)\(b) / \(c)")
    case .remainderSigned: return division(i, address, "\(c) == -1 ? 0 : (word)\(b) % \(c)")
    case .divideUnsigned: return division(i, address, "(word)(U(\(b)) / U(\(c)))")
    case .remainderUnsigned: return division(i, address, "(word)(U(\(b)) % U(\(c)))")
    case .jump: return "FUEL(\(address)); goto L\(i.a);"
    case .jumpIfZero: return "if (!\(value(i.a))) goto L\(i.b);"
    case .jumpIfNotZero: return "if (\(value(i.a))) goto L\(i.b);"
    case .load:
      let read = "H(\(value(i.b)) + \(i.c))"
      if i.d == Instruction.looksFromOutside {
        return set(i.a, "\(value(i.b)) > 0 && \(value(i.b)) < HEND ? \(read) : 0")
      }
      return object(i.b, address, rides(i, at: address) + set(i.a, read))
    case .store: return object(i.a, address, "H(\(value(i.a)) + \(i.b)) = fit(\(value(i.c)));")
    case .isType:
      return
        "if (\(value(i.b)) && !usable(\(value(i.b)))) STICK(\(address)); if (\(value(i.b))) { \(rides(i, at: address))} \(set(i.a, "\(value(i.b)) && is_a(\(value(i.b)), \(i.c))"))"
    case .castCheck:
      return
        "if (\(value(i.a)) && !is_a(\(value(i.a)), \(i.b))) { wrong(invariant); STICK(\(address)); }"
    case .argument: return "arg[\(i.a)] = \(value(i.b));"
    case .call:
      return
        "FUEL(\(address)); \(clear(address))push(\(i.a), \(address + 1), \(i.b)); return \(program.functions[Int(i.a)].address);"
    case .callOps:
      return
        "{ word driver = \(value(i.a)), function = driver > 0 ? members[(driver - 1) * MEMBERS + \(i.c)] : 0; if (function <= 0) { wrong(null_dereference); STICK(\(address)); } FUEL(\(address)); \(clear(address))push(function - 1, \(address + 1), \(i.b)); return address[function - 1]; }"
    case .opsMember:
      return
        "if (\(value(i.b)) <= 0) { wrong(null_dereference); STICK(\(address)); } \(set(i.a, "members[(\(value(i.b)) - 1) * MEMBERS + \(i.c)]"))"
    case .returnValue:
      return
        "if (f - 4 == st) { th[RESULT] = fit(\(value(i.a))); \(clear(address))return 0; } return leave(\(value(i.a)));"
    case .finishEntry: return nil
    // What touches objects that others see, and the sanitizers.
    case .allocate:
      return i.c == 0
        ? set(i.a, "allocate(\(i.b))")
        : set(i.a, "choice == 1 && may_fail(me) ? 0 : allocate(\(i.b))")
    case .free: return "if (!free_object(\(value(i.a)))) STICK(\(address));"
    case .acquire:
      let mode = i.d & 3
      let queue =
        mode == 2
        ? "if (!(H(lock + 2) & 1 << me)) { H(lock + 2) |= 1 << me; th[FLAGS] |= QUEUED; outcome = QUEUED_UP; return -1; } "
        : ""
      return object(
        i.a, address,
        "{ int lock = \(value(i.a)) + \(i.b); if (!available(lock, \(mode))) { \(queue)outcome = NOT_READY; return -1; } take(lock, \(i.c), \(mode), \(i.d & Instruction.neverWaits != 0 ? 1 : 0)); }"
      )
    case .release:
      return object(
        i.a, address,
        "release(\(value(i.a)) + \(i.b), \(i.d & 3));\(i.d & Instruction.neverWaits != 0 ? " leave_readers();" : "")"
      )
    case .tryAcquire:
      return object(
        i.b, address,
        "{ int lock = \(value(i.b)) + \(i.c), got = available(lock, \(i.d & 3)); if (got) take(lock, \(i.d >> 2), \(i.d & 3), 1); \(set(i.a, "got")) }"
      )
    case .assertHeld:
      return object(
        i.a, address, rides(i, at: address) + "if (!holds(th, \(value(i.a)) + \(i.b))) wrong(assert_held);")
    case .lockTest:
      let lock = "\(value(i.b)) + \(i.c)"
      return object(
        i.b, address,
        rides(i, at: address) + set(i.a, i.d & 1 == 0 ? "is_held(\(lock))" : "holds(th, \(lock))"))
    case .unitCount:
      return object(
        i.b, address,
        rides(i, at: address)
          + set(i.a, "units(\(value(i.b)), \(i.c), \(i.d & 1 == 0 ? "opd[0]" : "-(me + 1)"))"))
    case .aliveTest:
      let object = value(i.b)
      return set(i.a, "\(object) > 0 && \(object) < HEND && ALIVE(H(\(object)))")
    case .holder:
      let owner = i.c == 1 ? value(i.a) : i.c == 2 ? "-(me + 1)" : "0"
      return i.d == 0 ? "by = \(i.b); whose = \(owner);" : "by2 = \(i.b); whose2 = \(owner);"
    case .refcount:
      let call = "count_of(\(value(i.b)), \(i.c), \(i.d), \(value(i.a)))"
      return object(
        i.b, address, Int(i.d) == RefcountOperation.set.rawValue ? "\(call);" : set(i.a, call))
    case .refcountMove: return object(i.a, address, "move_unit(\(value(i.a)) + \(i.b) + 1);")
    case .operand: return "opd[\(i.a)] = \(value(i.b));"
    case .container: return object(i.b, address, set(i.a, container(i)))
    case .wait: return object(i.b, address, wait(i))
    case .wake: return object(i.a, address, "wake(\(value(i.a)) + \(i.b), \(i.c));")
    case .work: return object(i.b, address, set(i.a, "work(\(i.d), \(value(i.b)), \(i.c))"))
    case .flush: return flush(i, address)
    case .deferCall: return object(i.b, address, "defer_call(\(i.a), \(value(i.b)));")
    case .grace:
      return
        "if (!was_woken()) { int call; may_sleep(); call = grace(\(i.a)); if (call) { sleep_on(call); return -1; } }"
    case .taskWork: return "add_task_work(\(i.a), \(value(i.b)));"
    case .check: return "if (!\(value(i.a))) wrong(\(Self.name(properties[Int(i.b)])));"
    case .warnOn: return "if (\(value(i.a))) wrong(warn);"
    }
  }

  private func flush(_ i: Instruction, _ address: Int) -> String {
    let isTimer = i.d & Instruction.stopsTimer != 0
    let look = object(
      i.b, address,
      "call = awaited_call(\(value(i.b)), \(i.c), \(i.d & 0xff), \(isTimer ? 1 : 0)); \(isTimer ? "" : "may_sleep(); ")if (call > 0) { sleep_on(call); note_order(\(value(i.b)) + \(i.c), \(i.d >> 12)); return -1; } \(set(i.a, "call < 0"))"
    )
    return
      "{ int call, woken = was_woken(); if (woken\(isTimer ? " && 0" : "")) { \(set(i.a, "1")) } else { \(look) } }"
  }

  private func container(_ i: Instruction) -> String {
    let place = "\(value(i.b)), \(i.c)"
    switch Builtin.allCases[Int(i.d)] {
    case .list_remove, .imap_remove: return "list_remove(\(place))"
    case .list_next, .imap_next: return "list_next(\(place))"
    case .count: return "count_cells(\(place))"
    case .xa_alloc, .xa_insert, .xa_store, .xa_cmpxchg, .xa_load, .xa_erase, .xa_find, .list_append,
      .list_first, .imap_insert,
      .imap_find, .imap_uncovered:
      return "\(Builtin.allCases[Int(i.d)].rawValue)(\(place))"
    case .add_overflows, .held, .holds, .units, .alive: return "0"
    }
  }

  private func wait(_ i: Instruction) -> String {
    let sleeping = "SLEEPING\(i.d & 1 != 0 ? " | INTERRUPTIBLE" : "")\(i.d & 2 != 0 ? " | NOTIMEOUT" : "")"
    return
      "{ int holds_now = opd[0] != 0, late = (th[FLAGS] & SLEEPING) && !(th[FLAGS] & WOKEN); may_sleep(); if (holds_now || late) { th[FLAGS] &= ~(SLEEPING | WOKEN | INTERRUPTIBLE | NOTIMEOUT); th[QUEUE] = 0; if (late && holds_now) wrong(lost_wakeup); \(set(i.a, "holds_now")) } else { th[FLAGS] = (th[FLAGS] & ~WOKEN) | \(sleeping); th[QUEUE] = \(value(i.b)) + \(i.c); outcome = SLEPT; return -1; } }"
  }

  private func division(_ i: Instruction, _ address: Int, _ result: String) -> String {
    return "if (!\(value(i.c))) { wrong(warn); STICK(\(address)); } \(set(i.a, result))"
  }
}
