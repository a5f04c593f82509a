// swift-tools-version: 6.1
import PackageDescription

/// Every target is one job; the layers and the arrows between them are held by Tests/ArchitectureTests.
let swift: [SwiftSetting] = [.swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny")]

func pure(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: swift)
}

func system(_ name: String, pkgConfig: String, apt: [String]) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt(apt)])
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.init(stringLiteral: name)] + dependencies,
        resources: resources, swiftSettings: swift)
}

extension Target.Dependency {
    static let argumentParser = product(name: "ArgumentParser", package: "swift-argument-parser")
    static let logging = product(name: "Logging", package: "swift-log")
    static let lifecycle = product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let nio = product(name: "NIOCore", package: "swift-nio")
    static let nioPosix = product(name: "NIOPosix", package: "swift-nio")
    static let nioHTTP1 = product(name: "NIOHTTP1", package: "swift-nio")
    static let nioHTTP2 = product(name: "NIOHTTP2", package: "swift-nio-http2")
    static let nioHPACK = product(name: "NIOHPACK", package: "swift-nio-http2")
    static let nioTLS = product(name: "NIOTLS", package: "swift-nio")
    static let nioEmbedded = product(name: "NIOEmbedded", package: "swift-nio")
    static let nioSSL = product(name: "NIOSSL", package: "swift-nio-ssl")
    static let nioWebSocket = product(name: "NIOWebSocket", package: "swift-nio")
    static let httpClient = product(name: "AsyncHTTPClient", package: "async-http-client")
    static let grdb = product(name: "GRDB", package: "GRDB.swift")
    static let x509 = product(name: "X509", package: "swift-certificates")
    static let asn1 = product(name: "SwiftASN1", package: "swift-asn1")
    static let crypto = product(name: "Crypto", package: "swift-crypto")
    static let cryptoExtras = product(name: "_CryptoExtras", package: "swift-crypto")
    static let yams = product(name: "Yams", package: "Yams")
    static let grpc = product(name: "GRPCCore", package: "grpc-swift-2")
    static let grpcTransport = product(name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport")
    static let grpcProtobuf = product(name: "GRPCProtobuf", package: "grpc-swift-protobuf")
    static let protobuf = product(name: "SwiftProtobuf", package: "swift-protobuf")
}

let package = Package(
    name: "apus",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "apus", targets: ["apus"]),
        .executable(name: "apus-monitor", targets: ["apus-monitor"]),
        // For Benchmarks, a package of its own.
        .library(name: "Bench", targets: ["Bench"]),
        .library(name: "CLinux", targets: ["CLinux"]),
        .library(name: "EtcdAPI", targets: ["EtcdAPI"]),
        .library(name: "KubeAPI", targets: ["KubeAPI"]),
        .library(name: "Lab", targets: ["Lab"]),
        .library(name: "Namespaces", targets: ["Namespaces"]),
        .library(name: "NetTypes", targets: ["NetTypes"]),
        .library(name: "Nftables", targets: ["Nftables"]),
        .library(name: "Processes", targets: ["Processes"]),
        .library(name: "ProxyCore", targets: ["ProxyCore"]),
        .library(name: "ProxyIPTables", targets: ["ProxyIPTables"]),
        .library(name: "ProxyNftables", targets: ["ProxyNftables"]),
        .library(name: "ProxyUserspace", targets: ["ProxyUserspace"]),
        .library(name: "Routes", targets: ["Routes"]),
        .library(name: "SchedulerCore", targets: ["SchedulerCore"]),
        .library(name: "StoreCore", targets: ["StoreCore"]),
        .library(name: "StoreEtcd", targets: ["StoreEtcd"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.0.0"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
        .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
    ],
    targets: [
        // C: system libraries and the shims that macros and variadics need.
        system("CNftnl", pkgConfig: "libnftnl", apt: ["libnftnl-dev", "libmnl-dev"]),
        system("CIPSet", pkgConfig: "libipset", apt: ["libipset-dev"]),
        .systemLibrary(name: "CIPVS"),
        system("CNetlink", pkgConfig: "libnl-genl-3.0", apt: ["libnl-3-dev", "libnl-genl-3-dev"]),
        .systemLibrary(name: "CXTables"),
        system("CZlib", pkgConfig: "zlib", apt: ["zlib1g-dev"]),
        .target(name: "CLinux"),

        // Pure: decisions only; time, randomness and configuration come in as arguments.
        pure("NetTypes"),
        pure("KubeAPI", ["NetTypes"]),
        pure("KubeSchema", ["NetTypes", "KubeAPI"]),
        pure("AccessControl", ["KubeAPI"]),
        pure("ProxyCore", ["NetTypes", "KubeAPI"]),
        pure("StoreCore"),
        pure("ControlLoops", ["KubeAPI"]),
        pure("SchedulerCore", ["NetTypes", "KubeAPI", "KubeSchema", "ControlLoops"]),
        pure("ControllerCore", ["KubeAPI", "KubeSchema", "NetTypes"]),
        pure("NodeServices", ["NetTypes"]),
        pure("DNSCore", ["NetTypes", "KubeAPI"]),
        pure("RuntimeSpec", ["KubeAPI"]),
        pure("AgentCore", ["KubeAPI", "KubeSchema", "NetTypes", "NodeServices", "RuntimeSpec", "SchedulerCore"]),

        // Kernel: thin ports to netlink, namespaces and threads.
        .target(name: "Threads", swiftSettings: swift),
        .target(name: "Processes", dependencies: ["CLinux"], swiftSettings: swift),
        .target(name: "Compression", dependencies: ["CZlib"], swiftSettings: swift),
        .target(name: "Netlink", dependencies: ["CNftnl", "CLinux"], swiftSettings: swift),
        .target(name: "Nftables", dependencies: ["CNftnl", "CLinux", "Netlink", "NetTypes"], swiftSettings: swift),
        .target(name: "Conntrack", dependencies: ["CLinux", "Netlink", "NetTypes", "Routes"], swiftSettings: swift),
        .target(name: "Routes", dependencies: ["CLinux", "Netlink", "NetTypes"], swiftSettings: swift),
        .target(name: "Namespaces", dependencies: ["Processes", "Threads", "CLinux"], swiftSettings: swift),
        .target(
            name: "IPSet", dependencies: ["CIPSet", "CLinux", "Netlink", "NetTypes", "Routes"], swiftSettings: swift),
        .target(
            name: "IPVS", dependencies: ["CIPVS", "CLinux", "CNetlink", "Netlink", "NetTypes"], swiftSettings: swift),
        .target(
            name: "IPTables", dependencies: ["CXTables", "CLinux", "Netlink", "NetTypes", "Processes"],
            swiftSettings: swift),

        // The agent's: containers on a node. The monitor is a program of its own in C, since one runs beside each.
        .executableTarget(
            name: "apus-monitor", path: "Sources/ContainerMonitor", cSettings: [.define("_GNU_SOURCE")],
            // It is C alone: without the libraries of Swift it takes a third of the memory.
            linkerSettings: [.unsafeFlags(["-nostartfiles", "-Xlinker", "--as-needed"])]),
        .target(
            name: "ContainerRuntime", dependencies: ["RuntimeSpec", "KubeAPI", "Processes", "Threads", "CLinux"],
            swiftSettings: swift),

        // Data plane.
        .target(
            name: "ProxyIPTables", dependencies: ["ProxyCore", "IPTables", "IPSet", "Nftables", "NetTypes"],
            swiftSettings: swift),
        .target(name: "ServiceTables", dependencies: ["ProxyCore", "Nftables", "NetTypes"], swiftSettings: swift),
        .target(
            name: "ProxyNftables", dependencies: ["ProxyCore", "ServiceTables", "Nftables", "NetTypes"],
            swiftSettings: swift),
        .target(
            name: "ProxyIPVS",
            dependencies: ["ProxyCore", "IPVS", "IPSet", "IPTables", "Netlink", "Routes", "NetTypes"],
            swiftSettings: swift),
        .target(
            name: "ProxyUserspace",
            dependencies: ["Threads", "ProxyCore", "ServiceTables", "Nftables", "Routes", "NetTypes", "CLinux"],
            swiftSettings: swift),
        .target(
            name: "NodeProxy",
            dependencies: [
                "Threads",
                "ProxyCore", "ProxyIPTables", "ProxyIPVS", "ProxyNftables", "ProxyUserspace", "Nftables", "KubeAPI",
                "KubeClient", "Manifests",
                "Conntrack", "Routes",
                "Telemetry", "NetTypes", "CLinux", .lifecycle, .logging, .yams,
            ], swiftSettings: swift),

        // Control plane, and access to it.
        .target(name: "HTTP2Frames", dependencies: [.nio, .nioHTTP2], swiftSettings: swift),
        .target(
            name: "KubeClient",
            dependencies: [
                "HTTP2Frames", "Threads", "ControlLoops", "KubeAPI", "Processes", .httpClient, .nio, .nioSSL, .logging,
                .yams,
            ],
            swiftSettings: swift),
        .target(
            name: "Controllers",
            dependencies: [
                "ControlLoops", "ControllerCore", "KubeAPI", "KubeClient", "KubeSchema", "Telemetry", .logging,
            ], swiftSettings: swift),
        .target(
            name: "SimulatedNodes", dependencies: ["ControlLoops", "KubeAPI", "KubeClient", "NetTypes", .logging],
            swiftSettings: swift),
        .target(
            name: "Scheduler",
            dependencies: ["KubeAPI", "KubeClient", "KubeSchema", "SchedulerCore", "Telemetry", .nio, .logging],
            swiftSettings: swift),
        .target(
            name: "Agent",
            dependencies: [
                "AgentCore", "CLinux", "Compression", "ContainerRuntime", "ControlLoops", "KubeAPI", "KubeClient",
                "KubeSchema",
                "Manifests", "Namespaces", "NetTypes", "NodeServices", "PKI", "RuntimeSpec", "Threads", .crypto, .grpc,
                .grpcTransport, .httpClient, .nio,
                .nioPosix, .nioHTTP1, .nioSSL, .nioWebSocket, .logging,
            ], swiftSettings: swift),
        .target(
            name: "DNSServer",
            dependencies: [
                "CLinux", "DNSCore", "KubeAPI", "KubeClient", "NetTypes", "Telemetry", "Threads", .nio, .nioPosix,
                .lifecycle, .logging,
            ], swiftSettings: swift),
        .target(name: "Store", dependencies: ["Threads", "StoreCore", .grdb], swiftSettings: swift),
        // Generated once by scripts/generate-etcd-api.
        .target(
            name: "EtcdAPI", dependencies: [.grpc, .grpcProtobuf, .protobuf], exclude: ["Protos"],
            swiftSettings: [.swiftLanguageMode(.v6)]),
        .target(
            name: "GRPCServer", dependencies: [.nio, .nioPosix, .nioHTTP2, .nioHPACK, .nioSSL], swiftSettings: swift),
        .target(
            name: "EtcdServer",
            dependencies: [
                "EtcdAPI", "GRPCServer", "Store", "StoreCore", "Telemetry", "Threads", .protobuf, .nio, .nioSSL,
                .crypto,
                .lifecycle, .logging,
            ], swiftSettings: swift),
        .target(
            name: "StoreEtcd",
            dependencies: [
                "EtcdAPI", "HTTP2Frames", "StoreCore", .grpc, .grpcTransport, .grpcProtobuf, .protobuf, .nio,
                .nioHTTP2,
            ],
            swiftSettings: swift),
        .target(
            name: "Images",
            dependencies: [
                "NodeServices", "KubeAPI", "Compression", "Threads", "CLinux", .crypto, .httpClient, .nio, .nioHTTP1,
                .nioSSL,
            ], swiftSettings: swift),
        .target(
            name: "CNI", dependencies: ["KubeAPI", "Namespaces", "NetTypes", "Processes", "Threads"],
            swiftSettings: swift),
        .target(
            name: "PodNetwork",
            dependencies: [
                "CNI", "NodeServices", "KubeAPI", "NetTypes", "Netlink", "Routes", "Namespaces", "Threads", "CLinux",
            ], swiftSettings: swift),
        .target(name: "Manifests", dependencies: ["KubeAPI", "CLinux", .yams, .logging], swiftSettings: swift),
        .target(
            name: "PKI",
            dependencies: ["KubeAPI", "NetTypes", .x509, .asn1, .crypto, .cryptoExtras, .lifecycle, .logging],
            swiftSettings: swift),
        .target(
            name: "APIServer",
            dependencies: [
                "KubeAPI", "KubeSchema", "AccessControl", "NetTypes", "PKI", "StoreCore", "Telemetry", "Threads",
                "Compression", .nio, .nioPosix, .nioHTTP1, .nioHTTP2, .nioTLS, .nioSSL, .nioWebSocket, .crypto,
                .logging, .lifecycle,
            ], swiftSettings: swift),

        // Face.
        .target(
            name: "Telemetry", dependencies: [.nio, .nioPosix, .nioHTTP1, .logging, .lifecycle], swiftSettings: swift),
        .target(
            name: "Lab", dependencies: ["Threads", "Namespaces", "Routes", "NetTypes", "CLinux"], swiftSettings: swift),
        .target(
            name: "Bench",
            dependencies: [
                "Threads",
                "ProxyCore", "ProxyIPTables", "ProxyIPVS", "ProxyNftables", "ProxyUserspace", "KubeAPI", "Lab",
                "Manifests", "Namespaces", "NetTypes", "Processes", "CLinux",
            ], swiftSettings: swift),
        .target(
            name: "NodeJoin", dependencies: ["KubeAPI", "KubeClient", "PKI", .logging], swiftSettings: swift),
        .target(
            name: "LocalCluster",
            dependencies: [
                "CLinux", "DNSCore", "KubeAPI", "KubeClient", "Lab", "Namespaces", "NetTypes", "PKI", "Routes",
                "Threads",
                .logging,
            ], swiftSettings: swift),
        .executableTarget(
            name: "apus",
            dependencies: [
                "APIServer", "AccessControl", "Agent", "AgentCore", "Bench", "CNI", "ContainerRuntime", "ControlLoops",
                "ControllerCore", "Controllers", "DNSCore", "DNSServer", "EtcdServer",
                "Images", "KubeAPI",
                "KubeClient", "KubeSchema", "Lab", "LocalCluster", "NodeJoin",
                "Manifests", "Namespaces", "NetTypes", "NodeProxy", "NodeServices", "PKI", "PodNetwork", "Processes",
                "ProxyCore",
                "Scheduler",
                "SchedulerCore", "SimulatedNodes", "Store", "StoreCore", "StoreEtcd", "Telemetry", "Threads",
                .argumentParser, .nioPosix, .logging, .lifecycle,
            ], swiftSettings: swift),

        // Tests.
        .target(
            name: "PacketFlows", dependencies: ["ProxyCore", "KubeAPI", "NetTypes", "Lab"], path: "Tests/PacketFlows",
            swiftSettings: swift),
        .target(
            name: "TestServers", dependencies: ["KubeAPI", .nio, .nioPosix, .nioHTTP1, .nioSSL],
            path: "Tests/TestServers", swiftSettings: swift),
        .target(
            name: "TestThreads", dependencies: ["Threads"], path: "Tests/TestThreads", swiftSettings: swift),
        .target(name: "TestRandom", path: "Tests/TestRandom", swiftSettings: swift),
        // Programs that tests run and no one here wrote.
        .target(name: "TestPrograms", dependencies: ["Processes"], path: "Tests/TestPrograms", swiftSettings: swift),
        tests("NetTypes", ["TestRandom"]),
        tests("DNSCore", ["KubeAPI", "NetTypes", "TestRandom"]),
        tests("RuntimeSpec", ["KubeAPI"]),
        tests("AgentCore", ["KubeAPI", "KubeSchema", "NodeServices", "RuntimeSpec"]),
        tests(
            "Agent",
            [
                "apus", "AgentCore", "apus-monitor", "Compression", "ContainerRuntime", "GRPCServer", "Images",
                "KubeAPI", "KubeClient", "KubeSchema",
                "Namespaces", "NodeServices", "PKI", "Processes", "TestRandom",
                "TestPrograms", "TestThreads", .logging, .nio,
            ]),
        tests("ContainerRuntime", ["apus-monitor", "CLinux", "RuntimeSpec", "TestPrograms", "TestThreads"]),
        tests("Compression", ["Processes", "TestPrograms"]),
        tests("KubeAPI", ["TestRandom"]),
        tests("KubeSchema", ["TestRandom", "KubeAPI"]),
        tests("AccessControl", ["TestRandom", "KubeAPI"]),
        tests("SchedulerCore", ["KubeAPI"]),
        tests("ProxyCore", ["TestRandom"]),
        // Random transactions for both stores.
        .target(
            name: "StoreSequences", dependencies: ["StoreCore", "TestRandom"], path: "Tests/StoreSequences",
            swiftSettings: swift),
        tests("StoreCore", ["TestRandom", "StoreSequences"]),
        tests("ControlLoops", ["TestRandom", "KubeAPI"]),
        tests("ControllerCore", ["TestRandom", "KubeAPI"]),
        tests("SimulatedNodes", ["KubeAPI", "NetTypes"]),
        tests("Scheduler", ["KubeAPI", "KubeClient", "Manifests", "SchedulerCore", "TestThreads"]),
        tests("Store", ["StoreCore", "StoreSequences", .grdb]),
        tests(
            "GRPCServer",
            ["TestRandom", "TestThreads", .nio, .nioPosix, .nioHPACK, .nioEmbedded, .grpc, .grpcTransport]),
        tests("EtcdServer", ["EtcdAPI", "GRPCServer", "StoreCore", "TestRandom", .protobuf]),
        .testTarget(
            name: "EtcdTests",
            dependencies: [
                "apus", "EtcdAPI", "Store", "StoreCore", "StoreEtcd", "StoreSequences", "TestPrograms", "TestRandom",
                "TestThreads", .grpc, .grpcTransport, .grpcProtobuf, .protobuf, .nio,
            ],
            path: "Tests/EtcdTests", swiftSettings: swift),
        tests("Nftables", ["TestRandom", "Namespaces", "PacketFlows", "TestThreads"]),
        tests("IPSet", ["Namespaces", "TestThreads"]),
        tests("IPVS", ["Netlink", "NetTypes"]),
        tests(
            "ProxyIPVS",
            [
                "ProxyCore", "IPSet", "IPTables", "IPVS", "KubeAPI", "Namespaces", "NetTypes", "TestPrograms",
                "TestThreads",
                "ipvs-guest",
            ]),
        // What the guest of scripts/guest-image runs: the packet-flow table against the ipvs mode.
        .executableTarget(
            name: "ipvs-guest",
            dependencies: [
                "PacketFlows", "Lab", "KubeAPI", "ProxyCore", "ProxyIPVS", "NodeProxy", "Conntrack", "NetTypes",
                "Threads", "CLinux", "ContainerRuntime", "Processes", "RuntimeSpec",
            ],
            path: "Tests/GuestProgram", swiftSettings: swift),
        tests("Processes", ["TestThreads"]),
        tests("IPTables", ["Namespaces", "TestThreads"]),
        tests("Conntrack", ["TestRandom", "Namespaces", "Netlink", "TestThreads"]),
        tests("Routes", ["Namespaces", "TestThreads"]),
        tests(
            "ProxyIPTables",
            ["PacketFlows", "Namespaces", "Lab", "Conntrack", "IPSet", "IPTables", "Routes", "TestThreads"]),
        tests(
            "ProxyNftables", ["TestRandom", "PacketFlows", "Namespaces", "Lab", "Conntrack", "Routes", "TestThreads"]),
        tests(
            "ProxyUserspace",
            [
                "CLinux", "PacketFlows", "Namespaces", "Lab", "Conntrack", "ProxyIPTables", "ProxyNftables",
                "TestThreads",
            ]),
        tests(
            "KubeClient",
            [
                "ControlLoops", "Processes", "TestServers", "TestThreads", "Threads", .httpClient, .nioSSL,
            ]),
        tests("HTTP2Frames", ["TestRandom", .nioEmbedded, .nioHPACK, .nioHTTP2]),
        tests("Manifests", ["TestRandom", "TestThreads"]),
        tests("NodeJoin", ["KubeAPI", "KubeClient", "PKI", "TestPrograms", "TestThreads", .logging]),
        tests(
            "LocalCluster",
            ["KubeAPI", "Lab", "Namespaces", "NetTypes", "Processes", "TestPrograms", "TestThreads", "Threads"]),
        tests("CNI", ["KubeAPI", "Namespaces", "NetTypes", "Routes", "TestThreads"]),
        tests(
            "PodNetwork",
            ["apus", "CNI", "KubeAPI", "Namespaces", "NetTypes", "NodeServices", "Routes", "TestThreads"]),
        tests(
            "Images",
            [
                "TestRandom", "Compression", "CLinux", "KubeAPI", "NodeServices", "TestPrograms", "TestThreads",
                .httpClient, .nio,
            ]),
        tests("PKI", ["KubeAPI", "NetTypes", "TestPrograms", "TestThreads", .logging]),
        tests(
            "APIServer",
            [
                "AccessControl", "KubeAPI", "KubeSchema", "Manifests", "PKI", "Processes", "Store", "StoreCore",
                "StoreSequences", "TestPrograms", "TestRandom", "TestThreads", .httpClient,
                .nioSSL, .nioHTTP1, .nioPosix, .nioWebSocket, .nioEmbedded, .logging,
            ]),
        tests("Telemetry", ["TestThreads"]),
        tests("NodeProxy", ["Namespaces", "TestServers", "TestThreads"]),
        tests("Lab", ["Processes", "TestThreads"]),
        tests("Bench", ["Threads", "Namespaces", "TestThreads"]),
        .testTarget(
            name: "DaemonTests",
            dependencies: [
                "apus", "Conntrack", "KubeAPI", "Lab", "Namespaces", "NetTypes", "PacketFlows", "TestServers",
                "TestThreads",
            ], path: "Tests/DaemonTests", swiftSettings: swift),
        .testTarget(
            name: "ControlPlaneTests",
            dependencies: [
                "apus", "KubeAPI", "KubeClient", "LocalCluster", "NetTypes", "TestPrograms", "TestRandom",
                "TestServers",
                "TestThreads", .logging,
            ], exclude: ["Clients"], swiftSettings: swift),
        .testTarget(
            name: "ApusTests", dependencies: ["apus", "NodeProxy", "TestThreads", .argumentParser], swiftSettings: swift
        ),
        .testTarget(
            name: "ArchitectureTests", dependencies: ["TestPrograms", "TestThreads"], swiftSettings: swift),
    ]
)
