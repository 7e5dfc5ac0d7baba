import Machine
import StepLanguage

/// Which objects are drawn inside another one.
///
/// What a list or an interval map holds belongs into the object that has the list; so does what such an inner object points to, further
/// down. Entries of an xarray stand for themselves, since an xarray gives out names. The decision is one for a type, so that an
/// object does not jump out of its place while it is taken from one container and put into another.
struct Nesting {
  /// By type, whether its objects are drawn inside others.
  let isInner: [Bool]

  init(_ program: Program) {
    var inner = Array(repeating: false, count: program.types.count)
    func mark(_ target: Int, from owner: ObjectType) -> Bool {
      var changed = false
      for type in program.types.indices where program.type(type, isA: target) && !inner[type] {
        if program.types[type].layer > owner.layer {
          inner[type] = true
          changed = true
        }
      }
      return changed
    }
    for type in program.types {
      for field in type.fields {
        switch field.type {
        case .list(let target), .intervalMap(let target): _ = mark(target, from: type)
        default: break
        }
      }
    }
    var changed = true
    while changed {
      changed = false
      for (index, type) in program.types.enumerated() where inner[index] {
        for case .reference(let target?) in type.fields.map(\.type) where mark(target, from: type) {
          changed = true
        }
      }
    }
    isInner = inner
  }

  /// The object inside which this one is drawn, and its range there.
  func owner(of identity: ObjectIdentity, in reader: GraphReader) -> (object: ObjectIdentity, range: String?)?
  {
    guard isInner[identity.type], let reference = reader.references[identity] else { return nil }
    let layer = reader.view.type(of: reference).layer
    let incoming = reader.incoming[identity] ?? []
    func isAbove(_ other: ObjectIdentity) -> Bool {
      reader.references[other].map { reader.view.type(of: $0).layer < layer } ?? false
    }
    if let holder = incoming.first(where: { $0.isContainer && isAbove($0.source) }) {
      return (holder.source, holder.range)
    }
    return incoming.first { isInner[$0.source.type] && isAbove($0.source) }.map { ($0.source, nil) }
  }
}
