// swift-tools-version: 6.3
import PackageDescription

// A package of its own, so that the service's build never waits for load generators and baselines.
//
// Entitlements, Flags, Postgres, CLibPQ and Limits are symbolic links to the service's own sources: the
// layers are open to their package only, and what is measured has to be the code that is shipped.
let package = Package(
    name: "usher-benchmarks",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    ],
    targets: [
        .executableTarget(
            name: "bench",
            dependencies: [
                "CoreBenchmark", "Harness", "Hello", "Postgres",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            resources: [.embedInCode("Resources")]
        ),
        .target(name: "Harness"),
        .target(name: "CoreBenchmark", dependencies: ["Entitlements", "Flags", "Harness"]),
        .target(
            name: "Hello",
            dependencies: [
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .target(name: "Flags", dependencies: ["Entitlements", "Limits"]),
        .target(name: "Entitlements"),
        .target(
            name: "Postgres",
            dependencies: ["CLibPQ", "Limits", .product(name: "Logging", package: "swift-log")]
        ),
        .target(name: "Limits"),
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .testTarget(name: "HarnessTests", dependencies: ["Harness"]),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("ImmutableWeakCaptures"),
        .enableUpcomingFeature("InferIsolatedConformances"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .strictMemorySafety(),
        .treatAllWarnings(as: .error),
    ]
}
