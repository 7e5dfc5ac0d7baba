import Basics
import Explorer
import Foundation
import Machine
import StepLanguage

@testable import KernelC

/// The checkout that this test was built in.
let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent()

/// Models of the checkout by name.
let library = Library { kind, name in
  let path = checkout.appendingPathComponent("\(kind == .model ? "models" : "scenarios")/\(name).step").path
  guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
  return (path, text)
}

/// Tables of the checkout, one after the other.
func table(_ names: [String] = ["kernel"], and more: String = "") throws -> KernelTable {
  var table = KernelTable()
  for name in names {
    let path = checkout.appendingPathComponent("models/\(name).table").path
    try table.add(SourceFile(name: "\(name).table", text: String(contentsOfFile: path, encoding: .utf8)))
  }
  try table.add(SourceFile(name: "own.table", text: more))
  return table
}

/// A model of a few objects that have all that C functions of a test touch.
let toyText = """
  model toy "a toy" {
    object item {
      show users: refcount
      show value: int
      size: u64
      ready: bool
      next: item
    }
    object box {
      lock: mutex
      sem: rw_semaphore
      spin: spinlock
      queue: wait_queue
      items: xarray of item from 1
      chain: list of item
      head: item
      spare: item
      total: u64
      const ops: box_ops
    }
    object leaf extends item {
      const key: int
      const owner: box
      count: refcount
    }
    ops box_ops { fn notify(item: item, value: int) -> int }
    fn item_notify(item: item, value: int) -> int { return value }
    driver plain: box_ops { notify = item_notify }
    global root: box
    init { root = alloc box { ops: plain } }
    fn item_put(item: item) {
      let last = ref_dec_and_test item.users by "box"
      if last { free item }
    }
    fn item_new(box: box) -> item {
      let item = try_alloc item
      if item == null { return null }
      ref_set item.users 1 by "box"
      return item
    }
    fn work(box: box) -> int { return 0 }
    fn release(box: box) { }
    fn leaf_new(box: box) -> leaf { return null }
    fn leaf_put(leaf: leaf) {
      let last = ref_dec_and_test leaf.count by "leaf"
      if last { free leaf }
    }
    fn promise(box: box) -> int {
      let spread = 1
      check invariant spread == 1 "the spread is one"
      mark "M1: the spread is looked at"
      return spread
    }
    entry run() { return work(root) }
  }
  """

let toyTable = "error item_new = -ENOMEM\n"

/// The model of `toyText`.
func toy() throws -> ModelText {
  try library.model(from: SourceFile(name: "toy.step", text: toyText))
}

/// All functions of a C text that the toy has, too, or those named.
func translate(_ text: String, _ names: [String]? = nil, table more: String = "") throws -> Translation {
  Translation(
    [.init(source: SourceFile(name: "toy.c", text: text), functions: names)], model: try toy(),
    table: try table(and: toyTable + more))
}

/// What is said about a C text that is not understood, without the lines themselves.
func messages(_ text: String, table more: String = "") throws -> [String] {
  try translate(text, table: more).diagnostics.map { "\($0.line):\($0.column): \($0.message)" }
}

/// The translated lines of a function, without head, documentation and C.
func lines(_ text: String, table more: String = "") throws -> [String] {
  let translation = try translate(text, table: more)
  guard translation.diagnostics.isEmpty else {
    return translation.diagnostics.map(\.rendered)
  }
  _ = try library.program(try toy(), translations: translation.texts)
  guard let function = translation.functions.first else { return ["no function was translated"] }
  let lines = function.item.lines
  return lines.dropFirst(2).dropLast().map {
    String(repeating: "  ", count: max(0, $0.indent - 2)) + $0.text
  }
}

/// The verdict of a scenario: `holds`, or the violated properties.
func verdict(_ program: Program, _ scenario: Scenario) throws -> [String] {
  let result = Search(world: try World(program: program, scenario: scenario)).run(
    limits: Search.Limits(states: 200_000))
  switch result.verdict {
  case .holds: return ["holds"]
  case .bounded(let bound): return ["bounded by \(bound)"]
  case .violated: return Set(result.counterexamples.map(\.finding.property.rawValue)).sorted()
  }
}
