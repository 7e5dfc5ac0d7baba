/// What a step did, as far as it can be told in a few bits; kept for every point of a timeline, so that looking for the next lock or the
/// next finding needs no replay.
public struct StepTraits: OptionSet, Hashable, Sendable {
  /// The bits.
  public let rawValue: UInt16

  /// Traits of bits.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// An operation began.
  public static let begins = StepTraits(rawValue: 1)
  /// An operation returned 0 or more.
  public static let ends = StepTraits(rawValue: 2)
  /// An operation returned an errno.
  public static let fails = StepTraits(rawValue: 4)
  /// A lock was taken.
  public static let takesLock = StepTraits(rawValue: 8)
  /// A lock was released.
  public static let releasesLock = StepTraits(rawValue: 16)
  /// A lock was not had: the thread queued up, or its try-lock failed.
  public static let missesLock = StepTraits(rawValue: 32)
  /// A thread fell asleep or was woken, or should have been.
  public static let sleeps = StepTraits(rawValue: 64)
  /// An object was freed.
  public static let frees = StepTraits(rawValue: 128)
  /// Somebody changed a count of which it holds no unit.
  public static let missesUnit = StepTraits(rawValue: 256)
  /// A sanitizer found something.
  public static let finding = StepTraits(rawValue: 512)
  /// An operation or a thread was added; nothing of the model ran.
  public static let byHand = StepTraits(rawValue: 1024)
  /// A field, a count or a container changed, or an object was made or freed.
  public static let changesObject = StepTraits(rawValue: 4096)
  /// A thread passed a barrier.
  public static let passesBarrier = StepTraits(rawValue: 2048)

  /// Whether a lock changed hands or a thread queued for one.
  public static let anyLock: StepTraits = [.takesLock, .releasesLock, .missesLock]
}
