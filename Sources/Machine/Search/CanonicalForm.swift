import Basics
public import StepLanguage

/// Looks at states without the places of their objects: two states with the same digest behave alike, wherever the heap put their objects.
///
/// Objects are numbered in the order in which slots, stacks and globals lead to them; what nobody can reach is left out, and so are the
/// objects' own numbers among their type. One form serves many states; it keeps its memory.
public final class CanonicalForm {
  /// 64 bits (FNV-1a over the canonical words) of the state that was read last, the same in every process.
  public private(set) var digest: UInt64 = 0

  /// How a field takes part.
  private enum FieldKind: UInt8 {
    case plain, reference, rwSemaphore, xarray, chain, refcount
  }

  private struct FlatField {
    var kind: FieldKind
    var offset: Int
  }

  // The program in flat arrays, since this runs often.
  private var fields: ContiguousArray<FlatField> = []
  private var fieldStarts: ContiguousArray<Int> = [0]
  private var isReference: ContiguousArray<Bool> = []
  private var localStarts: ContiguousArray<Int> = [0]

  // Of the state that is being read.
  private var words = UnsafeBufferPointer<Int64>(start: nil, count: 0)
  private var heapBase = 0
  private var heapEnd: Int64 = 0
  private var order: ContiguousArray<Int> = []
  /// Canonical number plus one of the object at each word of the heap.
  private var numberAt: ContiguousArray<Int32> = []
  private var blocks: ContiguousArray<Int> = []
  private var hash = FNV1a()

  /// A form for states of a program.
  public init(program: Program) {
    for type in program.types {
      for field in type.fields {
        let kind: FieldKind =
          switch field.type {
          case .int, .unsigned, .bool, .ops, .mutex, .spinlock, .waitQueue: .plain
          case .reference: .reference
          case .rwSemaphore: .rwSemaphore
          case .xarray: .xarray
          case .list, .intervalMap: .chain
          case .refcount: .refcount
          }
        fields.append(FlatField(kind: kind, offset: field.offset))
      }
      fieldStarts.append(fields.count)
    }
    for function in program.functions {
      for local in function.locals {
        if case .reference = local.type { isReference.append(true) } else { isReference.append(false) }
      }
      localStarts.append(isReference.count)
    }
  }

  /// Reads a state of a world of the program.
  public func read(_ state: State, world: World) {
    let layout = world.layout
    state.words.withUnsafeBufferPointer { buffer in
      words = buffer
      heapBase = layout.heapBase
      heapEnd = buffer[Layout.heapEnd]
      hash = FNV1a()
      order.removeAll(keepingCapacity: true)
      blocks.removeAll(keepingCapacity: true)
      numberAt.removeAll(keepingCapacity: true)
      numberAt.append(contentsOf: repeatElement(0, count: Int(heapEnd) + 1))
      walk(layout, threads: world.threads.count)
      words = UnsafeBufferPointer(start: nil, count: 0)
    }
    digest = hash.value
  }

  /// The canonical number of an object of the state that was read last; nil when nothing leads to it.
  public func number(of object: ObjectReference) -> Int? {
    guard object.index > 0, object.index < numberAt.count, numberAt[object.index] > 0 else { return nil }
    return Int(numberAt[object.index]) - 1
  }

  @inline(__always)
  private func heap(_ index: Int) -> Int64 { words[heapBase + index] }

  @inline(__always)
  private func mix(_ word: Int64) { hash.addWhole(word, folds: true) }

  /// The canonical number of an object, given out at first sight; -1 for null.
  private func give(_ object: Int64) -> Int64 {
    guard object > 0, object < heapEnd else { return -1 }
    if numberAt[Int(object)] == 0 {
      order.append(Int(object))
      numberAt[Int(object)] = Int32(order.count)
    }
    return Int64(numberAt[Int(object)]) - 1
  }

  /// An address within an object as the object's number and the place in it.
  private func mixAddress(_ address: Int) {
    if blocks.isEmpty {
      var index = 1
      while index < Int(heapEnd) {
        blocks.append(index)
        index += max(1, Header.size(heap(index)))
      }
    }
    var low = 0
    var high = blocks.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if blocks[middle] <= address { low = middle } else { high = middle }
    }
    guard low < blocks.count else { return mix(-1) }
    mix(give(Int64(blocks[low])))
    mix(Int64(address - blocks[low]))
  }

  private func walk(_ layout: Layout, threads: Int) {
    _ = give(Int64(ObjectReference.globals.index))
    for place in Layout.header..<layout.threadBase { mix(words[place]) }
    for thread in 0..<threads { mixThread(layout.threadBase + thread * layout.threadWords) }
    var position = 0
    while position < order.count {
      mixObject(order[position])
      position += 1
    }
    position = 0
    while position < order.count {
      mixUnits(of: order[position])
      position += 1
    }
  }

  private func mixThread(_ base: Int) {
    mix(words[base + Layout.programCounter])
    mix(words[base + Layout.operation])
    mix(words[base + Layout.flags])
    mix(words[base + Layout.result])
    if words[base + Layout.queue] != 0 { mixAddress(Int(words[base + Layout.queue])) }
    var cell = Int(words[base + Layout.taskWork])
    while cell != 0 {
      mix(heap(cell + 2))
      mix(give(heap(cell + 4)))
      cell = Int(heap(cell + 1))
    }
    for index in 0..<Int(words[base + Layout.heldCount]) {
      let word = words[base + Layout.held + index]
      mixAddress(Int(word >> 20))
      mix(word & 0xf_ffff)
    }
    mix(words[base + Layout.rideCount])
    for index in 0..<Int(words[base + Layout.rideCount]) {
      let ride = words[base + Layout.stack + Int(words[base + Layout.stackPointer]) + index]
      mix(Int64(Ride.address(ride)))
      mix(give(Ride.object(ride)))
    }
    guard words[base + Layout.programCounter] != Layout.idle else { return }
    var frame = Int(words[base + Layout.framePointer])
    while true {
      let header = base + Layout.stack + frame
      for word in 0..<Program.frameHeader { mix(words[header + word]) }
      let function = Int(words[header + 3])
      let first = localStarts[function]
      for local in first..<localStarts[function + 1] {
        let word = words[header + Program.frameHeader + local - first]
        mix(isReference[local] ? give(word) : word)
      }
      if frame == 0 { break }
      frame = Int(words[header + 1])
    }
  }

  private func mixObject(_ object: Int) {
    let header = heap(object)
    let type = Header.type(header)
    mix(Int64(type))
    mix(Header.isAlive(header) ? 1 : 0)
    for index in fieldStarts[type]..<fieldStarts[type + 1] {
      let place = object + fields[index].offset
      switch fields[index].kind {
      case .plain, .refcount: mix(heap(place))
      case .reference: mix(give(heap(place)))
      case .rwSemaphore: for word in 0..<3 { mix(heap(place + word)) }
      case .xarray:
        mix(heap(place + 1))
        mixCells(place)
      case .chain: mixCells(place)
      }
    }
  }

  private func mixCells(_ head: Int) {
    var cell = Int(heap(head))
    while cell != 0 {
      mix(heap(cell + 2))
      mix(heap(cell + 3))
      mix(give(heap(cell + 4)))
      cell = Int(heap(cell + 1))
    }
    mix(-2)
  }

  /// Units stand in the order of their holders' places, so they are summed, not chained. A holder that nothing else leads to counts as nobody.
  private func mixUnits(of object: Int) {
    let type = Header.type(heap(object))
    for index in fieldStarts[type]..<fieldStarts[type + 1] where fields[index].kind == .refcount {
      var sum: UInt64 = 0
      var unit = Int(heap(object + fields[index].offset + 1))
      while unit != 0 {
        let owner = heap(unit + 3)
        let holder = owner > 0 ? Int64(numberAt[Int(owner)]) : owner
        var one = FNV1a()
        for word in [heap(unit + 2), holder, heap(unit + 4)] { one.addWhole(word, folds: true) }
        sum &+= one.value
        unit = Int(heap(unit + 1))
      }
      mix(Int64(bitPattern: sum))
    }
  }
}
