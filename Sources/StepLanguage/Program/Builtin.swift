/// The functions of the language that work on containers, numbers and locks.
public enum Builtin: String, CaseIterable, Sendable, BitwiseCopyable {
  case xa_alloc, xa_insert, xa_store, xa_cmpxchg, xa_load, xa_erase, xa_find
  case list_append, list_remove, list_first, list_next
  case imap_insert, imap_remove, imap_find, imap_next, imap_uncovered
  case count
  case add_overflows
  case held, holds
  case units, alive

  /// Whether it changes the container.
  public var changesContainer: Bool {
    switch self {
    case .xa_alloc, .xa_insert, .xa_store, .xa_cmpxchg, .xa_erase, .list_append, .list_remove, .imap_insert,
      .imap_remove:
      true
    case .xa_load, .xa_find, .list_first, .list_next, .imap_find, .imap_next, .imap_uncovered, .count,
      .add_overflows, .held, .holds, .units, .alive:
      false
    }
  }

  /// How many arguments it takes, the container included.
  var argumentCount: Int {
    switch self {
    case .xa_alloc, .list_first, .count, .held, .holds, .alive: 1
    case .xa_load, .xa_erase, .xa_find, .list_append, .list_remove, .list_next, .imap_remove, .imap_next,
      .add_overflows, .units:
      2
    case .xa_insert, .xa_store, .imap_find, .imap_uncovered: 3
    case .xa_cmpxchg, .imap_insert: 4
    }
  }
}
