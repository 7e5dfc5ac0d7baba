import Basics
import Machine
import StepLanguage

/// Writes a session line by line as it happens; what was written stays valid whatever becomes of the process.
public struct SessionWriter {
  private let write: (String) throws -> Void
  /// How many points of the timeline are written, and where the file stands.
  private var writtenNodes = 1
  private var cursor = 0
  /// How many of the timeline's annotations are written.
  private var writtenAnnotations = 0
  /// How many of the timeline's findings are written.
  private var writtenClaims = 0
  private var sinceDigest = 0

  /// After so many actions a digest of the state is written.
  private static let digestDistance = 32

  /// Begins a session.
  ///
  /// - Parameters:
  ///   - header: the first line.
  ///   - write: takes one line with its newline, and should have it on its way to the disk when it returns.
  /// - Throws: what `write` throws.
  public init(header: Session.Header, write: @escaping (String) throws -> Void) throws {
    self.write = write
    try write(Self.line(header))
  }

  /// Goes on with a session that was read and replayed to the end: what it holds is written already.
  ///
  /// - Parameters:
  ///   - timeline: what the session's replay gave, before anything else was done with it.
  ///   - write: takes one line with its newline and puts it behind those that are there.
  public init(continuing timeline: Timeline, write: @escaping (String) throws -> Void) {
    self.write = write
    writtenNodes = timeline.nodes.count
    writtenAnnotations = timeline.annotations.count
    writtenClaims = timeline.claims.count
    cursor = timeline.here
  }

  /// Writes what the timeline has done since the last time, what was said about points, and where it stands now.
  ///
  /// - Parameter origins: for points that a kernel trace led to, where in the trace.
  /// - Throws: what writing throws; the lines before are complete.
  public mutating func follow(_ timeline: Timeline, origins: [Int: Session.Origin] = [:]) throws {
    while writtenNodes < timeline.nodes.count {
      let node = timeline.nodes[writtenNodes]
      guard let parent = node.parent, let action = node.action else { break }
      try go(to: parent)
      if let pause = timeline.pause(before: writtenNodes) {
        try write("{\"kind\":\"pause\",\"milliseconds\":\(pause)}\n")
      }
      try write(
        Self.line(
          action, did: timeline.fingerprint(at: writtenNodes), found: node.traits.contains(.finding),
          origin: origins[writtenNodes]))
      cursor = writtenNodes
      writtenNodes += 1
      sinceDigest += 1
    }
    while writtenAnnotations < timeline.annotations.count {
      try write(Self.line(timeline.annotations[writtenAnnotations], cursor: cursor))
      writtenAnnotations += 1
    }
    while writtenClaims < timeline.claims.count {
      try write(Self.line(timeline.claims[writtenClaims], cursor: cursor))
      writtenClaims += 1
    }
    try go(to: timeline.here)
    if sinceDigest >= Self.digestDistance {
      sinceDigest = 0
      let digest = String(timeline.state.digest(in: timeline.world), radix: 16)
      try write("{\"kind\":\"digest\",\"value\":\"\(digest)\"}\n")
    }
  }

  /// Writes one action that was done at the point where the file stands, without a timeline; for long runs that are not kept.
  ///
  /// - Throws: what writing throws.
  public mutating func append(_ action: Action, origin: Session.Origin? = nil) throws {
    try write(Self.line(action, did: nil, found: false, origin: origin))
    cursor = writtenNodes
    writtenNodes += 1
  }

  /// Writes a marker at the point where the file stands.
  public mutating func mark(_ text: String) throws {
    try write(Self.line(Annotation(.marker, text, at: cursor), cursor: cursor))
  }

  private mutating func go(to node: Int) throws {
    guard node != cursor else { return }
    try write("{\"kind\":\"goto\",\"point\":\(node)}\n")
    cursor = node
  }

  // MARK: Lines

  private static func line(_ header: Session.Header) -> String {
    let threads = header.threads.map { thread in
      "{\"name\":\(JSON.quoted(thread.name)),\"operations\":[\(thread.operations.map(JSON.quoted).joined(separator: ","))]}"
    }
    var fields = [
      "\"kind\":\"header\"", "\"format\":\"ioascope-session\"", "\"version\":\(Session.formatVersion)",
      "\"tool\":\(JSON.quoted(header.tool))", "\"model\":\(JSON.quoted(header.model))",
      "\"digest\":\(JSON.quoted(header.modelDigest))",
      "\"scenario\":\(JSON.quoted(header.scenario))", "\"text\":\(JSON.quoted(header.scenarioText))",
      "\"threads\":[\(threads.joined(separator: ","))]", "\"setup\":\(header.setupCount)",
      "\"faults\":\(header.faults)",
    ]
    if !header.modelFile.isEmpty { fields.append("\"modelFile\":\(JSON.quoted(header.modelFile))") }
    if !header.started.isEmpty { fields.append("\"started\":\(JSON.quoted(header.started))") }
    if !header.trace.isEmpty { fields.append("\"trace\":\(JSON.quoted(header.trace))") }
    return "{\(fields.joined(separator: ","))}\n"
  }

  /// A line about a point; which one is said only when the file stands elsewhere.
  private static func line(_ annotation: Annotation, cursor: Int) -> String {
    if annotation.kind == .unknown { return annotation.text + "\n" }
    let point = annotation.point == cursor ? "" : ",\"point\":\(annotation.point)"
    return "{\"kind\":\"\(annotation.kind.rawValue)\",\"text\":\(JSON.quoted(annotation.text))\(point)}\n"
  }

  private static func line(_ claim: FindingClaim, cursor: Int) -> String {
    var fields = [
      "\"kind\":\"finding\"", "\"property\":\(JSON.quoted(claim.property))",
      "\"message\":\(JSON.quoted(claim.message))",
    ]
    if claim.point != cursor { fields.append("\"point\":\(claim.point)") }
    if let loop = claim.loopStart { fields.append("\"loop\":\(loop)") }
    return "{\(fields.joined(separator: ","))}\n"
  }

  private static func line(_ action: Action, did: UInt32?, found: Bool, origin: Session.Origin?) -> String {
    var fields: [String]
    switch action {
    case .step(let thread, let choice):
      fields = ["\"kind\":\"step\"", "\"thread\":\(thread)"]
      if choice != 0 { fields.append("\"choice\":\(choice)") }
      if let did {
        let digits = String(did, radix: 16)
        fields.append("\"did\":\"\(String(repeating: "0", count: 8 - digits.count))\(digits)\"")
        if found { fields.append("\"found\":true") }
      }
    case .start(let thread, let operation):
      fields = ["\"kind\":\"start\"", "\"thread\":\(thread)", "\"operation\":\(JSON.quoted(operation.text))"]
    case .addThread(let name):
      fields = ["\"kind\":\"thread\"", "\"name\":\(JSON.quoted(name))"]
    }
    if let origin {
      fields.append("\"time\":\(JSON.quoted(origin.time))")
      fields.append("\"line\":\(origin.line)")
    }
    return "{\(fields.joined(separator: ","))}\n"
  }
}
