// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("ExistentialAny"),
]

let package = Package(
  name: "Benchmarks",
  dependencies: [
    .package(name: "ioascope", path: "..")
  ],
  targets: [
    // Counts calls of the allocator and of the reference counting by standing before them.
    .target(name: "Counters"),
    // Times and peak memory of commands that are run in turn.
    .executableTarget(name: "Measure"),
    // A pseudo-terminal with a program in it, and a clock.
    .target(name: "BenchTerminal", swiftSettings: strict),
    // Where the models lie, and how numbers are told.
    .target(
      name: "BenchSupport", dependencies: [.product(name: "StepLanguage", package: "ioascope")],
      swiftSettings: strict),
    .executableTarget(
      name: "Benchmarks",
      dependencies: [
        "Counters", "BenchSupport",
        .product(name: "Explorer", package: "ioascope"),
        .product(name: "StepLanguage", package: "ioascope"),
        .product(name: "Machine", package: "ioascope"),
      ],
      swiftSettings: strict
    ),
    .executableTarget(
      name: "ScreenBenchmark",
      dependencies: [
        "BenchTerminal", "BenchSupport",
        .product(name: "StepLanguage", package: "ioascope"),
        .product(name: "Machine", package: "ioascope"),
        .product(name: "Interface", package: "ioascope"),
        .product(name: "Surface", package: "ioascope"),
        .product(name: "Recording", package: "ioascope"),
      ],
      swiftSettings: strict
    ),
    .executableTarget(
      name: "SessionBenchmark",
      dependencies: [
        "BenchTerminal", "BenchSupport",
        .product(name: "StepLanguage", package: "ioascope"),
        .product(name: "Machine", package: "ioascope"),
        .product(name: "Explorer", package: "ioascope"),
        .product(name: "Recording", package: "ioascope"),
      ],
      swiftSettings: strict
    ),
    .executableTarget(
      name: "TraceBenchmark",
      dependencies: [
        "BenchSupport",
        .product(name: "StepLanguage", package: "ioascope"),
        .product(name: "KernelTrace", package: "ioascope"),
      ],
      swiftSettings: strict
    ),
  ]
)
