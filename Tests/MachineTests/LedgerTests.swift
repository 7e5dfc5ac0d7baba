import Foundation
import Machine
import StepLanguage
import Testing

/// Who holds what: after every step the units of every count add up, and at rest they are those that the description of 6.12 lists.
@Suite struct LedgerTests {
  /// Scenarios in which a driver breaks the contract, or in which 6.12 itself is wrong; what follows a finding there is not looked at.
  static let broken: Set<String> = [
    "adjacent-areas-unmap", "attach-in-window", "attach-vs-attach", "attach-vs-detach", "close-vs-unmap",
    "close-with-pin", "credulous-driver", "destroy-vs-put", "detach-vs-detach",
    "detach-vs-detach-and-attach", "detach-vs-drop", "driver-lock-inversion", "first-byte-driver",
    "forgetful-driver", "late-note-vs-replace", "late-note-vs-unmap", "map-vs-destroy-ioas",
    "replace-vs-drop", "stop-vs-unmap", "unmap-while-closing",
  ]

  static let scenarios: [String] = {
    let directory = KernelResultTests.checkout.appendingPathComponent("scenarios").path
    return ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [])
      .filter { $0.hasSuffix(".step") }.map { String($0.dropLast(5)) }.sorted()
      .filter { name in
        guard let scenario = try? KernelResultTests.library.scenario(named: name) else { return false }
        return scenario.models.isEmpty || scenario.models.contains("linux-6.12")
      }
  }()

  @Test func thereAreScenarios() {
    #expect(Self.scenarios.count >= 40)
    #expect(Self.broken.isSubset(of: Self.scenarios))
  }

  @Test(arguments: scenarios)
  func everyUnitHasItsHolder(_ name: String) throws {
    let program = try KernelResultTests.library.program(named: "linux-6.12")
    let world = try World(program: program, scenario: try KernelResultTests.library.scenario(named: name))
    var rests = 0
    // One schedule runs a thread as long as it can; the others jump between threads.
    for seed in 0..<(name == "adjacent-areas-unmap" ? 1 : 5) {
      rests += try walk(world, seed: seed, mayFind: Self.broken.contains(name))
    }
    #expect(rests > 0)
  }

  /// Runs one schedule; gives how often nobody was in a system call.
  private func walk(_ world: World, seed: Int, mayFind: Bool) throws -> Int {
    let machine = Machine(world: world)
    let log = EventLog()
    var state = machine.initialState()
    var random = UInt64(seed) &* 0x9e37_79b9_7f4a_7c15 | 1
    var rests = 0
    var last = 0
    while true {
      let ready = machine.readiness(in: state).enumerated().filter {
        switch $0.element {
        case .ready, .timeout: true
        default: false
        }
      }.map(\.offset)
      guard let first = ready.first else { break }
      random ^= random << 13
      random ^= random >> 7
      random ^= random << 17
      let stays = seed == 0 && ready.contains(last)
      let thread = stays ? last : seed == 0 ? first : ready[Int(random % UInt64(ready.count))]
      last = thread
      guard machine.step(thread, in: &state, log: log) != .notReady else { break }
      if mayFind, machine.hasFindings { break }
      try #require(machine.findings == [])
      let view = StateView(state, world: world)
      let missing = log.events.contains { $0.kind == .unitMissing }
      try #require(!missing, "a unit was given back by somebody who had none")
      // A step that counts nothing leaves every sum as it was.
      if log.events.contains(where: { [.counted, .unitMoved, .operationEnded].contains($0.kind) }) {
        try checkSums(view)
      }
      if view.threads.allSatisfy({ !$0.isInCall }) {
        rests += 1
        try checkRest(view)
      }
    }
    return rests
  }

  private func checkSums(_ view: StateView) throws {
    for object in view.objects where view.isAlive(object) {
      for field in view.type(of: object).fields {
        guard case .refcount(let value, let units) = view.value(field, of: object) else { continue }
        let name = "\(view.name(of: object)).\(field.name)"
        try #require(units.reduce(0) { $0 + Int64($1.count) } == value, "the units of \(name)")
        for unit in units {
          try #require(
            !unit.word.isEmpty || unit.object != nil || unit.thread != nil, "a unit of \(name) is nobody's")
          if let thread = unit.thread {
            try #require(view.thread(thread).isInCall, "a thread at rest has a unit of \(name)")
          }
        }
      }
    }
  }

  /// The table of values at rest, with each unit's holder.
  private func checkRest(_ view: StateView) throws {
    let alive = view.objects.filter { view.isAlive($0) }
    func all(_ type: String) -> [ObjectReference] { alive.filter { view.type(of: $0).name == type } }
    let accesses = all("iommufd_access")
    let files = entries("files", of: .globals, view)
    let openFiles = all("vfio_device_file")
    for ioas in all("iommufd_ioas") {
      let attached = accesses.filter { reference("ioas", of: $0, view) == ioas }
      try expect("users", of: ioas, ["xarray"] + attached.map(view.name), view)
      try expect("shortterm_users", of: ioas, ["xarray"], view)
      try #require(
        Set(entries("access_list", of: ioas, view).compactMap(\.value)) == Set(attached),
        "the list of \(view.name(of: ioas))")
    }
    for access in accesses {
      try expect("users", of: access, ["driver", "xarray"], view)
      try expect("shortterm_users", of: access, ["xarray"], view)
    }
    for ictx in all("iommufd_ctx") {
      let descriptors = files.filter { $0.value == ictx }.map { _ in "fd" }
      let users = accesses.filter { reference("ictx", of: $0, view) == ictx }
      let bound = openFiles.filter { reference("iommufd", of: $0, view) == ictx }
      try expect("f_count", of: ictx, descriptors + (users + bound).map(view.name), view)
    }
    for file in all("selftest_access") + openFiles {
      try expect("f_count", of: file, files.filter { $0.value == file }.map { _ in "fd" }, view)
    }
    for device in all("vfio_device") {
      let open = openFiles.filter { reference("device", of: $0, view) == device }
      try expect("refcount", of: device, ["registration"] + open.map(view.name), view)
    }
    let areas = all("iopt_area")
    for pages in all("iopt_pages") {
      let users = areas.filter { reference("pages", of: $0, view) == pages }
      try expect("kref", of: pages, users.map(view.name), view)
      var nodes: [String] = []
      for entry in entries("access_itree", of: pages, view) {
        nodes += holders("users", of: try #require(entry.value), view)
      }
      let pins = users.flatMap { holders("num_accesses", of: $0, view) }
      try #require(nodes.sorted().map { "\($0) pin" } == pins.sorted(), "the pins of \(view.name(of: pages))")
    }
    for ioas in all("iommufd_ioas") {
      for entry in entries("area_itree", of: ioas, view) {
        let area = try #require(entry.value)
        try expect("num_accesses", of: area, pins(in: entry, of: ioas, view), view)
      }
    }
  }

  /// For each driver's item that meets an area of the IOAS, the access that the driver pinned it through.
  private func pins(in area: StateView.Entry, of ioas: ObjectReference, _ view: StateView) -> [String] {
    var result: [String] = []
    for driver in view.objects where view.isAlive(driver) {
      let (access, items): (ObjectReference?, String)
      switch view.type(of: driver).name {
      case "selftest_access": (access, items) = (reference("access", of: driver, view), "items")
      case "mdev_state":
        let device = view.objects.first {
          view.type(of: $0).name == "vfio_device" && reference("drvdata", of: $0, view) == driver
        }
        (access, items) = (device.flatMap { reference("iommufd_access", of: $0, view) }, "pinned")
      default: continue
      }
      guard let access, reference("ioas", of: access, view) == ioas else { continue }
      for item in entries(items, of: driver, view).compactMap(\.value) {
        let first = number("iova", of: item, view)
        let last = first + number("length", of: item, view) - 1
        if first <= UInt64(bitPattern: area.second), last >= UInt64(bitPattern: area.key) {
          result.append("\(view.name(of: access)) pin")
        }
      }
    }
    return result
  }

  private func expect(_ field: String, of object: ObjectReference, _ expected: [String], _ view: StateView)
    throws
  {
    try #require(
      holders(field, of: object, view).sorted() == expected.sorted(), "\(view.name(of: object)).\(field)")
  }

  /// One text for each unit: its holder, its word, or both.
  private func holders(_ field: String, of object: ObjectReference, _ view: StateView) -> [String] {
    guard case .refcount(_, let units)? = view.value(field, of: object) else { return ["no refcount"] }
    return units.flatMap { unit in
      let holder = unit.object.map { view.name(of: $0) } ?? unit.thread.map { "T\($0)" } ?? ""
      let text = [holder, unit.word].filter { !$0.isEmpty }.joined(separator: " ")
      return Array(repeating: text, count: unit.count)
    }
  }

  private func entries(_ field: String, of object: ObjectReference, _ view: StateView) -> [StateView.Entry] {
    guard case .container(let entries, _)? = view.value(field, of: object) else { return [] }
    return entries.filter { $0.value != nil }
  }

  private func reference(_ field: String, of object: ObjectReference, _ view: StateView) -> ObjectReference? {
    guard case .reference(let target)? = view.value(field, of: object) else { return nil }
    return target
  }

  private func number(_ field: String, of object: ObjectReference, _ view: StateView) -> UInt64 {
    guard case .unsigned(let value)? = view.value(field, of: object) else { return 0 }
    return value
  }
}
