/// How large things may be. Whatever goes beyond a limit is an error with a place; nothing is cut or judged in part.
public enum Limits {
  /// Subclasses of a lock class are numbered from 0 up to this (Linux, MAX_LOCKDEP_SUBCLASSES).
  public static let lockSubclasses = 8
  /// A timeout of that many seconds, a day, or more counts as none: nobody waits for it.
  public static let longestTimeout: Int64 = 86_400
  /// So many objects a thread may look at, by fields that never change, between two of its actions.
  public static let rides = 16
  /// So many words the heap of a state may have.
  public static let heapWords = 1 << 22
  /// So many objects of one type a state may have: an object's number among its type has 16 bits.
  public static let objectsOfType = 0xffff
  /// So many locks one thread may hold at once.
  public static let heldLocks = 12
}
