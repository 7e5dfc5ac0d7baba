import StepLanguage

// The one place that knows how the heap is gone through: its blocks one after another, chains of cells, and which words of blocks and of
// threads lead to other blocks. Marking what can be reached, canonical forms and checks all walk with these.

/// The blocks of a heap in the order of their places, with their headers.
struct Blocks: Sequence, IteratorProtocol {
  private let heap: Words
  private let end: Int
  private var index = 1

  /// - Parameter end: where the heap ends.
  @inline(__always)
  init(_ heap: Words, upTo end: Int) {
    self.heap = heap
    self.end = end
  }

  @inline(__always)
  mutating func next() -> (index: Int, header: Int64)? {
    guard index < end else { return nil }
    let header = heap[index]
    let size = Header.size(header)
    precondition(size > 0)
    defer { index &+= size }
    return (index, header)
  }
}

/// The cells or units of a chain. The next one is known before a cell is given out, so whoever gets it may release it.
struct Chain: Sequence, IteratorProtocol {
  private let heap: Words
  private var cell: Int

  /// - Parameter head: the first cell; 0 for none.
  @inline(__always)
  init(_ heap: Words, from head: Int64) {
    self.heap = heap
    cell = Int(head)
  }

  @inline(__always)
  mutating func next() -> Int? {
    guard cell != 0 else { return nil }
    defer { cell = Int(heap[cell + Cell.next]) }
    return cell
  }
}

/// Words of a cell: of an xarray, list or interval map.
enum Cell {
  static let next = 1
  static let value = 4
}

/// Words of a unit of a count.
enum Unit {
  static let next = 1
  static let word = 2
  /// Positive an object, negative a thread, 0 nobody.
  static let owner = 3
  static let count = 4
}

/// How a word of a block leads to another block.
enum Edge {
  /// To an object; 0 for none.
  case object
  /// To the first or next cell of a chain whose values are objects.
  case cells
  /// To the first or next unit of a count.
  case units
  /// To an object that holds a unit; negative or 0 for none.
  case owner
}

extension ProgramTables {
  /// Every word of a block that leads to another one, in order.
  @inline(__always)
  func forEachEdge(ofType type: Int, _ body: (_ edge: Edge, _ offset: Int) -> Void) {
    switch type {
    case BlockType.cell:
      body(.cells, Cell.next)
      body(.object, Cell.value)
    case BlockType.unit:
      body(.units, Unit.next)
      body(.owner, Unit.owner)
    default:
      for index in typeFields[type].indices {
        let field = fields[index]
        switch field.kind {
        case .reference: body(.object, Int(field.offset))
        case .xarray, .chain: body(.cells, Int(field.offset))
        case .refcount: body(.units, Int(field.offset) + 1)
        case .lock, .rwSemaphore: break
        }
      }
    }
  }

  /// Every word of a thread's stack that leads to an object, from the system call's frame, which changes least, to the running function's.
  ///
  /// - Parameter words: the thread's; the body gets indexes of them.
  @inline(__always)
  func forEachReference(onStackOf words: Words, _ body: (_ index: Int) -> Void) {
    guard words[Layout.programCounter] != Layout.idle else { return }
    let end = Layout.stack + Int(words[Layout.stackPointer])
    var frame = Layout.stack
    while frame < end {
      let function = functions[Int(words[frame + 3])]
      for index in function.references.indices { body(frame + frameHeader + Int(locals[index])) }
      frame += frameHeader + function.locals
    }
  }

  /// Every word in which a thread keeps what it has looked at.
  @inline(__always)
  func forEachRide(of words: Words, _ body: (_ index: Int) -> Void) {
    let count = Int(words[Layout.rideCount])
    if count == 0 { return }
    let first = Layout.stack + Int(words[Layout.stackPointer])
    for index in first..<first + count { body(index) }
  }
}
