import Glibc
import Lab
import NetTypes
import PacketFlows
import TestThreads
import Testing

/// The userspace mode in the daemon: what belongs to a whole process.
@Suite(
    .ownThread, .enabled(if: geteuid() == 0, "needs root: makes network namespaces"), .timeLimit(.minutes(30)))
struct UserspaceTests {
    @Test(arguments: ["nftables", "iptables"])
    func transparentConnectionsOutliveASwitch(mode: String) async throws {
        let lab = try await DaemonLab()
        try lab.configure(mode: "userspace")
        try lab.apply(
            Objects.service(annotations: ["apus.dev/preserve-client-ip": "true"]), lab.slice("web", .pod(1)))
        try lab.run()
        let connections = try LongConnections(lab.probe, [DaemonLab.target], count: 3)
        let client = try lab.address(.client)
        for proto in [TransportProtocol.tcp, .udp] { #expect(try lab.request(proto).peer == client) }
        // Others' hands are noticed here too.
        try lab.node("ip rule del pref 10256")
        try lab.wait("the rule to be mended") { try lab.node("ip rule show").contains("lookup 10256") }
        try lab.apply(lab.slice("web", .pod(2)))
        try lab.waitForBackends(["pod-2"])
        let served = try lab.connections
        #expect(try lab.command(["proxy", "switch", mode]).status == 0)
        #expect(connections.broken() == [])
        try lab.waitForBackends(["pod-2"])
        #expect(try lab.request(.udp).backend == "pod-2")
        #expect(try lab.connections == served)
        #expect(try lab.node("ip rule show").contains("lookup 10256"))
        #expect(connections.broken() == [])
    }

    /// Clients that never stop asking from one port, whoever carried them first.
    @Test func steadyUDPClientsAreNotLeftBehind() async throws {
        let lab = try await DaemonLab()
        try lab.apply(Objects.service(nodePort: 30080), lab.slice("web", .pod(1)))
        try lab.run()
        let source = AddressPort(try lab.address(.client), 40001)
        let other = AddressPort(try lab.address(.client), 40002)
        let nodePort = AddressPort(try lab.address(.node), 30080)
        func reach(
            _ pod: String, _ target: AddressPort = DaemonLab.target, from source: AddressPort
        ) throws {
            try lab.wait("\(pod) to answer \(source)") {
                try lab.request(.udp, target, source: source, timeout: .milliseconds(300)).backend == pod
            }
        }
        // Conntrack translates it: the mode that began it is gone.
        try reach("pod-1", from: source)
        #expect(try lab.command(["proxy", "switch", "userspace"]).status == 0)
        try lab.apply(lab.slice("web", .pod(2)))
        try reach("pod-2", from: source)
        // Redirected to a socket that goes with the Service.
        try reach("pod-2", from: other)
        try lab.delete(Objects.service(nodePort: 30080))
        try lab.wait("the Service to be gone") {
            try lab.request(.udp, source: other, timeout: .milliseconds(300)).backend == nil
        }
        let local = Objects.service(spec: ["externalTrafficPolicy": "Local"], nodePort: 30080)
        try lab.apply(local)
        try reach("pod-2", from: other)
        // Clients from outside have a socket of their own under policy Local.
        try reach("pod-2", nodePort, from: other)
        try lab.apply(Objects.service(nodePort: 30080))
        for _ in 0..<10 {
            try reach("pod-2", nodePort, from: other)
            usleep(100_000)
        }
    }

    @Test func clientsWaitWhileDescriptorsAreShort() async throws {
        let lab = try await DaemonLab()
        try lab.configure(mode: "userspace")
        try lab.apply(Objects.service(), lab.slice("web", .pod(1)))
        try lab.run()
        try lab.waitForBackends(["pod-1"])
        let process = try #require(lab.process)
        // Each event loop has a table of its own; all are given as much as the process' has, and little more.
        let limit = try lab.node("ls /proc/\(process.pid)/fd").split(separator: "\n").count + 10
        #expect(try lab.node("prlimit --pid \(process.pid) --nofile=\(limit):") == "")
        let crowd = WaitingCrowd()
        while crowd.waiting == 0 {
            try lab.probe.inside(.client) { try crowd.ask(20, DaemonLab.target) }
            crowd.listen(500)
        }
        #expect(try lab.metric("apus_userspace_socket_shortages_total") ?? 0 > 0)
        let before = try Self.processorTime(process.pid)
        sleep(1)
        // Hundredths of a second: an event loop that spins takes all it can get.
        #expect(try Self.processorTime(process.pid) - before < 50)
        // As the served ones leave, the others have their turn.
        while crowd.waiting > 0 {
            let left = crowd.waiting
            crowd.closeAnswered()
            crowd.listen(2000)
            try #require(crowd.waiting < left)
        }
        #expect(crowd.broken == 0)
        #expect(lab.log.split(separator: "new connections wait or are reset: Too many open files").count == 2)
        crowd.closeAnswered()
        try lab.waitForBackends(["pod-1"])
    }

    /// User and system time, hundredths of a second: the fields 14 and 15 of proc(5)'s stat.
    private static func processorTime(_ pid: pid_t) throws -> Int {
        let text = try #require(TextFile.read("/proc/\(pid)/stat"))
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        return fields[11...12].compactMap { Int($0) }.reduce(0, +)
    }
}

extension DaemonLab {
    /// Connections that the proxy has ever taken.
    fileprivate var connections: Double {
        get throws {
            try get("/metrics").split(whereSeparator: \.isNewline)
                .filter { $0.hasPrefix("apus_userspace_connections_total{") }
                .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0, +)
        }
    }
}

/// Clients that have asked, and wait for as long as it takes.
private final class WaitingCrowd {
    private var unanswered: [CInt] = []
    private var answered: [CInt] = []
    /// Clients that were turned away.
    private(set) var broken = 0

    var waiting: Int { unanswered.count }

    /// Connects more clients, from the calling thread's network namespace.
    func ask(_ count: Int, _ target: AddressPort) throws {
        for _ in 0..<count {
            let fd = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            try #require(fd >= 0)
            unanswered.append(fd)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = target.port.bigEndian
            address.sin_addr.s_addr = target.address.v4.bigEndian
            let code = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(fd, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            try #require(code == 0)
            try #require(send(fd, "?\n", 2, CInt(MSG_NOSIGNAL)) == 2)
        }
    }

    deinit { for fd in unanswered + answered { close(fd) } }

    /// Takes answers until none has come for so many milliseconds.
    func listen(_ milliseconds: CInt) {
        while !unanswered.isEmpty {
            var polled = unanswered.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard poll(&polled, nfds_t(polled.count), milliseconds) > 0 else { break }
            for ready in polled where ready.revents != 0 {
                var buffer = [UInt8](repeating: 0, count: 512)
                if recv(ready.fd, &buffer, buffer.count, 0) <= 0 { broken += 1 }
                unanswered.removeAll { $0 == ready.fd }
                answered.append(ready.fd)
            }
        }
    }

    func closeAnswered() {
        for fd in answered { close(fd) }
        answered = []
    }
}
