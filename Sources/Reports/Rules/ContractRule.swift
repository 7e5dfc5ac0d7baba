/// A rule of docs/contract.md: I1 to I13 hold always, C1 to C12 are what core and driver owe each other.
public enum ContractRule: String, CaseIterable, Hashable, Sendable {
  case i1 = "I1"
  case i2 = "I2"
  case i3 = "I3"
  case i4 = "I4"
  case i5 = "I5"
  case i6 = "I6"
  case i7 = "I7"
  case i8 = "I8"
  case i9 = "I9"
  case i10 = "I10"
  case i11 = "I11"
  case i12 = "I12"
  case i13 = "I13"
  case c1 = "C1"
  case c2 = "C2"
  case c3 = "C3"
  case c4 = "C4"
  case c5 = "C5"
  case c6 = "C6"
  case c7 = "C7"
  case c8 = "C8"
  case c9 = "C9"
  case c10 = "C10"
  case c11 = "C11"
  case c12 = "C12"

  /// Who owes it to the other: `core` or `driver`; nil for what must hold always.
  public var owner: String? {
    switch self {
    case .c1, .c3, .c6, .c7, .c8, .c9, .c10: "driver"
    case .c2, .c4, .c5, .c11, .c12: "core"
    default: nil
    }
  }

  /// What it says, word for word as in docs/contract.md.
  public var wording: String {
    switch self {
    case .i1:
      "what is published has users; users reach 0 within the section of objects.xa_lock that unpublishes it, or in the file's release"
    case .i2: "what is published has its short-term bias, except while a driver destroys its own object"
    case .i3: "`ioas` is null or equals `ioas_unpin`; they differ with ioas_lock free only in the window"
    case .i4:
      "an access is listed by the IOAS of `ioas_unpin`, during a change by the new one, too, and by no other; each list has it once"
    case .i5: "users of an IOAS are the table, its listed accesses and lookups"
    case .i6:
      "num_accesses is the number of live pins through the area, npinned the union of its nodes"
    case .i7: "an area without its pages has no pins"
    case .i8: "an access's pins lie in the areas of `ioas_unpin`; if that is null, it has none"
    case .i9: "prevent_access never goes back, and no pin is added under it"
    case .i10: "areas are disjoint, and fit the alignment"
    case .i11: "an IOAS is freed without areas, accesses and lookups; its pages without pins"
    case .i12: "an access that is listed has valid memory"
    case .i13: "no lock of iommufd is held when a driver's unmap is entered"
    case .c1: "after `unmap` returned, no pin of the driver meets the range"
    case .c2: "after the mark and one walk nothing is pinned, if drivers keep C1"
    case .c3: "the pin and its record are one step towards the callback"
    case .c4: "a change that succeeded leaves no pin and no entry in the old IOAS"
    case .c5: "after `iommufd_access_destroy` no callback runs"
    case .c6:
      "a lock that the callback takes is not held around destroy, detach, replace, and is taken before ioas_lock"
    case .c7: "unpin uses the pin's own range, once, where the pin is"
    case .c8:
      "nothing else runs or begins on an access that is destroyed; attach only if detached, detach only if attached"
    case .c9:
      "the callback copes with foreign ranges, with everything, twice at a time, before create's caller knows the access, and after close_device"
    case .c10: "the callback does not pin in its range"
    case .c11: "no pin succeeds in a change; unpin always works"
    case .c12: "a refused replace or attach leaves everything as it was"
    }
  }

  /// The sentence of a report about rules of which one was broken, the likeliest first; nil when there is none.
  ///
  /// - Parameter plain: without the marks of markdown.
  public static func sentence(_ rules: [ContractRule], plain: Bool = false) -> String? {
    guard let first = rules.first else { return nil }
    let names = rules.map(\.rawValue).joined(separator: " or ")
    let wordings = rules.map { plain ? $0.wording.filter { $0 != "`" } : $0.wording }.joined(
      separator: "; or: ")
    guard let owner = first.owner else {
      return "breaks the invariant \(names): \(wordings) (docs/contract.md)"
    }
    let duty = rules.allSatisfy { $0.owner == owner } ? ", the \(owner)'s duty" : ""
    return "breaks \(names) of the contract\(duty): \(wordings) (docs/contract.md)"
  }
}
