import Glibc
import Lab
import NetTypes
import ProxyCore
import ProxyIPTables
import ProxyIPVS
import ProxyNftables
import ProxyUserspace
import Threads

/// Measures one cell in namespaces of its own, on real traffic.
enum CellRun {
    /// Throws a sentence where the kernel cannot do the mode.
    static func measure(_ cell: BenchCell) throws -> Samples {
        // Threads inherit it: servers share the last processor, clients go to the first.
        Processor.pin(to: Processor.count - 1)
        let pods = cell.scenarios.map(\.pods).max() ?? 1
        let lab = try FlowProbe(
            localPods: pods, remotePods: 0, ports: [BenchCluster.Port.direct, BenchCluster.Port.balanced])
        let bulk = try BulkServer(
            (1...pods).flatMap { pod in
                try lab.inside(.pod(pod)) {
                    [
                        try TCPSocket.listen(BenchCluster.Port.directBulk),
                        try TCPSocket.listen(BenchCluster.Port.balancedBulk),
                    ]
                }
            })
        let server = try OwnThread { bulk.run() }
        defer {
            bulk.stop()
            server.join()
        }
        let addresses = try (1...pods).map { try lab.address(of: .pod($0)) }
        let run = ModeRun(lab: lab, cluster: BenchCluster(cell: cell, pods: addresses))
        return try lab.inside(.node) {
            // The proxy runs where the kernel puts it.
            Processor.unpin()
            return try start(run, cell.mode)
        }
    }

    private static func start(_ run: ModeRun, _ mode: BenchMode) throws -> Samples {
        switch mode {
        case .direct: try run.traffic { nil }
        case .nftables: try run.measure(try NftablesBackend(family: .ipv4))
        case .iptables: try run.measure(try IPTablesBackend(family: .ipv4))
        case .iptablesNFT:
            try run.measure(try IPTablesBackend(family: .ipv4, options: IPTablesOptions(variant: .nft)))
        case .iptablesLegacy:
            try run.measure(try IPTablesBackend(family: .ipv4, options: IPTablesOptions(variant: .legacy)))
        case .ipvs: try run.measure(try IPVSBackend(family: .ipv4))
        case .userspace: try run.measure(try UserspaceBackend(family: .ipv4, engine: UserspaceEngine()))
        }
    }
}
