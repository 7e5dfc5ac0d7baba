public import Recording
import StepLanguage

/// Finds lines of a model's text.
public enum SourceLine {
  /// Where a text stands in the function in which the thread of the last step is, counted in lines from the one that it comes to next.
  ///
  /// - Returns: nil when the thread is in no function, or the function has no such line.
  public static func distance(to text: String, on timeline: Timeline) -> Int? {
    guard let thread = timeline.record?.thread else { return nil }
    let program = timeline.world.program
    guard let frame = timeline.view.thread(thread).frames.last, let statement = frame.statement else {
      return nil
    }
    let home = program.home(of: statement)
    let source = program.sources[home.file]
    let next = program.line(of: statement)
    let function = program.functions[frame.function]
    let end = home == function.span ? function.end.start : home.end
    let lines = source.line(at: home.start)...source.line(at: end)
    let found = lines.filter { source.text(ofLine: $0).contains(text) }
    // Of several the nearest to the line that runs next.
    return found.min { abs($0 - next) < abs($1 - next) }.map { $0 - next }
  }
}
