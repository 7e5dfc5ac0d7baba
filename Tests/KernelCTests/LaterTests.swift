import StepLanguage
import Testing

@testable import KernelC

/// What the kernel's words for what runs later, and for changes in one go, become. Each C text is the body of `int work(struct box *box)`.
@Suite struct LaterTests {
  private func body(_ text: String) throws -> [String] {
    try lines("int work(struct box *box)\n{\n\(text)\n}\n")
  }

  @Test func readersAndGracePeriods() throws {
    #expect(
      try body(
        "rcu_read_lock();\nbox->total = READ_ONCE(box->state);\nrcu_read_unlock();\nsynchronize_rcu();\nreturn 0;"
      )
        == [
          "rcu_read_lock", "let t1 = box.state", "box.total = t1", "rcu_read_unlock", "synchronize_rcu",
          "return 0",
        ])
    #expect(
      try body("guard(rcu)();\nif (box->state)\n return -EBUSY;\nreturn 0;")
        == [
          "rcu_read_lock", "if box.state != 0 {", "  rcu_read_unlock", "  return -EBUSY", "}",
          "rcu_read_unlock",
          "return 0",
        ])
    #expect(
      try body("struct item *old = box->head;\nbox->head = NULL;\nkfree_rcu(old, rcu);\nreturn 0;").suffix(2)
        == ["kfree_rcu old", "return 0"])
  }

  @Test func callbacks() throws {
    #expect(
      try body("struct item *old = box->head;\nif (old)\n call_rcu(&old->rcu, item_put);\nreturn 0;")
        .contains("  call_rcu item_put(old)"))
    #expect(
      try body("call_rcu(box, item_put);\nreturn 0;").first?.contains("expected a head inside an object")
        == true)
  }

  @Test func worksAndTimers() throws {
    #expect(
      try body(
        "INIT_WORK(&box->poke, box_poke);\nqueue_work(system_wq, &box->poke);\nflush_work(&box->poke);\nreturn 0;"
      )
      .filter { $0.contains("poke") }.map { $0.split(separator: " ").suffix(2).joined(separator: " ") }
        == ["queue_work box.poke", "flush_work box.poke"])
    #expect(
      try body(
        "if (cancel_work_sync(&box->poke))\n return -EBUSY;\nmod_timer(&box->tick, 5);\ntimer_delete_sync(&box->tick);\nreturn 0;"
      )
      .filter { $0.contains("box.") }.map { $0.split(separator: " ").suffix(2).joined(separator: " ") }
        == ["cancel_work_sync box.poke", "mod_timer box.tick", "timer_delete_sync box.tick"])
  }

  @Test func completions() throws {
    #expect(
      try body(
        "reinit_completion(&box->done);\nwait_for_completion(&box->done);\ncomplete_all(&box->done);\ncomplete(&box->done);\nreturn 0;"
      )
        == [
          "reinit_completion box.done", "wait_for_completion box.done", "complete_all box.done",
          "complete box.done", "return 0",
        ])
    #expect(
      try body("if (!wait_for_completion_timeout(&box->done, 5))\n return -ETIMEDOUT;\nreturn 0;")
        .contains { $0.hasSuffix("= wait_for_completion box.done timeout 60") })
    #expect(
      try body("if (completion_done(&box->done))\n return -EBUSY;\nreturn 0;").first == "if box.done > 0 {")
  }

  @Test func wordsThatChangeInOneGo() throws {
    #expect(
      try body(
        "if (atomic_cmpxchg(&box->state, 0, 1))\n return -EBUSY;\nbox->total = atomic_dec_return(&box->state);\nreturn 0;"
      )
      .filter { $0.contains("box.state") }.map { $0.split(separator: "=").last.map(String.init) ?? "" }
        == [" cmpxchg box.state, 0, 1", " add_return box.state, 0 - 1"])
  }
}
