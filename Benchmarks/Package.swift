// swift-tools-version: 6.1
import PackageDescription

let swift: [SwiftSetting] = [.swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny")]

func apus(_ names: String...) -> [Target.Dependency] { names.map { .product(name: $0, package: "apus") } }

let package = Package(
    name: "apus-benchmarks",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "apus-bench", targets: ["DataPlane"])],
    dependencies: [.package(name: "apus", path: "..")],
    targets: [
        .executableTarget(
            name: "DataPlane",
            dependencies: apus(
                "Bench", "CLinux", "KubeAPI", "Lab", "Namespaces", "NetTypes", "ProxyCore", "ProxyIPTables",
                "ProxyNftables",
                "ProxyUserspace", "Routes"),
            swiftSettings: swift)
    ]
)
