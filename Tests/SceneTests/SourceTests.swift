import CustomDump
import Recording
import Scene
import Testing

@Suite struct SourceTests {
  @Test func aLineIsCutByWhatThingsAre() {
    let tokens = SourceToken.tokens(of: #"let rc = add(x, 0x10, "a b") // sum -ENOENT"#)
    expectNoDifference(
      tokens.map { "\($0.kind) '\($0.text)'" },
      [
        "keyword 'let'", "plain ' '", "name 'rc'", "plain ' = '", "call 'add'", "plain '('", "name 'x'",
        "plain ', '", "number '0x10'", "plain ', '", #"string '"a b"'"#, "plain ') '",
        "comment '// sum -ENOENT'",
      ])
    expectNoDifference(
      SourceToken.tokens(of: "mutex_lock a.b").map(\.kind), [.lock, .plain, .name, .plain, .name])
    expectNoDifference(SourceToken.tokens(of: "return -ENOENT").last?.kind, .number)
    expectNoDifference(SourceToken.tokens(of: ""), [])
  }

  @Test func piecesGiveBackTheLine() {
    for line in ["\"open", "a\"", "/", "// ", "é ü \u{1F600}", "\"\\", "x->y(1)"] {
      expectNoDifference(SourceToken.tokens(of: line).map(\.text).joined(), line)
    }
  }

  @Test func theExcerptMarksWhereThreadsStand() throws {
    var timeline = try Workshop.timeline([["make b1", "read b1"], ["read b1"]])
    try timeline.finish(0, operations: 1)
    try timeline.step(0, before: "let users")
    try timeline.step(1, before: "down_read")
    let excerpt = SourceExcerpt(Moment(timeline), thread: 0)
    expectNoDifference(
      excerpt.lines.map { line in
        (line.isCurrent ? "> " : "  ") + line.tokens.map(\.text).joined()
          + line.others.map { " <\($0)" }.joined()
      },
      [
        "  entry read(id: b) \"reads a box\" {",
        "    let box = xa_load(boxes, id)",
        "    down_read box.rwsem <T1",
        ">   let users = box.users",
        "    up_read box.rwsem",
        "  }",
      ])
    expectNoDifference(SourceExcerpt(Moment(timeline), thread: 7).note, "there is no thread")
  }

  @Test func betweenOperationsTheNextOneShows() throws {
    var timeline = try Workshop.timeline([["make b1"]])
    expectNoDifference(SourceExcerpt(Moment(timeline), thread: 0).function, "make")
    try timeline.finish(0, operations: 1)
    expectNoDifference(SourceExcerpt(Moment(timeline), thread: 0).note, "T0 has finished its operations")
  }
}
