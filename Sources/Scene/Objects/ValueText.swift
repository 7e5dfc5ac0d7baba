public import Machine
import StepLanguage

/// Values as a reader expects them.
public enum ValueText {
  /// A number that may be an address: hexadecimal from a page on.
  public static func unsigned(_ value: UInt64) -> String {
    if value == .max { return "ULONG_MAX" }
    return value < 4096 ? String(value) : "0x" + String(value, radix: 16)
  }

  /// A range of numbers, both ends included.
  public static func range(_ first: UInt64, _ last: UInt64) -> String {
    first == last ? unsigned(first) : "\(unsigned(first))-\(unsigned(last))"
  }

  /// What a system call returned: `0` or an errno's name.
  public static func result(_ value: Int64) -> String {
    value < 0 ? Errno.name(of: 0 &- value) : String(value)
  }

  /// The value of a field in a few words.
  public static func text(_ value: StateView.Value, in view: StateView) -> String {
    switch value {
    case .int(let number): return String(number)
    case .unsigned(let number): return unsigned(number)
    case .bool(let flag): return flag ? "true" : "false"
    case .reference(let object): return object.map { view.name(of: $0) } ?? "null"
    case .driver(let driver):
      guard let driver, view.world.program.drivers.indices.contains(driver) else { return "null" }
      return view.world.program.drivers[driver].name
    case .lock(let lock): return self.lock(lock, in: view)
    case .refcount(let count, _): return String(count)
    case .container(let entries, _):
      guard !entries.isEmpty else { return "empty" }
      let names = entries.prefix(4).map { entry in entry.value.map { view.name(of: $0) } ?? "reserved" }
      return names.joined(separator: " ") + (entries.count > 4 ? " and \(entries.count - 4) more" : "")
    case .waitQueue(let threads):
      guard !threads.isEmpty else { return "nobody sleeps" }
      return threads.map { view.world.threads[$0].name }.joined(separator: " ") + " asleep"
    case .work(let isQueued, let worker):
      let parts = [worker.map { "run by \(name($0, view))" }, isQueued ? "queued" : nil].compactMap { $0 }
      return parts.isEmpty ? "not queued" : parts.joined(separator: ", ")
    }
  }

  /// Who has a lock, in a few words.
  public static func lock(_ lock: StateView.Lock, in view: StateView) -> String {
    if let owner = lock.owner { return "held by \(name(owner, view))" }
    if !lock.readers.isEmpty {
      return "read by \(lock.readers.map { name($0, view) }.joined(separator: " "))"
    }
    return "free"
  }

  private static func name(_ thread: Int, _ view: StateView) -> String {
    view.world.threads.indices.contains(thread) ? view.world.threads[thread].name : "init"
  }
}
