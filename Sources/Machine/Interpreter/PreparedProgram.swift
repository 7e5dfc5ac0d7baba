public import StepLanguage

/// A program in the form in which machines read it, for many worlds: making that form takes longer than many a
/// search of a small one.
public final class PreparedProgram: @unchecked Sendable {
  // Written once, before anybody else has it; from then on only read.
  let tables: ProgramTables
  private let arena = Arena()

  /// Prepares a program.
  public init(_ program: Program) {
    tables = ProgramTables(program, in: arena)
  }
}
