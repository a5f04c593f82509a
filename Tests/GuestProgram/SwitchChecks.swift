import Glibc
import KubeAPI
import Lab
import NetTypes
import NodeProxy
import PacketFlows
import ProxyCore
import Synchronization
import Threads

/// The daemon's loop on its way to the ipvs mode and back, under load, and what `--cleanup` leaves.
struct SwitchChecks: Witness {
    let lab: FlowProbe

    private static let target = AddressPort(IPAddress(10, 96, 200, 9), 80)
    private static let server = "-A -t \(target) -s rr"
    /// Another's, in a prefix that the configuration leaves out.
    private static let other = "-A -t 10.96.201.9:80 -s rr"

    private struct Silence: ProxyObserver {}

    func run() throws {
        let settings = ProxySettings(nodeName: "node")
        let loop = ProxyLoop(settings: { _ in settings }, mode: .nftables, observer: Silence())
        let thread = try lab.inside(.node) {
            try OwnThread {
                do { try loop.run() } catch { report("wrong", "the loop ended: \(error)") }
            }
        }
        feed(loop)
        try goes(loop)
        try comesBack(loop)
        expect("a third switch", change(loop, to: .ipvs).hasPrefix("switched from nftables to ipvs"))
        loop.mailbox.send(.stop)
        thread.join()
        try lab.inside(.node) { try cleansUp() }
    }

    /// One Service with two pods.
    private func feed(_ loop: ProxyLoop) {
        var service = Service(metadata: ObjectMeta(name: "switched", namespace: "default"))
        service.spec.clusterIPs = [Self.target.address]
        service.spec.ports = [Service.Port(port: Self.target.port)]
        let slice = EndpointSlice(
            metadata: ObjectMeta(
                name: "switched-1", namespace: "default", labels: ["kubernetes.io/service-name": "switched"]),
            addressType: .ipv4, endpoints: [2, 3].map { .init(addresses: [IPAddress(10, 1, 0, $0)]) },
            ports: [EndpointSlice.Port(port: 8080)])
        let inputs: [ProxyInput] = [
            .listBegins(.service), .service(service), .listEnds(.service), .listBegins(.endpointSlice),
            .endpointSlice(slice), .listEnds(.endpointSlice),
        ]
        for input in inputs { loop.mailbox.send(input) }
    }

    /// What the loop says of it.
    private func change(_ loop: ProxyLoop, to mode: ProxyMode) -> String {
        let answer = Answer()
        let request = ProxyInput.ModeRequest(mode: mode, settings: nil) { result in
            let text = Result { try "\(result.get())" }
            answer.text.withLock { $0 = (try? text.get()) ?? "\(result)" }
        }
        loop.mailbox.send(.mode(request))
        for _ in 0..<600 {
            if let text = answer.text.withLock({ $0 }) { return text }
            usleep(100_000)
        }
        return "no answer"
    }

    private final class Answer: Sendable {
        let text = Mutex<String?>(nil)
    }

    private func isAnswered() throws -> Bool {
        for _ in 0..<30 {
            if try lab.run(Probe(.tcp, Self.target, timeout: .seconds(5)), from: .client).backend != nil { return true }
            usleep(500_000)
        }
        return false
    }

    // MARK: Checks

    private func goes(_ loop: ProxyLoop) throws {
        expect("the loop programs nftables", try isAnswered())
        let connections = try LongConnections(lab, [Self.target], count: 3)
        let load = SteadyLoad(lab, [(from: .client, probe: Probe(.tcp, Self.target, timeout: .seconds(30)))])
        load.wait(for: 5)
        let said = change(loop, to: .ipvs)
        expect("the loop switches to ipvs", said.hasPrefix("switched from nftables to ipvs"), said)
        load.wait(for: 10)
        let outcomes = try load.stop()
        let lost = outcomes.filter { $0.backend == nil }
        expect("no new connection fails", lost.isEmpty && outcomes.count >= 15, "\(lost) of \(outcomes.count)")
        let broken = connections.broken()
        expect("no open connection breaks", broken == [], "\(broken)")
        try lab.inside(.node) { expect("IPVS serves", "ipvsadm -Sn", prints: Self.server) }
    }

    private func comesBack(_ loop: ProxyLoop) throws {
        let said = change(loop, to: .nftables)
        expect("the loop switches back", said.hasPrefix("switched from ipvs to nftables"), said)
        expect("new connections are answered", try isAnswered())
        try lab.inside(.node) {
            let left = output("ipvsadm -Sn; ipset list -n; ip -br link | grep ipvs")
            expect("nothing of ipvs is left", left == "", left)
        }
    }

    /// By the configuration that the command was given.
    private func cleansUp() throws {
        _ = output("ipvsadm \(Self.other); ip address add 10.96.201.9/32 dev kube-ipvs0")
        var configuration = KubeProxyConfiguration.defaults
        configuration.ipvs.excludeCIDRs = ["10.96.201.0/24"]
        try ProxyCleanup.run(tableName: "kube-proxy", configuration)
        let servers = output("ipvsadm -Sn")
        expect("cleanup heeds excludeCIDRs", servers == Self.other + "\n", servers)
        expect("also for addresses", "ip address show dev kube-ipvs0", prints: "10.96.201.9/32")
        _ = output("ipvsadm -C; ip link del kube-ipvs0")
    }
}
