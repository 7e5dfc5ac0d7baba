import Basics

/// Reads lines of ftrace text: of a `trace` file, or what `trace-cmd report` prints.
///
/// It keeps the names that it has seen, so that an event costs no memory beyond its values.
struct TraceParser {
  private var names: [UInt64: String] = [:]
  /// The line before was a mark, so a line without a head may be a second one of it.
  private var lastMark: TraceEvent?

  /// What a line is. `bytes` is the line without its newline.
  mutating func parse(_ bytes: ArraySlice<UInt8>, line: Int) -> TraceLine {
    var bytes = bytes
    if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    guard let first = bytes.first else { return .comment }
    if first == UInt8(ascii: "#") {
      lastMark = nil
      return header(bytes)
    }
    if let event = event(bytes, line: line) {
      if case .mark = event.kind { lastMark = event } else { lastMark = nil }
      return .event(event)
    }
    if let lost = lost(bytes) { return lost }
    // Two threads' marks can share an event; the second then stands on a line of its own.
    if let mark = lastMark, Mark.threadName(String(decoding: bytes, as: UTF8.self)) != nil {
      return .event(
        TraceEvent(
          line: line, cpu: mark.cpu, task: mark.task, pid: -1, time: mark.time,
          kind: .mark(String(decoding: bytes, as: UTF8.self)), bytes: bytes))
    }
    return .other
  }

  // MARK: Lines that are no events

  private func header(_ bytes: ArraySlice<UInt8>) -> TraceLine {
    let text = String(decoding: bytes, as: UTF8.self)
    let words = text.split(separator: " ")
    if let place = words.firstIndex(of: "entries-in-buffer/entries-written:"), place + 1 < words.count {
      let numbers = words[place + 1].split(separator: "/").compactMap { Int($0) }
      if numbers.count == 2 { return .entries(kept: numbers[0], written: numbers[1]) }
    }
    if text.hasPrefix("##### CPU "), text.contains(" buffer started"), words.count > 2,
      let cpu = Int(words[2])
    {
      return .bufferStarted(cpu: cpu)
    }
    return .comment
  }

  /// `CPU:1 [LOST 42 EVENTS]`, `CPU:1 [LOST EVENTS]`, or with trace-cmd `CPU:1 [42 EVENTS DROPPED]`.
  private func lost(_ bytes: ArraySlice<UInt8>) -> TraceLine? {
    guard bytes.starts(with: Array("CPU:".utf8)) else {
      return bytes.starts(with: Array("cpus=".utf8)) || bytes.starts(with: Array("version = ".utf8))
        ? .comment : nil
    }
    let words = String(decoding: bytes, as: UTF8.self).split { " []:".contains($0) }
    guard words.count >= 3, let cpu = Int(words[1]), words.contains("LOST") || words.contains("DROPPED")
    else {
      return nil
    }
    return .lost(cpu: cpu, count: words.dropFirst(2).lazy.compactMap { Int($0) }.first)
  }

  // MARK: Events

  /// `TASK-PID [CPU] flags time: event: …`; the flags may be missing.
  private mutating func event(_ bytes: ArraySlice<UInt8>, line: Int) -> TraceEvent? {
    var cursor = Cursor(bytes)
    guard let (task, pid, cpu) = cursor.head() else { return nil }
    guard let time = cursor.time() else { return nil }
    cursor.skipBlanks()
    let text = bytes[cursor.position...]
    guard let name = cursor.name() else { return nil }
    cursor.skipBlanks()
    let kind: TraceEvent.Kind
    switch String(decoding: name, as: UTF8.self) {
    case "lock_acquire": kind = attempt(&cursor)
    case "lock_contended": kind = lock(.contended, &cursor)
    case "lock_acquired": kind = lock(.acquired, &cursor)
    case "lock_release": kind = lock(.released, &cursor)
    case "tracing_mark_write": kind = .mark(cursor.rest())
    case "print": kind = .mark(Mark.withoutCaller(cursor.rest()))
    default: kind = probe(name, &cursor)
    }
    return TraceEvent(
      line: line, cpu: cpu, task: string(task), pid: pid, time: time, kind: kind, bytes: text)
  }

  private mutating func attempt(_ cursor: inout Cursor) -> TraceEvent.Kind {
    guard let address = cursor.hexadecimal() else { return .other(name: "lock_acquire") }
    cursor.skipBlanks()
    let isTry = cursor.skip("try ")
    let isRead = cursor.skip("read ")
    return .lock(
      .attempt(isRead: isRead, isTry: isTry), address: address, name: string(cursor.restBytes()))
  }

  private mutating func lock(_ action: TraceEvent.LockAction, _ cursor: inout Cursor) -> TraceEvent.Kind {
    guard let address = cursor.hexadecimal() else { return .other(name: "lock") }
    cursor.skipBlanks()
    return .lock(action, address: address, name: string(cursor.restBytes()))
  }

  /// `(place) name=value …`; the place, an address or a symbol, says nothing that the name does not.
  private mutating func probe(_ name: ArraySlice<UInt8>, _ cursor: inout Cursor) -> TraceEvent.Kind {
    guard cursor.skipParenthesis() else { return .other(name: string(name)) }
    var arguments: [TraceEvent.Argument] = []
    while let (key, value) = cursor.argument() {
      arguments.append(TraceEvent.Argument(name: string(key), value: value))
    }
    return .probe(name: string(name), arguments: arguments)
  }

  /// The text of some bytes, one copy for each different text.
  private mutating func string(_ bytes: ArraySlice<UInt8>) -> String {
    let hash = FNV1a(bytes).value
    if let known = names[hash], known.utf8.elementsEqual(bytes) { return known }
    let text = String(decoding: bytes, as: UTF8.self)
    // A trace of arbitrary tasks must not grow the table without end.
    if names.count < 4096 { names[hash] = text }
    return text
  }
}
