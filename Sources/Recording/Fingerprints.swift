import Machine
import StepLanguage

/// Tells in 32 bits what a step did, in words that do not depend on where things lie: names, results and counts, not numbers of statements or addresses.
///
/// So a model that was changed elsewhere gives the same, and the first step that does something else is found.
final class Fingerprints: Sendable {
  private let statements: [UInt32]
  private let lockClasses: [UInt32]
  private let types: [UInt32]
  private let entries: [UInt32]

  init(program: Program) {
    statements = program.statements.indices.map { index in
      let function = program.statements[index].function
      let name = program.functions.indices.contains(function) ? program.functions[function].name : ""
      return Self.hash("\(name): \(program.text(of: index))")
    }
    lockClasses = program.lockClasses.map { Self.hash($0.name) }
    types = program.types.map { Self.hash($0.name) }
    entries = program.entries.map { Self.hash($0.name) }
  }

  /// What a step did.
  ///
  /// - Parameters:
  ///   - statement: the statement that it ran, or -1.
  ///   - outcome: whether the thread did it, queued up or fell asleep.
  ///   - log: what happened.
  func of(statement: Int, outcome: Machine.Outcome, log: EventLog) -> UInt32 {
    var hash: UInt32 = 0x811c_9dc5
    Self.mix(&hash, Self.value(statements, Int64(statement)))
    switch outcome {
    case .stepped: break
    case .queued: Self.mix(&hash, 1)
    case .slept: Self.mix(&hash, 2)
    case .notReady: Self.mix(&hash, 3)
    }
    for number in 0..<log.count {
      let event = log[number]
      switch event.kind {
      case .operationStarted:
        Self.mix(&hash, 0x100)
        Self.mix(&hash, Self.value(entries, event.a))
      case .operationEnded:
        Self.mix(&hash, 0x101)
        Self.mix(&hash, UInt32(truncatingIfNeeded: event.b))
      case .barrierPassed: Self.mix(&hash, 0x102)
      case .acquired, .released, .queued, .tryFailed:
        // Numbers of our own: they are part of the session format, the order of an enum's cases is not.
        Self.mix(
          &hash,
          event.kind == .acquired
            ? 0x201 : event.kind == .released ? 0x202 : event.kind == .queued ? 0x203 : 0x204)
        Self.mix(&hash, Self.value(lockClasses, event.b))
        Self.mix(&hash, UInt32(truncatingIfNeeded: event.c))
      case .counted:
        Self.mix(&hash, 0x104)
        Self.mix(&hash, UInt32(truncatingIfNeeded: event.c))
        Self.mix(&hash, UInt32(truncatingIfNeeded: event.d))
      case .allocated, .freed:
        Self.mix(&hash, event.kind == .allocated ? 0x105 : 0x106)
        Self.mix(&hash, Self.value(types, event.b))
      case .allocationFailed: Self.mix(&hash, 0x107)
      case .slept: Self.mix(&hash, 0x108)
      case .woken: Self.mix(&hash, 0x109 ^ UInt32(truncatingIfNeeded: event.b) << 12)
      case .wokeNobody: Self.mix(&hash, 0x10a)
      case .timedOut: Self.mix(&hash, 0x10b)
      case .callQueued, .callRefused, .callCancelled:
        Self.mix(&hash, event.kind == .callQueued ? 0x301 : event.kind == .callRefused ? 0x302 : 0x303)
      case .callBegan: Self.mix(&hash, 0x304)
      case .callEnded: Self.mix(&hash, 0x305)
      case .entered, .left, .stored, .unitMoved, .unitMissing, .containerChanged, .calledDriver, .chose,
        .probe, .mark:
        break
      }
    }
    return hash
  }

  private static func value(_ table: [UInt32], _ index: Int64) -> UInt32 {
    index >= 0 && index < table.count ? table[Int(index)] : 0
  }

  @inline(__always)
  private static func mix(_ hash: inout UInt32, _ word: UInt32) {
    hash = (hash ^ word) &* 0x0100_0193
    hash ^= hash >> 15
  }

  private static func hash(_ text: String) -> UInt32 {
    var hash: UInt32 = 0x811c_9dc5
    for byte in text.utf8 { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
    return hash
  }
}
