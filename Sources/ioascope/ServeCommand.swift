import ArgumentParser
import Basics
import Foundation
import Interface
import Recording
import Serve
import StepLanguage
import Workbench

/// `ioascope serve`: the explorer for programs.
struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Speaks JSON lines over standard input and output: the ground for editors and pages.",
    discussion: """
      A request is a line such as {"id":1,"method":"open","source":"replace-vs-pin"};
      docs/serve.md describes the methods. It ends with its input, or by 'quit'.

      Example:
        printf '%s\\n' '{"id":1,"method":"list","kind":"scenarios"}' | ioascope serve
      """)

  /// How often a search that runs beside is asked how far it is.
  private static let newsMilliseconds: Int32 = 50

  func run() throws {
    try CommandError.reporting {
      var server = Server(Self.environment(DataDirectories.standard()))
      var buffer: [UInt8] = []
      var chunk = [UInt8](repeating: 0, count: 1 << 16)
      while !server.isOver {
        var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        let ready = poll(&descriptor, 1, server.isSearching ? Self.newsMilliseconds : -1)
        for line in server.news() { try StandardStreams.print(line) }
        guard ready > 0 else { continue }
        let count = read(STDIN_FILENO, &chunk, chunk.count)
        if count < 0, errno == EINTR { continue }
        if count > 0 { buffer += chunk[..<count] }
        while !server.isOver, let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
          try Self.answer(buffer[..<end], &server)
          buffer.removeSubrange(...end)
        }
        if count <= 0 {
          if !buffer.isEmpty, !server.isOver { try Self.answer(buffer[...], &server) }
          return try Self.finish(&server)
        }
        if buffer.count > Server.longestLine {
          throw CommandError("a request is longer than \(Server.longestLine) bytes", status: ExitStatus.data)
        }
      }
    }
  }

  private static func answer(_ bytes: ArraySlice<UInt8>, _ server: inout Server) throws {
    for line in server.answer(String(decoding: bytes, as: UTF8.self)) { try StandardStreams.print(line) }
  }

  /// Without more input there is nothing to do beside the search, so it is waited for.
  private static func finish(_ server: inout Server) throws {
    while server.isSearching, !server.isOver {
      usleep(useconds_t(newsMilliseconds) * 1_000)
      for line in server.news() { try StandardStreams.print(line) }
    }
  }

  private static func environment(_ directories: DataDirectories) -> Server.Environment {
    Server.Environment(
      open: { source, model in
        var session = try RunSource.state(source, model: model, directories).session
        // There are no keys here.
        session.hints = [:]
        return session
      },
      list: { kind in
        guard let subject = ListCommand.Subject(rawValue: kind),
          let rows = try? ListCommand.rows(of: subject, directories)
        else { return nil }
        return JSON.list(
          rows.map { JSON.object([JSON.field("name", $0.name), JSON.field("title", $0.title)]) })
      },
      save: { path, session in
        let header = Session.Header(
          world: session.timeline.situation(at: 0).world,
          scenario: try? directories.library.scenario(named: session.scenarioName), tool: ProgramVersion.text,
          started: SessionFile.now)
        var writer = try SessionFile.writer(path, header: header)
        try writer.follow(session.timeline)
      },
      words: { CommandError($0).message })
  }
}
