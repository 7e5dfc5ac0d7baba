import Machine
import Recording
import Scene
import StepLanguage
import Testing

/// A small model with one of each thing that scenes show, and ways to step it.
enum Workshop {
  static let text = """
    model workshop "boxes with parts and ranges" {
      slot b = -1 "a box"

      object box as box layer 0 role space {
        const show id: int
        show users: refcount
        lock: mutex
        rwsem: rw_semaphore
        parts: list of part
        ranges: interval_map of range
        partner: box
      }
      object part as part layer 1 role pin {
        show weight: int
      }
      object range as area layer 2 role area {
        show uses: int
        pages: part
      }

      global boxes: xarray of box from 1

      entry make(out id: b) "makes a box" {
        spin_lock boxes.xa_lock
        id = xa_alloc(boxes)
        spin_unlock boxes.xa_lock
        let box = alloc box { id: id }
        ref_set box.users 1 by "table"
        spin_lock boxes.xa_lock
        xa_store(boxes, id, box)
        spin_unlock boxes.xa_lock
      }

      entry fill(id: b, first: u64, last: u64) "puts a part and a range into a box" {
        let box = xa_load(boxes, id)
        if box == null { return -ENOENT }
        mutex_lock box.lock
        let part = alloc part { weight: 2 }
        list_append(box.parts, part)
        let range = alloc range
        imap_insert(box.ranges, first, last, range)
        range.uses = 1
        mutex_unlock box.lock
      }

      entry pair(one: b, other: b) "lets a box point to another" {
        let box = xa_load(boxes, one)
        let target = xa_load(boxes, other)
        if box == null || target == null { return -ENOENT }
        down_write box.rwsem
        ref_inc target.users by box "partner"
        box.partner = target
        up_write box.rwsem
      }

      entry read(id: b) "reads a box" {
        let box = xa_load(boxes, id)
        down_read box.rwsem
        let users = box.users
        up_read box.rwsem
      }

      entry drop(id: b) "frees a box" {
        let box = xa_load(boxes, id)
        spin_lock boxes.xa_lock
        xa_erase(boxes, id)
        spin_unlock boxes.xa_lock
        let last = ref_dec_and_test box.users by "table"
        free box
        box = null
      }
    }
    """

  static func program() throws -> Program {
    let library = Library { _, _ in nil }
    return try library.program(from: SourceFile(name: "workshop.step", text: text))
  }

  /// A timeline of threads with these lines; nothing has run yet.
  static func timeline(_ threads: [[String]]) throws -> Timeline {
    let program = try program()
    let source = SourceFile(name: "", text: "")
    let world = World(
      program: program,
      threads: try threads.enumerated().map { number, lines in
        World.Thread(
          name: "T\(number)",
          operations: try lines.map { try Operation(OperationLine($0), program: program, source: source) })
      })
    return Timeline(world: world)
  }
}

extension Timeline {
  /// Steps a thread until its next statement begins so.
  mutating func step(_ thread: Int, before text: String) throws {
    for _ in 0..<1000 {
      try perform(.step(thread: thread, choice: 0))
      if let next = view.thread(thread).nextStatement, view.world.program.text(of: next).hasPrefix(text) {
        return
      }
    }
    Issue.record("T\(thread) never comes to '\(text)'")
  }

  /// Steps a thread until so many of its operations are over.
  mutating func finish(_ thread: Int, operations: Int) throws {
    while view.thread(thread).operationsDone < operations { try perform(.step(thread: thread, choice: 0)) }
  }
}
