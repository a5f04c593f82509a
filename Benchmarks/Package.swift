// swift-tools-version: 6.1
import PackageDescription

let swift: [SwiftSetting] = [.swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny")]

func apus(_ names: String...) -> [Target.Dependency] { names.map { .product(name: $0, package: "apus") } }

let package = Package(
    name: "apus-benchmarks",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "apus-bench", targets: ["DataPlane"]),
        .executable(name: "control-plane-bench", targets: ["ControlPlane"]),
        .executable(name: "store-load", targets: ["StoreLoad"]),
        .executable(name: "scheduler-bench", targets: ["SchedulerLoad"]),
    ],
    dependencies: [
        .package(name: "apus", path: ".."),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    ],
    targets: [
        .executableTarget(
            name: "DataPlane",
            dependencies: apus(
                "Bench", "CLinux", "KubeAPI", "Lab", "Namespaces", "NetTypes", "Processes", "ProxyCore",
                "ProxyIPTables",
                "ProxyNftables",
                "ProxyUserspace", "Routes"),
            swiftSettings: swift),
        .executableTarget(
            name: "ControlPlane",
            dependencies: apus("Processes") + [
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOHPACK", package: "swift-nio-http2"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ], swiftSettings: swift),
        .executableTarget(
            name: "StoreLoad",
            dependencies: apus("EtcdAPI", "StoreCore", "StoreEtcd") + [
                .product(name: "SwiftProtobuf", package: "swift-protobuf")
            ], swiftSettings: swift),
        .executableTarget(
            name: "SchedulerLoad", dependencies: apus("KubeAPI", "SchedulerCore"), swiftSettings: swift),
    ]
)
