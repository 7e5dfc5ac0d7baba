import Interface
import Machine
import Promela

/// A scenario and a model as text for Spin.
enum PromelaText {
  /// - Throws: `CommandError` naming what cannot be written.
  static func text(_ state: AppState, source: String, heap: Int?, isWide: Bool) throws -> String {
    var options = PromelaExport.Options()
    options.heap = heap
    options.isWide = isWide
    let heading = [
      "\(state.scenarioName) under \(state.modelName), written by: ioascope export --format promela \(source)"
    ]
    do throws(PromelaExport.Refusal) {
      return try PromelaExport(world: state.timeline.world, heading: heading, options: options).text()
    } catch {
      throw CommandError("\(source): \(error.message)", status: ExitStatus.data)
    }
  }
}
