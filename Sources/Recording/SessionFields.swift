import Basics
import Machine

/// The fields of a session's line, within their bounds.
struct SessionFields {
  static let threadLimit = World.maximumThreads
  static let choiceLimit = 64

  private let fields: [String: JSONLine.Value]

  init(_ fields: [String: JSONLine.Value]) {
    self.fields = fields
  }

  /// What a line of some kind says; nil when it lacks something.
  func entry(_ kind: String, _ bytes: UnsafeBufferPointer<UInt8>) -> Session.Entry? {
    switch kind {
    case "step":
      guard let thread = integer("thread"), (0..<Self.threadLimit).contains(thread) else { return nil }
      guard let choice = fields["choice"] == nil ? 0 : integer("choice"),
        (0..<Self.choiceLimit).contains(choice)
      else { return nil }
      guard fields["did"] != nil else {
        return .step(thread: thread, choice: choice, did: nil, found: false, origin)
      }
      guard let did = string("did"), did.utf8.count == 8, let value = UInt32(did, radix: 16) else {
        return nil
      }
      let found = fields["found"]?.bool ?? false
      return .step(thread: thread, choice: choice, did: value, found: found, origin)
    case "start":
      guard let thread = integer("thread"), (0..<Self.threadLimit).contains(thread),
        let text = string("operation"), Self.isPlain(text)
      else { return nil }
      return .start(thread: thread, operation: text, origin)
    case "thread": return name("name").map { .thread(name: $0, origin) }
    case "goto": return integer("point").flatMap { $0 >= 0 ? .goTo($0) : nil }
    case "marker", "note", "branch":
      guard let kind = Annotation.Kind(rawValue: kind), let text = string("text") else { return nil }
      guard fields["point"] != nil else { return .annotation(kind, text, point: nil) }
      return integer("point").flatMap { $0 >= 0 ? .annotation(kind, text, point: $0) : nil }
    case "pause":
      return integer("milliseconds").flatMap { (0...Timeline.longestPause).contains($0) ? .pause($0) : nil }
    case "finding":
      guard let property = name("property"), !property.isEmpty, let message = plainText("message") else {
        return nil
      }
      let point = fields["point"] == nil ? nil : integer("point")
      let loop = fields["loop"] == nil ? nil : integer("loop")
      guard fields["point"] == nil || (point ?? -1) >= 0, fields["loop"] == nil || (loop ?? 0) >= 1 else {
        return nil
      }
      return .finding(property: property, message: message, point: point, loop: loop)
    case "digest": return string("value").map { .digest($0) }
    default: return .unknown(String(decoding: bytes, as: UTF8.self))
    }
  }

  private var origin: Session.Origin? {
    guard let time = plainText("time"), let line = integer("line") else { return nil }
    return Session.Origin(time: time, line: line)
  }

  /// Whether a text has nothing that a terminal could take for anything but characters.
  static func isPlain(_ text: String) -> Bool { !text.unicodeScalars.contains(where: Annotation.isControl) }

  /// A text of bounded length.
  func string(_ key: String) -> String? {
    guard let text = fields[key]?.string, text.utf8.count <= Annotation.textLimit else { return nil }
    return text
  }

  /// A text that is shown: without control characters.
  func plainText(_ key: String) -> String? { string(key).map(Annotation.plain) }

  /// A thread's name: short and without control characters.
  func name(_ key: String) -> String? {
    guard let text = string(key), text.utf8.count <= 64, Self.isPlain(text) else { return nil }
    return text
  }

  func integer(_ key: String) -> Int? { fields[key]?.integer }
}
