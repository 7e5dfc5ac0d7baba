import Machine
import StepLanguage

/// All objects with what leads from one to another.
public struct ObjectGraph: Sendable {
  /// The objects: by layer, type and number. What is drawn inside another object comes right behind it.
  public let nodes: [GraphNode]
  /// What leads from one to another, in the order of the sources.
  public let edges: [GraphEdge]
  /// The objects that stand for themselves.
  public let cards: [GraphNode]
  private let positions: [ObjectIdentity: Int]
  private let children: [ObjectIdentity: [Int]]
  /// For each object the one that stands for itself inside which it is drawn.
  private let cardOf: [ObjectIdentity: ObjectIdentity]
  /// What was read of the state, for the graph of the next step.
  private let reader: GraphReader?

  /// The graph of a moment.
  ///
  /// - Parameters:
  ///   - moment: the moment.
  ///   - previous: the graph of the moment one step before, when the caller has it: it has read that state already.
  public init(_ moment: Moment, previous: ObjectGraph? = nil) {
    let now = GraphReader(moment.view)
    let past = moment.before.map { previous?.reader ?? GraphReader($0) }
    reader = now
    let nesting = Nesting(moment.view.world.program)
    var waiters: [PlainLock: [String]] = [:]
    for (thread, readiness) in moment.readiness.enumerated() {
      if case .blocked(let lock, _) = readiness {
        waiters[PlainLock(lock), default: []].append(moment.threadName(thread))
      }
    }
    var found: [GraphNode] = now.identities.map { identity, reference in
      Self.node(
        reference, identity, now: now, past: past, moment: moment, waiters: waiters,
        nesting: nesting)
    }
    if let past {
      for (identity, reference) in past.identities
      where now.references[identity] == nil && past.view.isAlive(reference) {
        found.append(
          Self.node(
            reference, identity, now: past, past: nil, moment: moment, waiters: [:],
            nesting: nesting, presence: .gone))
      }
    }
    let known = Set(found.map(\.identity))
    var inner: [ObjectIdentity: [GraphNode]] = [:]
    var outer: [GraphNode] = []
    for node in found {
      if let owner = node.owner, known.contains(owner) {
        inner[owner, default: []].append(node)
      } else {
        outer.append(node)
      }
    }
    outer.sort { ($0.layer, $0.identity) < ($1.layer, $1.identity) }
    var ordered: [GraphNode] = []
    func add(_ node: GraphNode) {
      ordered.append(node)
      for child in inner[node.identity] ?? [] { add(child) }
    }
    for node in outer { add(node) }
    nodes = ordered
    var positions: [ObjectIdentity: Int] = [:]
    var children: [ObjectIdentity: [Int]] = [:]
    for (position, node) in ordered.enumerated() {
      positions[node.identity] = position
      if let owner = node.owner, known.contains(owner) { children[owner, default: []].append(position) }
    }
    self.positions = positions
    self.children = children
    (cards, cardOf) = Self.cards(ordered, positions)
    edges = Self.edges(now: now, past: past)
  }

  private init(nodes: [GraphNode], edges: [GraphEdge]) {
    self.nodes = nodes
    self.edges = edges
    var positions: [ObjectIdentity: Int] = [:]
    for (position, node) in nodes.enumerated() { positions[node.identity] = position }
    var children: [ObjectIdentity: [Int]] = [:]
    for (position, node) in nodes.enumerated() {
      if let owner = node.owner, positions[owner] != nil { children[owner, default: []].append(position) }
    }
    self.positions = positions
    self.children = children
    (cards, cardOf) = Self.cards(nodes, positions)
    reader = nil
  }

  private static func cards(
    _ nodes: [GraphNode], _ positions: [ObjectIdentity: Int]
  ) -> (cards: [GraphNode], cardOf: [ObjectIdentity: ObjectIdentity]) {
    var cards: [GraphNode] = []
    var cardOf: [ObjectIdentity: ObjectIdentity] = [:]
    cardOf.reserveCapacity(nodes.count)
    // What is drawn inside another object comes behind it, so the outer one's card is known.
    for node in nodes {
      if let owner = node.owner, positions[owner] != nil {
        cardOf[node.identity] = cardOf[owner] ?? owner
      } else {
        cards.append(node)
        cardOf[node.identity] = node.identity
      }
    }
    return (cards, cardOf)
  }

  /// The objects whose name or type contains a text, whatever the case, with those inside which they are drawn, and the edges between them.
  public func filtered(_ text: String) -> ObjectGraph {
    let wanted = text.lowercased()
    var kept: Set<ObjectIdentity> = []
    for node in nodes
    where node.name.lowercased().contains(wanted) || node.typeName.lowercased().contains(wanted) {
      var here: ObjectIdentity? = node.identity
      while let identity = here, positions[identity] != nil {
        kept.insert(identity)
        here = self[identity]?.owner
      }
    }
    return ObjectGraph(
      nodes: nodes.filter { kept.contains($0.identity) },
      edges: edges.filter { kept.contains($0.source) && kept.contains($0.target) })
  }

  /// The object's node.
  public subscript(identity: ObjectIdentity) -> GraphNode? {
    positions[identity].map { nodes[$0] }
  }

  /// What is drawn inside this object, one level deep.
  public func children(of identity: ObjectIdentity) -> [GraphNode] {
    (children[identity] ?? []).map { nodes[$0] }
  }

  /// What is drawn inside this object, one level deep, without copies of it.
  func positionsOfChildren(of identity: ObjectIdentity) -> [Int] { children[identity] ?? [] }

  /// The object that stands for itself inside which this one is drawn.
  public func card(of identity: ObjectIdentity) -> ObjectIdentity { cardOf[identity] ?? identity }

  // MARK: Making

  private static func edges(now: GraphReader, past: GraphReader?) -> [GraphEdge] {
    let present = now.edges
    guard let past else {
      return present.map { GraphEdge(source: $0.source, target: $0.target, kind: $0.kind, change: .none) }
    }
    // A step changes little, so most of the two lists is the same at both ends; only the middle is worth looking at.
    let before = past.edges
    var same = 0
    while same < present.count, same < before.count, present[same] == before[same] { same += 1 }
    var tail = 0
    while tail < present.count - same, tail < before.count - same,
      present[present.count - 1 - tail] == before[before.count - 1 - tail]
    {
      tail += 1
    }
    let old = Set(before[same..<(before.count - tail)])
    let new = Set(present[same..<(present.count - tail)])
    let middle = same..<(present.count - tail)
    var result = present.enumerated().map { number, edge in
      GraphEdge(
        source: edge.source, target: edge.target, kind: edge.kind,
        change: !middle.contains(number) || old.contains(edge) ? .none : .added)
    }
    for edge in before[same..<(before.count - tail)] where !new.contains(edge) {
      result.append(GraphEdge(source: edge.source, target: edge.target, kind: edge.kind, change: .removed))
    }
    return result
  }

  private static func node(
    _ reference: ObjectReference, _ identity: ObjectIdentity, now: GraphReader, past: GraphReader?,
    moment: Moment, waiters: [PlainLock: [String]], nesting: Nesting,
    presence forced: GraphNode.Presence? = nil
  ) -> GraphNode {
    let view = now.view
    let owner = nesting.owner(of: identity, in: now)
    let type = view.type(of: reference)
    let old = past.flatMap { reader in reader.references[identity].map { (reader.view, $0) } }
    let presence: GraphNode.Presence =
      forced ?? (!view.isAlive(reference) ? .tombstone : past != nil && old == nil ? .new : .present)
    let isLoose =
      presence == .tombstone || (owner == nil && now.incoming[identity] == nil && now.places[identity] == nil)
    var fields: [GraphNode.ShownField] = []
    var counts: [GraphNode.Count] = []
    var locks: [LockBadge] = []
    for field in type.fields {
      let value = view.value(field, of: reference)
      let before = old.map { $0.0.value(field, of: $0.1) }
      switch value {
      case .refcount(let count, _):
        var change: Int64 = 0
        if case .refcount(let past, _)? = before { change = count - past }
        counts.append(GraphNode.Count(name: field.name, value: count, change: change))
      case .lock(let lock):
        locks.append(
          badge(field.name, lock, reference, field.offset, moment: moment, waiters: waiters))
      case .container(_, let lock?):
        let badge = badge(
          "\(field.name).xa_lock", lock, reference, field.offset + 1, moment: moment, waiters: waiters)
        if badge.isActive { locks.append(badge) }
      case .container, .waitQueue: break
      case .work(let isQueued, let worker):
        guard field.isShown || isQueued || worker != nil else { break }
        fields.append(
          GraphNode.ShownField(
            name: field.name, text: ValueText.text(value, in: view), isBlank: !isQueued && worker == nil,
            isChanged: before.map { $0 != value } ?? false, target: nil, isReference: false))
      case .reference(let target):
        if field.isConstant && !field.isShown { break }
        let text = target.map { view.name(of: $0) } ?? "null"
        var isChanged = false
        if let old, case .reference(let past)? = before {
          isChanged = past.map { old.0.identity(of: $0) } != target.map { view.identity(of: $0) }
        }
        fields.append(
          GraphNode.ShownField(
            name: field.name, text: text, isBlank: target == nil, isChanged: isChanged,
            target: target.map { view.identity(of: $0) }, isReference: true))
      default:
        guard field.isShown else { break }
        let isBlank = value == .int(0) || value == .unsigned(0) || value == .bool(false)
        fields.append(
          GraphNode.ShownField(
            name: field.name, text: ValueText.text(value, in: view), isBlank: isBlank,
            isChanged: before.map { $0 != value } ?? false, target: nil, isReference: false))
      }
    }
    return GraphNode(
      identity: identity, name: view.name(of: reference), typeName: type.name, layer: type.layer,
      role: type.role, fields: fields, counts: counts, locks: forced == .gone ? [] : locks,
      presence: presence, places: now.places[identity] ?? [], owner: owner?.object,
      isInner: nesting.isInner[identity.type],
      pointers: isLoose && forced == nil
        ? now.fields(leadingTo: identity) + moment.localPointers(to: reference) : [],
      range: owner?.range)
  }

  private static func badge(
    _ name: String, _ lock: StateView.Lock, _ object: ObjectReference, _ offset: Int, moment: Moment,
    waiters: [PlainLock: [String]]
  ) -> LockBadge {
    let reference = PlainLock(object: object, offset: offset)
    let holders = (lock.owner.map { [$0] } ?? []) + lock.readers
    let changes = moment.lockChanges.filter { PlainLock($0.lock) == reference }
    return LockBadge(
      name: name,
      state: lock.owner != nil ? .held : lock.readers.isEmpty ? .free : .shared,
      holders: holders.map { moment.threadName($0) }, waiters: waiters[reference] ?? [],
      isTakenNow: changes.contains { $0.kind == .taken } && lock.isHeld,
      isReleasedNow: changes.contains { $0.kind == .released })
  }
}

/// A lock whatever the mode.
struct PlainLock: Hashable {
  var object: ObjectReference
  var offset: Int

  init(object: ObjectReference, offset: Int) {
    self.object = object
    self.offset = offset
  }

  init(_ lock: LockReference) {
    object = lock.object
    offset = lock.offset
  }
}
