/// A scenario of one thread that does the same again and again, small enough to be exported for Spin: both go through the same steps.
enum Rounds {
  static let count = 50

  static var text: String {
    let round = """
          map f0 s1 0x100000 0x4000
          map f0 s2 0x100000 0x4000
          pin f0 a1 0x100000 0x2000 p1
          replace f0 a1 s2
          pin f0 a1 0x101000 0x2000 p2
          unmap f0 s2 0x100000 0x4000
          unmap f0 s1 0x100000 0x4000
          replace f0 a1 s1

      """
    return """
      scenario rounds "\(count) rounds of attaching, pinning and moving" {
        thread T0 {
          open f0
          ioas_alloc f0 s1
          ioas_alloc f0 s2
          access f0 s1 a1
      \(String(repeating: round, count: count))    close_access a1
          destroy f0 s1
          destroy f0 s2
          close f0
        }
      }

      """
  }
}
