import Foundation
import Reports
import Testing

/// Reports in the forms in which people have them. The texts are our own, as are all addresses in them.
@Suite struct KernelReportTests {
  /// A use after free as a console prints it.
  static let useAfterFree = """
    [  412.118902] ==================================================================
    [  412.119377] BUG: KASAN: slab-use-after-free in iopt_unmap_iova_range+0x4d1/0x6a0
    [  412.119841] Read of size 8 at addr ffff8880a1b2c3d8 by task race/731
    [  412.120204]
    [  412.120377] CPU: 1 UID: 0 PID: 731 Comm: race Not tainted 6.4.0-test #1
    [  412.120790] Hardware name: none
    [  412.121080] Call Trace:
    [  412.121288]  <TASK>
    [  412.121460]  dump_stack_lvl+0x54/0x70
    [  412.121755]  print_report+0xc3/0x620
    [  412.122038]  ? srso_return_thunk+0x5/0x5f
    [  412.122361]  kasan_report+0xb6/0xe0
    [  412.122643]  ? iopt_unmap_iova_range+0x4d1/0x6a0
    [  412.123010]  iopt_unmap_iova_range+0x4d1/0x6a0
    [  412.123363]  iopt_unmap_iova+0x8f/0xd0
    [  412.123660]  iommufd_ioas_unmap+0x15b/0x1d0
    [  412.123996]  iommufd_fops_ioctl+0x1f2/0x2a0
    [  412.124330]  __x64_sys_ioctl+0x11a/0x160
    [  412.124645]  do_syscall_64+0x5c/0x90
    [  412.124937]  </TASK>
    [  412.125120]
    [  412.125270] Allocated by task 730:
    [  412.125550]  kasan_save_stack+0x24/0x50
    [  412.125860]  __kmalloc_cache_noprof+0x1a1/0x340
    [  412.126220]  iopt_map_pages+0x91/0x3b0
    [  412.126520]  iommufd_ioas_map+0x1c7/0x2c0
    [  412.126840]
    [  412.126990] Freed by task 732:
    [  412.127260]  kasan_save_free_info+0x2b/0x50
    [  412.127590]  kfree+0x11c/0x300
    [  412.127850]  iopt_abort_area+0x97/0x100
    [  412.128160]  iopt_unmap_iova_range+0x42a/0x6a0
    [  412.128520]  iommufd_ioas_unmap+0x15b/0x1d0
    [  412.128850]
    [  412.129000] The buggy address belongs to the object at ffff8880a1b2c380
    """

  private func check(_ report: KernelReport, _ message: Comment = "") {
    #expect(report.kind == .useAfterFree, message)
    #expect(report.function == "iopt_unmap_iova_range", message)
    #expect(
      report.functions(.access).filter { $0.hasPrefix("io") }
        == ["iopt_unmap_iova_range", "iopt_unmap_iova", "iommufd_ioas_unmap", "iommufd_fops_ioctl"], message)
    #expect(report.functions(.allocation).suffix(2) == ["iopt_map_pages", "iommufd_ioas_map"], message)
    #expect(
      report.functions(.free).suffix(3) == [
        "iopt_abort_area", "iopt_unmap_iova_range", "iommufd_ioas_unmap",
      ],
      message)
    #expect(!report.functions(.access).contains("srso_return_thunk"), message)
  }

  @Test func aConsole() {
    check(KernelReportReader.read(Self.useAfterFree))
  }

  /// The same text as it comes out of other tools.
  @Test func theSameInOtherDressings() {
    let lines = Self.useAfterFree.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    func dressed(_ change: (String) -> String) -> String { lines.map(change).joined(separator: "\n") }
    func bare(_ line: String) -> String {
      line.firstIndex(of: "]").map { String(line[line.index(after: $0)...]) } ?? line
    }
    check(KernelReportReader.read(dressed(bare)), "without time stamps")
    check(KernelReportReader.read(dressed { "> " + $0 }), "quoted")
    check(KernelReportReader.read(dressed { ">> > " + bare($0) }), "quoted twice")
    check(
      KernelReportReader.read(dressed { "[  412.118902][  T731]" + bare($0) }), "with the caller's column")
    check(KernelReportReader.read(dressed { "<4>[  412.118902][   C1]" + bare($0) }), "with levels")
    check(
      KernelReportReader.read(dressed { "Nov 26 10:02:11 vm1 kernel: [  412.1]" + bare($0) }),
      "from a log daemon")
    check(KernelReportReader.read(lines.joined(separator: "\r\n")), "with carriage returns")
    check(
      KernelReportReader.read(
        dressed {
          $0.replacing("iommufd_ioas_unmap+0x15b/0x1d0", with: "iommufd_ioas_unmap.isra.0+0x15b/0x1d0")
        }),
      "with what a compiler adds")
    let decoded = dressed { line in
      guard let plus = line.range(of: "+0x"), !line.contains("BUG:") else { return line }
      return line[..<plus.lowerBound] + " (drivers/iommu/iommufd/io_pagetable.c:512 (discriminator 2)) "
    }
    check(KernelReportReader.read(decoded), "decoded")
    let page = dressed { line in
      guard let plus = line.range(of: "+0x"), !line.contains("BUG:") else { return line }
      return line[..<plus.lowerBound] + " drivers/iommu/iommufd/io_pagetable.c:512 [inline]"
    }
    check(KernelReportReader.read(page), "as on a page of syzbot")
    check(
      KernelReportReader.read("Some words before it.\n\n" + Self.useAfterFree + "\nand some behind it.\n"),
      "in a mail")
  }

  @Test func countsAndLists() {
    let resurrect = KernelReportReader.read(
      """
      ------------[ cut here ]------------
      refcount_t: addition on 0; use-after-free.
      WARNING: CPU: 0 PID: 911 at lib/refcount.c:25 refcount_warn_saturate+0xd1/0x120
      Modules linked in:
      RIP: 0010:refcount_warn_saturate+0xd1/0x120
      Call Trace:
       <TASK>
       ? __warn+0x84/0x130
       iommufd_access_get+0x44/0x60
       iommufd_test+0x3a1/0x9c0
       </TASK>
      ---[ end trace 0000000000000000 ]---
      """)
    #expect(resurrect.kind == .refcountResurrect)
    #expect(resurrect.functions(.access) == ["refcount_warn_saturate", "iommufd_access_get", "iommufd_test"])
    #expect(KernelReportReader.read("refcount_t: underflow; use-after-free.").kind == .refcountUnderflow)
    #expect(
      KernelReportReader.read("refcount_t: decrement hit 0; leaking memory.").kind == .refcountUnderflow)
    #expect(
      KernelReportReader.read("list_del corruption. next->prev should be ffff8881, but was dead4ead").kind
        == .listCorruption)
  }

  @Test func warnings() {
    let old = KernelReportReader.read(
      """
      [  10.1] WARNING: CPU: 3 PID: 77 at drivers/iommu/iommufd/io_pagetable.c:1121 iopt_remove_access+0x8b/0xa0
      [  10.1] Call Trace:
      [  10.1]  iommufd_access_change_ioas+0x101/0x220
      """)
    #expect(old.kind == .warning)
    #expect(old.functions(.access) == ["iopt_remove_access", "iommufd_access_change_ioas"])
    let new = KernelReportReader.read(
      "WARNING: drivers/iommu/iommufd/main.c:402 at iommufd_fops_release+0x1/0x2, CPU#1: race/9")
    #expect(new.kind == .warning)
    #expect(new.function == "iommufd_fops_release")
  }

  @Test func locks() {
    let circle = KernelReportReader.read(
      """
      ======================================================
      WARNING: possible circular locking dependency detected
      6.12.0-test #3 Not tainted
      ------------------------------------------------------
      race/401 is trying to acquire lock:
      ffff88810a1b2c30 (&access->ioas_lock){+.+.}-{4:4}, at: iommufd_access_unpin_pages+0x5b/0x100

      but task is already holding lock:
      ffff88810a1b2d40 (&staccess->lock){+.+.}-{4:4}, at: iommufd_test_access_unmap+0x3a/0x160

      which lock already depends on the new lock.

      the existing dependency chain (in reverse order) is:

      -> #1 (&staccess->lock){+.+.}-{4:4}:
             __mutex_lock+0xac/0xe00
             iommufd_test_access_pages+0x1d2/0x400
      -> #0 (&access->ioas_lock){+.+.}-{4:4}:
             __lock_acquire+0x1500/0x2800
             iommufd_access_unpin_pages+0x5b/0x100
      other info that might help us debug this:

      stack backtrace:
      Call Trace:
       <TASK>
       check_noncircular+0x14a/0x170
       iommufd_access_unpin_pages+0x5b/0x100
      """)
    #expect(circle.kind == .circularLocking)
    #expect(circle.locks == ["&access->ioas_lock", "&staccess->lock"])
    #expect(circle.functions(.other).contains("iommufd_test_access_pages"))
    #expect(circle.functions(.access) == ["check_noncircular", "iommufd_access_unpin_pages"])
    #expect(KernelReportReader.read("WARNING: possible recursive locking detected").kind == .recursiveLocking)
  }

  @Test func tasksThatWait() {
    let hung = KernelReportReader.read(
      """
      INFO: task race:512 blocked for more than 120 seconds.
            Not tainted 6.12.0-test #3
      "echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.
      task:race            state:D stack:0     pid:512   tgid:511   ppid:400    flags:0x00004002
      Call Trace:
       <TASK>
       __schedule+0x3f1/0xb10
       iommufd_object_remove+0x2b1/0x3a0
       iommufd_destroy+0x51/0x70
       </TASK>
      INFO: task race:513 blocked for more than 120 seconds.
      Call Trace:
       <TASK>
       __schedule+0x3f1/0xb10
       iommufd_ioas_unmap+0x15b/0x1d0
       </TASK>

      Showing all locks held in the system:
      1 lock held by race/513:
       #0: ffff88810a1b2c30 (&iopt->iova_rwsem){++++}-{4:4}, at: iopt_unmap_iova_range+0x41/0x6a0
      """)
    #expect(hung.kind == .hungTask)
    #expect(hung.functions(.access) == ["__schedule", "iommufd_object_remove", "iommufd_destroy"])
    #expect(hung.functions(.other) == ["__schedule", "iommufd_ioas_unmap"])
  }

  @Test func nullPointers() {
    let null = KernelReportReader.read(
      """
      [  33.1] BUG: kernel NULL pointer dereference, address: 0000000000000058
      [  33.1] #PF: supervisor read access in kernel mode
      [  33.1] Oops: Oops: 0000 [#1] PREEMPT SMP
      [  33.1] RIP: 0010:iommufd_test_syz_conv_iova+0x6f/0x120
      [  33.1] Code: 48 8b 04 24
      [  33.1] Call Trace:
      [  33.1]  <TASK>
      [  33.1]  iommufd_test_access_rw+0x77/0x1d0
      """)
    #expect(null.kind == .nullDereference)
    #expect(null.functions(.access) == ["iommufd_test_syz_conv_iova", "iommufd_test_access_rw"])
    let arm = KernelReportReader.read(
      """
      Unable to handle kernel NULL pointer dereference at virtual address 0000000000000058
      pc : iommufd_access_pin_pages+0x60/0x2c0
      lr : iommufd_test+0x1a0/0x900
      Call trace:
       iommufd_access_pin_pages+0x60/0x2c0
       iommufd_test+0x1a0/0x900
      """)
    #expect(arm.kind == .nullDereference)
    #expect(arm.functions(.access) == ["iommufd_access_pin_pages", "iommufd_test"])
  }

  @Test func whatIsNoReportIsSaidToBeNone() {
    for text in ["", "hello", "Call Trace:\n f+0x1/0x2", "BUG: KASAN: slab-out-of-bounds in f+0x1/0x2"] {
      #expect(KernelReportReader.read(text).kind == nil, "\(text)")
    }
  }

  /// The first of several is read; what follows is another report.
  @Test func theFirstOfSeveral() {
    let report = KernelReportReader.read(
      Self.useAfterFree
        + "\nWARNING: CPU: 0 PID: 1 at a.c:1 other_function+0x1/0x2\nCall Trace:\n later+0x1/0x2\n")
    check(report)
    #expect(!report.stacks.flatMap(\.functions).contains("later"))
  }
}
