// Spans, source files and diagnostics are what this module's interface speaks in.
@_exported public import Basics
