import Bench
import Namespaces
import Processes

/// What one process measures, in network namespaces of its own that end with it.
enum Scenario: String, CaseIterable {
    case firstSync = "first-sync"
    case upstreamLoad = "upstream-load"
    case endpointChange = "endpoint-change"
    case changeRate = "change-rate"
    case throughput
    case daemonMemory = "daemon-memory"
    case iptablesNft = "iptables-nft"
    case iptablesLegacy = "iptables-legacy"
    case userspace

    struct Size: Sendable {
        var services: Int
        /// Changes, rounds or seconds: what the scenario repeats.
        var repeats = 1
    }

    func run(_ size: Size) throws -> Samples {
        switch self {
        case .firstSync: try withNetworkNamespace { try FirstSync.run(size) }
        case .upstreamLoad: try withNetworkNamespace { try UpstreamLoad.run(size) }
        case .endpointChange: try withNetworkNamespace { try EndpointChange.run(size) }
        case .changeRate: try withNetworkNamespace { try ChangeRate.run(size) }
        case .throughput: try Throughput.run(size)
        case .daemonMemory: try DaemonMemory.run(size)
        case .iptablesNft: try withNetworkNamespace { try IPTablesMode.run(size, .nft) }
        case .iptablesLegacy: try withNetworkNamespace { try IPTablesMode.run(size, .legacy) }
        case .userspace: try UserspaceMode.run(size)
        }
    }

    /// Runs it in a fresh process, so that memory is its own.
    func runInChild(_ size: Size) throws -> Samples {
        let arguments = ["scenario", rawValue, "\(size.services)", "\(size.repeats)"]
        let finished = try FinishedProcess.run(
            .bench("/proc/self/exe", arguments), limit: .seconds(900), outputLimit: 64 << 20)
        switch finished.end {
        case .exit(0): return Samples(finished.text)
        case .timeLimit: throw BenchError("\(rawValue) did not end in 15 minutes")
        default: throw BenchError("\(rawValue) failed: \(finished.text)\(finished.errorText)")
        }
    }
}
