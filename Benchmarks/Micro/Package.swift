// swift-tools-version: 6.1
import PackageDescription

func apus(_ names: String...) -> [Target.Dependency] { names.map { .product(name: $0, package: "apus") } }

// A package of its own: the data-plane benchmarks build without the framework.
let package = Package(
    name: "apus-micro-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "apus", path: "../.."),
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    ],
    targets: [
        .executableTarget(
            name: "Micro",
            dependencies: apus("KubeAPI", "NetTypes", "ProxyCore", "ProxyNftables")
                + [.product(name: "Benchmark", package: "benchmark")],
            path: "Benchmarks/Micro",
            swiftSettings: [.swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny")],
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
    ]
)
