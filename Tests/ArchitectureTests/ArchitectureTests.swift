import Foundation
import TestPrograms
import TestThreads
import Testing

/// Holds the arrows of docs/ARCHITECTURE.md: which target may depend on which, and what no file may import or read.
@Suite(.ownThread) struct ArchitectureTests {
    enum Layer: Int {
        case c, pure, kernel, dataPlane, control, face
    }

    /// Every target has a layer here; a new one must be given its place.
    static let layers: [String: Layer] = [
        "CNftnl": .c, "CLinux": .c, "CIPSet": .c, "CIPVS": .c, "CNetlink": .c, "CXTables": .c, "CZlib": .c,
        "NetTypes": .pure, "KubeAPI": .pure, "KubeSchema": .pure, "AccessControl": .pure, "ProxyCore": .pure,
        "StoreCore": .pure, "SchedulerCore": .pure, "ControlLoops": .pure, "ControllerCore": .pure,
        "NodeServices": .pure, "RuntimeSpec": .pure, "AgentCore": .pure, "DNSCore": .pure, "ContainerRuntime": .control,
        "Agent": .control, "apus-monitor": .face,
        "Netlink": .kernel, "Nftables": .kernel, "Conntrack": .kernel, "Routes": .kernel, "Namespaces": .kernel,
        "Threads": .kernel, "Processes": .kernel, "Compression": .kernel,
        "IPSet": .kernel, "IPVS": .kernel, "IPTables": .kernel,
        "ProxyIPTables": .dataPlane, "ProxyIPVS": .dataPlane, "ProxyNftables": .dataPlane, "ProxyUserspace": .dataPlane,
        "ServiceTables": .dataPlane, "NodeProxy": .dataPlane,
        "HTTP2Frames": .control, "KubeClient": .control, "Controllers": .control, "SimulatedNodes": .control,
        "Manifests": .control,
        "Images": .control, "CNI": .control, "PodNetwork": .control, "DNSServer": .control,
        "Store": .control, "EtcdAPI": .control,
        "EtcdServer": .control, "GRPCServer": .control, "StoreEtcd": .control,
        "APIServer": .control, "PKI": .control, "Scheduler": .control,
        "Telemetry": .face, "Lab": .face, "Bench": .face, "LocalCluster": .face, "NodeJoin": .control, "apus": .face,
        "PacketFlows": .face, "TestThreads": .face,
        "TestServers": .face, "TestPrograms": .face, "TestRandom": .face, "StoreSequences": .face, "ipvs-guest": .face,
    ]

    /// Proxy backends: they know neither each other nor the API.
    static let backends: Set = ["ProxyIPTables", "ProxyIPVS", "ProxyNftables", "ProxyUserspace"]

    /// Outside the kernel layer: constants and calls that Glibc's module lacks.
    static let shimUsers: Set = [
        "Agent", "Bench", "ContainerRuntime", "DNSServer", "Images", "Lab", "LocalCluster", "Manifests",
        "NodeProxy", "PodNetwork", "ProxyUserspace", "ipvs-guest",
    ]

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    struct Target {
        let name: String
        let isTest: Bool
        let targets: [String]
        let products: [String]
    }

    /// What `swift package dump-package` says of the package in a folder of the project.
    static func targets(of folder: String = "") throws -> [Target] {
        let text = try Program.output(
            of: "swift",
            [
                "package", "--package-path", root.appending(path: folder).path, "--scratch-path", scratch,
                "dump-package",
            ])
        let package = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        return try #require(package["targets"] as? [[String: Any]]).compactMap { target in
            guard let name = target["name"] as? String, let kind = target["type"] as? String else { return nil }
            let dependencies = target["dependencies"] as? [[String: [Any?]]] ?? []
            let local = dependencies.compactMap { ($0["byName"] ?? $0["target"])?.first as? String }
            let products = dependencies.compactMap { $0["product"]?.first as? String }
            return Target(name: name, isTest: kind == "test", targets: local, products: products)
        }
    }

    /// Not .build: the test itself runs under its lock.
    private static let scratch = NSTemporaryDirectory() + "apus-architecture-\(getpid())"

    static let sources: [(target: String, file: String, text: String)] = {
        let folder = root.appending(path: "Sources")
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.allObjects ?? []
        return files.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }.compactMap { file in
            let path = file.path.dropFirst(folder.path.count + 1)
            guard let target = path.split(separator: "/").first,
                let text = try? String(contentsOf: file, encoding: .utf8)
            else { return nil }
            return (String(target), String(path), text)
        }
    }()

    static func imports(_ text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard let index = words.firstIndex(of: "import"),
                words[..<index].allSatisfy({
                    $0.hasPrefix("@") || $0 == "public" || $0 == "internal" || $0 == "package"
                }),
                index + 1 < words.count
            else { return nil }
            let name =
                ["struct", "enum", "class", "func", "protocol"].contains(words[index + 1])
                ? words.last : words[index + 1]
            return name.map { String($0.split(separator: ".")[0]) }
        }
    }

    @Test func everyTargetHasALayer() throws {
        for target in try Self.targets() where !target.isTest {
            #expect(Self.layers[target.name] != nil, "give \(target.name) its layer in ArchitectureTests")
        }
    }

    /// Targets of one name keep packages from resolving; products that are gone keep them from building.
    @Test func benchmarksFitTheProject() throws {
        let project = Set(try Self.targets().map(\.name))
        let benchmarks = try Self.targets(of: "Benchmarks")
        #expect(!benchmarks.isEmpty)
        for target in benchmarks {
            #expect(!project.contains(target.name), "Benchmarks' \(target.name) is a target of the project too")
            let folder = Self.root.appending(path: "Benchmarks/Sources/\(target.name)").path
            #expect(FileManager.default.fileExists(atPath: folder), "\(target.name) has no folder")
        }
    }

    @Test func pureDependsOnPureAlone() throws {
        for target in try Self.targets() where Self.layers[target.name] == .pure {
            for dependency in target.targets {
                #expect(Self.layers[dependency] == .pure, "\(target.name) → \(dependency)")
            }
            #expect(target.products.isEmpty, "\(target.name) uses a package: \(target.products)")
        }
    }

    @Test func onlyKernelTargetsUseC() throws {
        for target in try Self.targets() where !target.isTest {
            for dependency in target.targets where Self.layers[dependency] == .c {
                let mayUseShims = dependency == "CLinux" && Self.shimUsers.contains(target.name)
                #expect(Self.layers[target.name] == .kernel || mayUseShims, "\(target.name) → \(dependency)")
            }
        }
    }

    @Test func kernelPortsKnowNoService() throws {
        for target in try Self.targets() where Self.layers[target.name] == .kernel {
            for dependency in target.targets {
                let isAllowed = dependency == "NetTypes" || [.c, .kernel].contains(Self.layers[dependency])
                #expect(isAllowed, "\(target.name) → \(dependency)")
            }
        }
    }

    @Test func backendsKnowNeitherEachOtherNorTheAPI() throws {
        for target in try Self.targets() where Self.backends.contains(target.name) {
            #expect(!target.targets.contains("KubeClient"))
            #expect(Self.backends.isDisjoint(with: target.targets), "\(target.name) knows another backend")
        }
    }

    @Test func theAPIServerKnowsNoConcreteStore() throws {
        for target in try Self.targets() where target.name == "APIServer" {
            for dependency in target.targets {
                let isAllowed =
                    Self.layers[dependency] == .pure
                    || ["Telemetry", "PKI", "Threads", "Compression"].contains(dependency)
                #expect(isAllowed, "APIServer → \(dependency)")
            }
        }
    }

    @Test func theSchedulerKnowsTheClusterFromTheAPIAlone() throws {
        for target in try Self.targets() where target.name == "Scheduler" {
            #expect(Set(target.targets) == ["KubeAPI", "KubeClient", "KubeSchema", "SchedulerCore", "Telemetry"])
        }
    }

    @Test func filesImportOnlyWhatTheirTargetDeclares() throws {
        let declared = Dictionary(uniqueKeysWithValues: try Self.targets().map { ($0.name, Set($0.targets)) })
        for source in Self.sources {
            for module in Self.imports(source.text) where Self.layers[module] != nil {
                #expect(declared[source.target]?.contains(module) == true, "\(source.file) imports \(module)")
            }
        }
    }

    /// Time, randomness, files and tasks are arguments of pure code, never read by it.
    @Test(arguments: [
        "Foundation", "FoundationEssentials", "Glibc", "Dispatch", "Logging", "NIOCore", "Synchronization",
    ])
    func pureCodeImportsNoShell(module: String) {
        for source in Self.sources where Self.layers[source.target] == .pure {
            #expect(!Self.imports(source.text).contains(module), "\(source.file) imports \(module)")
        }
    }

    @Test(arguments: ["ContinuousClock", "SystemRandomNumberGenerator()", "Task {", "Task.sleep", " Date("])
    func pureCodeReadsNoClockAndStartsNoTask(word: String) {
        for source in Self.sources where Self.layers[source.target] == .pure {
            #expect(!source.text.contains(word), "\(source.file) contains \(word)")
        }
    }

    @Test(arguments: ["getenv(", "ProcessInfo.processInfo.environment", "CommandLine.arguments"])
    func onlyTheExecutableReadsItsEnvironment(word: String) {
        for source in Self.sources where source.target != "apus" {
            #expect(!source.text.contains(word), "\(source.file) contains \(word)")
        }
    }
}
