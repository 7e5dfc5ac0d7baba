// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "Benchmarks",
  dependencies: [
    .package(name: "ioascope", path: "..")
  ],
  targets: [
    // Counts calls of the allocator and of the reference counting by standing before them.
    .target(name: "Counters"),
    .executableTarget(
      name: "Benchmarks",
      dependencies: [
        "Counters",
        .product(name: "StepLanguage", package: "ioascope"),
        .product(name: "Machine", package: "ioascope"),
      ],
      swiftSettings: [
        .swiftLanguageMode(.v6),
        .treatAllWarnings(as: .error),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("ExistentialAny"),
      ]
    ),
    .executableTarget(
      name: "ScreenBenchmark",
      dependencies: [
        .product(name: "StepLanguage", package: "ioascope"),
        .product(name: "Machine", package: "ioascope"),
        .product(name: "Interface", package: "ioascope"),
        .product(name: "Surface", package: "ioascope"),
        .product(name: "Recording", package: "ioascope"),
      ],
      swiftSettings: [
        .swiftLanguageMode(.v6),
        .treatAllWarnings(as: .error),
        .enableUpcomingFeature("ExistentialAny"),
      ]
    ),
  ]
)
