import StepLanguage

/// Brings a state's heap into a form that does not depend on the order in which objects were made.
///
/// Objects are laid out again in the order in which they are reached from globals and stacks, without gaps, and numbered anew
/// (heap canonicalisation; Iosif, "Exploiting heap symmetries in explicit-state model checking of software", ASE 2001). Two
/// states that differ only in where objects lie and how they are numbered become the same words, and nothing that a thread can do
/// depends on either, so a search may go on from the one in place of the other.
public final class Canonicalizer {
  private enum FieldKind {
    case reference
    case chain
    case refcount
  }

  private struct FieldRow {
    var offset: Int
    var kind: FieldKind
  }

  private let layout: Layout
  private let threadCount: Int
  private let fields: [[FieldRow]]
  private let referenceLocals: [[Int]]
  private var newIndex: [Int] = []
  private var owner: [Int] = []
  private var order: [Int] = []
  private var frames: [Int] = []
  private var serials: [Int]
  private var scratch: [Int64] = []
  private var next = 1

  /// For states of a world.
  public init(world: World) {
    layout = world.layout
    threadCount = world.threads.count
    fields = world.program.types.map { type in
      type.fields.compactMap { field in
        switch field.type {
        case .reference: FieldRow(offset: field.offset, kind: .reference)
        case .xarray, .list, .intervalMap: FieldRow(offset: field.offset, kind: .chain)
        case .refcount: FieldRow(offset: field.offset + 1, kind: .refcount)
        default: nil
        }
      }
    }
    referenceLocals = world.program.functions.map { function in
      function.locals.indices.filter { if case .reference = function.locals[$0].type { true } else { false } }
    }
    serials = Array(repeating: 0, count: world.program.types.count)
  }

  /// Rewrites the state in canonical form.
  public func canonicalize(_ state: inout State) {
    state.words.withUnsafeMutableBufferPointer { buffer in
      guard let words = buffer.baseAddress else { return }
      rewrite(words)
    }
  }

  private func rewrite(_ words: UnsafeMutablePointer<Int64>) {
    let heap = words + layout.heapBase
    let end = Int(words[Layout.heapEnd])
    prepare(heap, end)
    reach(1, heap)
    for thread in 0..<threadCount {
      let t = words + layout.threadBase + thread * layout.threadWords
      reachChain(Int(t[Layout.taskWork]), heap)
      forEachReferenceLocal(t) { reach(Int($0.pointee), heap) }
    }
    var position = 0
    while position < order.count {
      let block = order[position]
      position += 1
      for field in fields[Header.type(heap[block])] {
        switch field.kind {
        case .reference: reach(Int(heap[block + field.offset]), heap)
        case .chain: reachChain(Int(heap[block + field.offset]), heap)
        case .refcount:
          var unit = Int(heap[block + field.offset])
          while unit != 0 {
            reach(unit, heap)
            unit = Int(heap[unit + 1])
          }
        }
      }
      if position == order.count, let lost = leastLost(heap, end) { reach(lost, heap) }
    }
    translateThreads(words)
    move(words, heap, end)
  }

  /// Of the objects that nobody reaches the one that comes next: by type, then by its words other than references.
  /// Where that does not decide, the one that lies first.
  private func leastLost(_ heap: UnsafeMutablePointer<Int64>, _ end: Int) -> Int? {
    var best: Int?
    var index = 1
    while index < end {
      let header = heap[index]
      let type = Header.type(header)
      if newIndex[index] == 0, type != ObjectType.free, !isCell(type) || best == nil {
        if let known = best {
          if isCell(Header.type(heap[known])) || precedes(index, known, heap) { best = index }
        } else {
          best = index
        }
      }
      index += Header.size(header)
    }
    return best
  }

  /// Cells and units come with their owners.
  private func isCell(_ type: Int) -> Bool { type == ObjectType.cell || type == ObjectType.unit }

  private func precedes(_ first: Int, _ second: Int, _ heap: UnsafeMutablePointer<Int64>) -> Bool {
    let type = Header.type(heap[first])
    let other = Header.type(heap[second])
    if type != other { return type < other }
    if Header.isAlive(heap[first]) != Header.isAlive(heap[second]) { return Header.isAlive(heap[first]) }
    let rows = fields[type]
    for word in 1..<max(1, Header.size(heap[first])) where !rows.contains(where: { $0.offset == word }) {
      if heap[first + word] != heap[second + word] { return heap[first + word] < heap[second + word] }
    }
    return false
  }

  private func prepare(_ heap: UnsafeMutablePointer<Int64>, _ end: Int) {
    if newIndex.count < end {
      newIndex = Array(repeating: 0, count: end * 2)
      owner = Array(repeating: 0, count: end * 2)
      scratch = Array(repeating: 0, count: end * 2)
    } else {
      for index in 0..<end { newIndex[index] = 0 }
    }
    order.removeAll(keepingCapacity: true)
    for type in serials.indices { serials[type] = 0 }
    next = 1
    var index = 1
    while index < end {
      let size = Header.size(heap[index])
      for word in index..<index + size { owner[word] = index }
      index += size
    }
  }

  private func reach(_ block: Int, _ heap: UnsafeMutablePointer<Int64>) {
    guard block > 0, newIndex[block] == 0 else { return }
    newIndex[block] = next
    next += Header.size(heap[block])
    order.append(block)
  }

  private func reachChain(_ head: Int, _ heap: UnsafeMutablePointer<Int64>) {
    var cell = head
    while cell != 0 {
      reach(cell, heap)
      reach(Int(heap[cell + 4]), heap)
      cell = Int(heap[cell + 1])
    }
  }

  private func forEachReferenceLocal(
    _ t: UnsafeMutablePointer<Int64>, _ body: (UnsafeMutablePointer<Int64>) -> Void
  ) {
    guard t[Layout.programCounter] != Layout.idle else { return }
    frames.removeAll(keepingCapacity: true)
    var frame = Int(t[Layout.framePointer])
    while true {
      frames.append(frame)
      if frame == 0 { break }
      frame = Int(t[Layout.stack + frame + 1])
    }
    // The system call's frame first: it changes least.
    for frame in frames.reversed() {
      let header = t + Layout.stack + frame
      for local in referenceLocals[Int(header[3])] { body(header + Program.frameHeader + local) }
    }
  }

  private func moved(_ word: Int64) -> Int64 { word > 0 ? Int64(newIndex[Int(word)]) : word }

  /// A place inside a block, such as a lock.
  private func movedPlace(_ place: Int) -> Int {
    let block = owner[place]
    return newIndex[block] + place - block
  }

  private func translateThreads(_ words: UnsafeMutablePointer<Int64>) {
    for thread in 0..<threadCount {
      let t = words + layout.threadBase + thread * layout.threadWords
      t[Layout.taskWork] = moved(t[Layout.taskWork])
      forEachReferenceLocal(t) { $0.pointee = moved($0.pointee) }
      if t[Layout.queue] > 0 { t[Layout.queue] = Int64(movedPlace(Int(t[Layout.queue]))) }
      for index in 0..<Int(t[Layout.heldCount]) {
        let held = t[Layout.held + index]
        t[Layout.held + index] = Int64(movedPlace(Int(held >> 20))) << 20 | held & 0xfffff
      }
    }
  }

  private func move(_ words: UnsafeMutablePointer<Int64>, _ heap: UnsafeMutablePointer<Int64>, _ end: Int) {
    for block in order {
      let target = newIndex[block]
      let header = heap[block]
      let type = Header.type(header)
      let size = Header.size(header)
      for word in 1..<max(1, size) { scratch[target + word] = heap[block + word] }
      var serial = 0
      if type > ObjectType.globals {
        serials[type] += 1
        serial = serials[type]
      }
      scratch[target] = Header.make(type: type, size: size, serial: serial, isAlive: Header.isAlive(header))
      switch type {
      case ObjectType.cell:
        scratch[target + 1] = moved(heap[block + 1])
        scratch[target + 4] = moved(heap[block + 4])
      case ObjectType.unit:
        scratch[target + 1] = moved(heap[block + 1])
        scratch[target + 3] = moved(heap[block + 3])
      default:
        for field in fields[type] { scratch[target + field.offset] = moved(heap[block + field.offset]) }
      }
    }
    for index in 1..<max(1, next) { heap[index] = scratch[index] }
    for index in next..<max(next, end) { heap[index] = 0 }
    words[Layout.heapEnd] = Int64(next)
    sortUnits(heap)
  }

  /// Units are sorted by word and owner; owners have moved.
  private func sortUnits(_ heap: UnsafeMutablePointer<Int64>) {
    var block = 1
    while block < next {
      let type = Header.type(heap[block])
      for field in fields[type] where field.kind == .refcount {
        // Chains are short: exchange the contents of neighbours until they are in order.
        var isSorted = false
        while !isSorted {
          isSorted = true
          var unit = Int(heap[block + field.offset])
          while unit != 0, heap[unit + 1] != 0 {
            let after = Int(heap[unit + 1])
            if (heap[unit + 2], heap[unit + 3]) > (heap[after + 2], heap[after + 3]) {
              for word in 2...4 {
                let saved = heap[unit + word]
                heap[unit + word] = heap[after + word]
                heap[after + word] = saved
              }
              isSorted = false
            }
            unit = after
          }
        }
      }
      block += Header.size(heap[block])
    }
  }
}
