// swift-tools-version: 6.2
import PackageDescription

/// Every target of ours: Swift 6 language mode, warnings are errors.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("ExistentialAny"),
]

/// Targets that search or step millions of times are optimised in debug builds, too, or the tests would take many times as long. Preconditions stay.
let core: [SwiftSetting] =
  strict + [
    .unsafeFlags(
      ["-O", "-whole-module-optimization", "-num-threads", "2", "-disable-batch-mode"],
      .when(configuration: .debug))
  ]

let package = Package(
  name: "ioascope",
  products: [
    .executable(name: "ioascope", targets: ["ioascope"]),
    // For the package in Benchmarks.
    .library(name: "Basics", targets: ["Basics"]),
    .library(name: "StepLanguage", targets: ["StepLanguage"]),
    .library(name: "Machine", targets: ["Machine"]),
    .library(name: "Explorer", targets: ["Explorer"]),
    .library(name: "Recording", targets: ["Recording"]),
    .library(name: "KernelTrace", targets: ["KernelTrace"]),
    .library(name: "Surface", targets: ["Surface"]),
    .library(name: "Interface", targets: ["Interface"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    .package(url: "https://github.com/pointfreeco/swift-custom-dump", from: "1.7.3"),
    .package(url: "https://github.com/pointfreeco/xctest-dynamic-overlay", from: "1.13.1"),
  ],
  targets: [
    // The one place that touches C curses.
    .systemLibrary(
      name: "CNcurses",
      path: "CNcurses",
      providers: [.apt(["libncursesw5-dev"])]
    ),

    // The core, in the order in which data flows. Arrows never point back.
    .target(name: "Basics", swiftSettings: core),
    .target(name: "StepLanguage", dependencies: ["Basics"], swiftSettings: core),
    .target(name: "KernelC", dependencies: ["Basics", "StepLanguage"], swiftSettings: strict),
    .target(name: "Machine", dependencies: ["Basics", "StepLanguage"], swiftSettings: core),
    .target(name: "Recording", dependencies: ["Basics", "Machine", "StepLanguage"], swiftSettings: core),
    .target(
      name: "Scene", dependencies: ["Basics", "Machine", "StepLanguage", "Recording"], swiftSettings: strict),
    .target(name: "Explorer", dependencies: ["Basics", "Machine", "StepLanguage"], swiftSettings: core),
    .target(
      name: "Reports",
      dependencies: ["Basics", "StepLanguage", "Machine", "Recording", "Explorer", "Scene"],
      swiftSettings: core),
    .target(name: "Promela", dependencies: ["Basics", "Machine", "StepLanguage"], swiftSettings: core),
    .target(
      name: "KernelTrace", dependencies: ["Basics", "StepLanguage", "Machine", "Recording"],
      swiftSettings: core),
    .target(
      name: "TOMLText",
      dependencies: ["Basics", "StepLanguage", .product(name: "TOMLKit", package: "TOMLKit")],
      swiftSettings: strict
    ),
    .target(
      name: "Lessons",
      dependencies: [
        "Basics", "StepLanguage", "Machine", "Recording", "Scene", "Explorer", "TOMLText",
        .product(name: "TOMLKit", package: "TOMLKit"),
      ],
      swiftSettings: strict
    ),
    .target(
      name: "Surface",
      dependencies: ["TOMLText", .product(name: "TOMLKit", package: "TOMLKit")],
      swiftSettings: strict
    ),
    .target(
      name: "Workbench",
      dependencies: ["Basics", "StepLanguage", "Machine", "Explorer", "Recording", "Scene", "Reports"],
      swiftSettings: strict
    ),
    // A front end for programs: JSON lines.
    .target(
      name: "Serve",
      dependencies: ["Basics", "StepLanguage", "Machine", "Recording", "Scene", "Workbench"],
      swiftSettings: strict
    ),
    .target(
      name: "Interface",
      dependencies: [
        "Basics", "StepLanguage", "Machine", "Explorer", "Recording", "Scene", "Reports", "Lessons",
        "Surface", "TOMLText", "Workbench",
        .product(name: "TOMLKit", package: "TOMLKit"),
      ],
      swiftSettings: strict
    ),
    .target(
      name: "Terminal",
      dependencies: ["CNcurses", "CrashGuard", "Surface", "Interface"],
      swiftSettings: strict
    ),
    // Fifty lines of C that put the terminal back when the process dies: signal handlers may not run Swift.
    .target(name: "CrashGuard", path: "Sources/CrashGuard"),
    // A small program for the pseudo-terminal tests to start, feed, resize and crash.
    .executableTarget(
      name: "TerminalProbe",
      dependencies: ["Terminal", "Interface", "Surface"],
      path: "Tests/TerminalProbe",
      swiftSettings: strict
    ),
    .executableTarget(
      name: "ioascope",
      dependencies: [
        "Basics", "StepLanguage", "KernelC", "Machine", "Explorer", "Promela", "Recording", "KernelTrace",
        "Scene",
        "Reports", "Lessons",
        "TOMLText",
        "Surface",
        "Interface",
        "Terminal",
        "Workbench", "Serve",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict
    ),

    .testTarget(
      name: "StepLanguageTests", dependencies: ["Basics", "StepLanguage"] + testing, swiftSettings: strict),
    .testTarget(
      name: "KernelCTests",
      dependencies: ["Basics", "StepLanguage", "KernelC", "Machine", "Explorer"] + testing,
      swiftSettings: strict),
    // Small and random models that the tests of several targets search.
    .target(
      name: "SmallModels", dependencies: ["StepLanguage", "Machine"], path: "Tests/SmallModels",
      swiftSettings: core),
    .testTarget(
      name: "MachineTests", dependencies: ["Basics", "StepLanguage", "Machine", "SmallModels"] + testing,
      exclude: ["Fixtures"],
      swiftSettings: strict),
    .testTarget(
      name: "ExplorerTests",
      dependencies: [
        "Basics", "StepLanguage", "Machine", "Explorer", "Recording", "Scene", "Reports", "SmallModels",
      ]
        + testing,
      exclude: ["Contract", "Fixtures"], swiftSettings: strict),
    .testTarget(
      name: "PromelaTests",
      dependencies: ["Basics", "StepLanguage", "Machine", "Explorer", "Promela", "SmallModels"] + testing,
      swiftSettings: strict),
    .testTarget(
      name: "RecordingTests",
      dependencies: ["Basics", "StepLanguage", "Machine", "Recording", "ioascope"] + testing,
      swiftSettings: strict),
    .testTarget(
      name: "KernelTraceTests",
      dependencies: ["Basics", "StepLanguage", "Machine", "Explorer", "Recording", "KernelTrace"] + testing,
      exclude: ["Fixtures"], swiftSettings: strict),
    .testTarget(
      name: "SceneTests",
      dependencies: ["Basics", "StepLanguage", "Machine", "Explorer", "Recording", "Scene"] + testing,
      swiftSettings: strict),
    .testTarget(
      name: "ReportsTests",
      dependencies: [
        "SmallModels", "Basics", "StepLanguage", "Machine", "Explorer", "Recording", "Scene", "Reports",
        "ioascope",
      ] + testing,
      exclude: ["Golden"], swiftSettings: strict),
    .testTarget(
      name: "SurfaceTests", dependencies: ["Basics", "Surface"] + testing, swiftSettings: strict),
    .testTarget(
      name: "WorkbenchTests",
      dependencies: [
        "Basics", "StepLanguage", "Machine", "Recording", "Reports", "Workbench", "Serve", "SmallModels",
      ] + testing,
      swiftSettings: strict),
    .testTarget(
      name: "InterfaceTests",
      dependencies: [
        "Basics", "StepLanguage", "Machine", "Recording", "Scene", "Surface", "Lessons", "Interface",
        "Workbench", "SmallModels",
      ]
        + testing,
      exclude: ["Golden"], swiftSettings: strict),
    .testTarget(
      name: "LessonsTests",
      dependencies: ["Basics", "StepLanguage", "Machine", "Recording", "Explorer", "Lessons"] + testing,
      swiftSettings: strict),
    .testTarget(
      name: "FuzzTests",
      dependencies: [
        "Basics", "SmallModels", "StepLanguage", "Machine", "Explorer", "Recording", "Reports", "KernelTrace",
        "Lessons", "Surface", "Interface",
      ], swiftSettings: strict),
    .testTarget(name: "CommandTests", dependencies: ["ioascope"], swiftSettings: strict),
    .testTarget(
      name: "TerminalTests",
      dependencies: ["Terminal", "TerminalProbe", "ioascope", "Interface", "Surface"] + testing,
      swiftSettings: strict),
  ]
)

/// Swift Testing needs the second product, or `expectNoDifference` passes silently.
var testing: [Target.Dependency] {
  [
    .product(name: "CustomDump", package: "swift-custom-dump"),
    .product(name: "IssueReportingTestSupport", package: "xctest-dynamic-overlay"),
  ]
}
