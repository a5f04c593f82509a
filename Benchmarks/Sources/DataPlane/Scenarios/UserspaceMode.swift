import Bench
import Glibc
import Lab
import Namespaces
import NetTypes

/// The userspace mode, one event loop, beside HAProxy and nginx's stream module, one thread each, between the same client
/// and server: three namespaces, the proxies all in that of the node. Short runs take turns, so that what else the machine
/// does meets all of them.
struct UserspaceMode {
    enum Proxy: String, CaseIterable {
        case apus, haproxy, nginx

        var title: String {
            switch self {
            case .apus: "Apus"
            case .haproxy: "HAProxy"
            case .nginx: "nginx"
            }
        }
    }

    private static let cluster = AddressPort(IPAddress(10, 96, 0, 1), 80)
    private static let serverPort: UInt16 = 8000
    private static let idleConnections = 4000
    private static let crowd = 20_000
    private static let pods = 3
    private static let echoPort: UInt16 = 8001
    /// wrk counts whole seconds.
    private static let runLength = Duration.seconds(2)

    private let lab: FlowProbe
    private let balancers: Balancers
    private let apus: pid_t
    private let node: IPAddress

    /// For each proxy and kind of traffic: `PROXY-KIND`, one value per round, `PROXY-p99` in ms, `PROXY-processor` in
    /// µs of its processor time for each request, `PROXY-idle` in KiB of memory for each idle connection.
    static func run(_ size: Scenario.Size) throws -> Samples {
        let mode = try UserspaceMode()
        var samples = Samples()
        for round in 0..<size.repeats {
            for kind in Wrk.Kind.allCases {
                for turn in 0..<Proxy.allCases.count {
                    let proxy = Proxy.allCases[(round + turn) % Proxy.allCases.count]
                    try mode.measure(kind, proxy, &samples)
                }
            }
        }
        for proxy in [Proxy.apus, .haproxy] {
            samples.add("\(proxy)-idle", try mode.memoryOfIdleConnection(proxy))
        }
        for series in Wrk.Kind.allCases.map(\.rawValue) + ["p99", "idle"] {
            let pairs = zip(samples["apus-\(series)"], samples["haproxy-\(series)"])
            samples.add("ratio-\(series)", pairs.map { $0 / $1 })
        }
        samples.add("held", Double(try mode.hold(Self.crowd)))
        return samples
    }

    private init() throws {
        lab = try FlowProbe(localPods: Self.pods, remotePods: 0)
        node = try lab.address(of: .node)
        let balancers = try Balancers()
        self.balancers = balancers
        let server = AddressPort(try lab.address(of: .pod(1)), Self.serverPort)
        for place in [FlowProbe.Location.client, .node] { try lab.inside(place, Self.widenPorts) }
        try lab.inside(.pod(1)) {
            Processor.pin(to: 1)
            try balancers.startServer(port: Self.serverPort)
        }
        apus = try lab.inside(.node) {
            Processor.pin(to: 0)
            try balancers.startHAProxy(to: server)
            try balancers.startNginxStream(to: server)
            return try balancers.startApus(["1", "\(Self.cluster)", "\(server)"])
        }
    }

    /// Room for the thousands of connections a second that the runs make and end.
    private static func widenPorts() throws {
        try TextFile.write("10000 65000", to: "/proc/sys/net/ipv4/ip_local_port_range")
        try TextFile.write("1", to: "/proc/sys/net/ipv4/tcp_tw_reuse")
        let tracking = "/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_time_wait"
        if access(tracking, W_OK) == 0 { try TextFile.write("5", to: tracking) }
    }

    private func address(_ proxy: Proxy) -> AddressPort {
        switch proxy {
        case .apus: Self.cluster
        case .haproxy: AddressPort(node, Balancers.haproxyPort)
        case .nginx: AddressPort(node, Balancers.nginxPort)
        }
    }

    private func measure(_ kind: Wrk.Kind, _ proxy: Proxy, _ samples: inout Samples) throws {
        let target = address(proxy)
        let before = processorTime(proxy)
        let outcome = try lab.inside(.client) {
            Processor.pin(to: 1)
            return try Wrk.run(kind, "\(target)", for: Self.runLength)
        }
        let used = before.flatMap { before in processorTime(proxy).map { $0 - before } }
        let rate = kind == .bulk ? outcome.throughput : outcome.perSecond
        samples.add("\(proxy)-\(kind.rawValue)", rate)
        if let used { samples.add("\(proxy)-\(kind.rawValue)-processor", used / (rate * Self.runLength.seconds) * 1e6) }
        samples.add("\(proxy)-failures", outcome.failures)
        if kind == .keepAlive { samples.add("\(proxy)-p99", outcome.p99) }
    }

    /// Seconds since its start; nil for nginx, whose worker is a process that it started.
    private func processorTime(_ proxy: Proxy) -> Double? {
        switch proxy {
        case .apus: ProcessUsage.processorTime(of: apus)
        case .haproxy: ProcessUsage.processorTime(of: balancers.haproxy)
        case .nginx: nil
        }
    }

    /// How many connections at once, through as many event loops as the mode chooses, were answered.
    private func hold(_ count: Int) throws -> Int {
        let pods = try (1...Self.pods).map { AddressPort(try lab.address(of: .pod($0)), Self.echoPort) }
        let servers = try (1...Self.pods).map { pod in
            try lab.inside(.pod(pod)) { try SeparateEcho(ports: [Self.echoPort], name: "pod-\(pod)") }
        }
        defer { withExtendedLifetime(servers) {} }
        balancers.stop(apus)
        _ = try lab.inside(.node) { try balancers.startApus(["0", "\(Self.cluster)"] + pods.map(\.description)) }
        let crowd = try lab.inside(.client) { try ConnectionCrowd(count, to: Self.cluster, threads: 3) }
        return crowd.ask()
    }

    private func memoryOfIdleConnection(_ proxy: Proxy) throws -> Double {
        let process = proxy == .apus ? apus : balancers.haproxy
        let before = ProcessUsage.memory("VmRSS", of: "\(process)")
        let crowd = try lab.inside(.client) {
            try ConnectionCrowd(Self.idleConnections, to: address(proxy), threads: 1)
        }
        sleep(2)
        let after = ProcessUsage.memory("VmRSS", of: "\(process)")
        withExtendedLifetime(crowd) {}
        return (after - before) * 1024 / Double(Self.idleConnections)
    }
}
