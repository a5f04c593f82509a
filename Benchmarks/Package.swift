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
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
    ],
    targets: [
        .executableTarget(
            name: "DataPlane",
            dependencies: apus(
                "Bench", "CLinux", "KubeAPI", "Lab", "Namespaces", "NetTypes", "ProxyCore", "ProxyIPTables",
                "ProxyNftables",
                "ProxyUserspace", "Routes"),
            swiftSettings: swift),
        .executableTarget(
            name: "ControlPlane",
            dependencies: [
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ], swiftSettings: swift),
        .executableTarget(
            name: "StoreLoad",
            dependencies: apus("EtcdAPI") + [
                .product(name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport")
            ], swiftSettings: swift),
        .executableTarget(
            name: "SchedulerLoad", dependencies: apus("KubeAPI", "SchedulerCore"), swiftSettings: swift),
    ]
)
