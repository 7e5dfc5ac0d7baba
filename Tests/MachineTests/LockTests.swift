import Machine
import StepLanguage
import Testing

@Suite struct LockTests {
  static let model = """
    global sem: rw_semaphore
    entry read() { down_read sem; up_read sem }
    entry write() { down_write sem; up_write sem }
    entry try_read() { let ok = down_read_trylock sem; if ok { up_read sem; return 0 }; return -EBUSY }
    """

  private func lock(_ laboratory: Laboratory) throws -> StateView.Lock {
    let value = try #require(laboratory.view.value("sem", of: .globals))
    guard case .lock(let lock) = value else { throw NoLock() }
    return lock
  }

  private struct NoLock: Error {}

  @Test func readersShare() throws {
    let laboratory = try Laboratory(Self.model, threads: [["read"], ["read"]])
    laboratory.run(0, to: "up_read")
    laboratory.run(1, to: "up_read")
    #expect(try lock(laboratory).readers == [0, 1])
    laboratory.runAll()
    #expect(try !lock(laboratory).isHeld)
  }

  @Test func aQueuedWriterKeepsNewReadersOut() throws {
    let laboratory = try Laboratory(Self.model, threads: [["read"], ["write"], ["read"], ["try_read"]])
    laboratory.run(0, to: "up_read")
    laboratory.run(1, to: "down_write")
    laboratory.run(2, to: "down_read")
    #expect(laboratory.isReady(2), "nobody queues yet")
    #expect(laboratory.step(1) == .queued)
    #expect(try lock(laboratory).queuedWriters == [1])
    #expect(!laboratory.isReady(1))
    #expect(!laboratory.isReady(2), "the writer queues")
    laboratory.run(3)
    #expect(laboratory.results == ["T3 try_read \(-16)"])
    laboratory.run(0)
    #expect(laboratory.isReady(1))
    #expect(!laboratory.isReady(2), "the writer is first")
    laboratory.run(1, to: "up_write")
    #expect(try lock(laboratory).owner == 1)
    #expect(try lock(laboratory).queuedWriters == [])
    laboratory.runAll()
    #expect(laboratory.properties == [])
    #expect(laboratory.results.count == 4)
  }

  @Test func aReaderThatReadsAgainBehindAQueuedWriterDeadlocks() throws {
    let model = Self.model + "\nentry twice() { down_read sem; down_read sem; up_read sem; up_read sem }"
    let laboratory = try Laboratory(model, threads: [["twice"], ["write"]])
    laboratory.step(0)
    laboratory.step(0)
    laboratory.run(1, to: "down_write")
    laboratory.step(1)
    #expect(laboratory.properties.contains(.deadlock))
  }

  @Test func aBlockedThreadSaysWhoKeepsIt() throws {
    let laboratory = try Laboratory(Self.model, threads: [["write"], ["write"]])
    laboratory.run(0, to: "up_write")
    laboratory.run(1, to: "down_write")
    laboratory.step(1)
    guard case .blocked(let lock, let by) = laboratory.machine.readiness(in: laboratory.state)[1] else {
      Issue.record("T1 should be blocked")
      return
    }
    #expect(by == [0])
    #expect(laboratory.view.name(of: lock) == "sem")
    #expect(lock.mode == .write)
    let before = laboratory.state
    #expect(laboratory.step(1) == .notReady)
    #expect(laboratory.state == before, "a refused step changes nothing")
  }
}
