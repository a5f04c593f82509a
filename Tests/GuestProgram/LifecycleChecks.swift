import Glibc
import KubeAPI
import Lab
import NetTypes
import ProxyCore
import ProxyIPVS

/// What one virtual server goes through, with `ipvsadm`, `ipset` and `sysctl` as witnesses. In the node's namespace.
struct LifecycleChecks: Witness, ~Copyable {
    private static let vip = IPAddress(10, 96, 200, 1)
    private static let node = NodeFacts(name: "node", nodePortAddresses: [IPAddress(10, 2, 0, 1)])
    private static let options = IPVSOptions(
        strictARP: true, tcpTimeout: 120, tcpFinTimeout: 30, udpTimeout: 60,
        excludeCIDRs: [CIDR("10.96.201.0/24")].compactMap(\.self), gracePeriod: .seconds(60))
    /// Virtual servers of others; the second is on `kube-ipvs0`, in the prefix that is left out.
    private static let others = ["-A -t 10.99.0.1:80 -s rr", "-A -t 10.96.201.9:80 -s rr", "-A -f 17 -s rr"]

    /// The daemon sets it after the first synchronisation.
    private static let routeLocalnet = "/proc/sys/net/ipv4/conf/all/route_localnet"

    private let lab: FlowProbe
    private var backend: IPVSBackend
    private var port: ServicePort

    static func run(_ lab: FlowProbe) throws {
        try lab.inside(.node) {
            var checks = try LifecycleChecks(lab)
            try checks.begins()
            try checks.changes()
            try checks.drains()
            try checks.mends()
            try checks.mendsSets()
            try checks.holdsEveryKind()
            try checks.leavesTheNodesOwnAddress()
            try checks.knowsEveryScheduler()
            try checks.servesSCTP()
            try checks.ends()
        }
    }

    private init(_ lab: FlowProbe) throws {
        self.lab = lab
        backend = try IPVSBackend(family: .ipv4, options: Self.options)
        port = Self.port("web", [1, 2])
    }

    // MARK: Objects

    private static func target(_ number: UInt8) -> AddressPort { AddressPort(IPAddress(10, 1, 0, number + 1), 8080) }

    private static func port(
        _ name: String, _ pods: [UInt8], weights: [UInt16] = [], proto: TransportProtocol = .tcp,
        frontends: [Frontend] = [Frontend(.clusterIP(vip), 80)]
    ) -> ServicePort {
        let endpoints = EndpointSet(pods.map(target), weights: weights)
        let service = NamespacedName(namespace: "default", name: name)
        return ServicePort(
            name: ServicePortName(service: service, port: "", proto: proto, family: .ipv4), frontends: frontends,
            internalEndpoints: endpoints, clusterEndpoints: endpoints, hasAnyEndpoint: !pods.isEmpty)
    }

    /// Returns the number of operations.
    private mutating func apply(_ new: ServicePort, old: ServicePort?) throws -> Int {
        var delta = ProxyDelta()
        delta.servicePorts = [ServicePortChange(old: old, new: new)]
        return try backend.apply(delta).operations
    }

    private mutating func change(_ pods: [UInt8], weights: [UInt16] = []) throws -> Int {
        let new = Self.port("web", pods, weights: weights)
        defer { port = new }
        return try apply(new, old: port)
    }

    // MARK: Witnesses

    /// Our virtual server as `ipvsadm -Sn` writes it: its own line, and a weight for each destination.
    private func expect(_ what: String, scheduler: String = "rr", _ weights: [(pod: UInt8, weight: Int)]) {
        let ours = output("ipvsadm -Sn").split(separator: "\n").filter { $0.contains("-t \(Self.vip):80 ") }
        let wanted =
            ["-A -t \(Self.vip):80 -s \(scheduler)"]
            + weights.map { "-a -t \(Self.vip):80 -r \(Self.target($0.pod)) -m -w \($0.weight)" }
        expect(what, Set(ours.map(String.init)) == Set(wanted), "\(ours)")
    }

    // MARK: Checks

    private mutating func begins() throws {
        expect("nothing is missing", try backend.missingFeatures() == [])
        var fancy = try IPVSBackend(family: .ipv4, options: IPVSOptions(scheduler: "fancy"))
        let sentence = "this kernel has no IPVS scheduler fancy: run `modprobe ip_vs_fancy`"
        expect("a scheduler is missing", try fancy.missingFeatures() == [sentence])
        for line in Self.others { expect("another's virtual server \(line)", output("ipvsadm \(line)") == "") }
        expect("the kernel's timeouts", "ipvsadm -ln --timeout", prints: "900 120 300")
        let first = try backend.synchronise([port], node: Self.node)
        expect("the first synchronisation writes", first.operations > 0)
        _ = output("ip address add 10.96.201.9/32 dev kube-ipvs0")
        let second = try backend.synchronise([port], node: Self.node)
        expect("the second sends nothing", second.operations == 0, "\(second)")
        expect("a virtual server", [(1, 1), (2, 1)])
        _ = output("echo 1 >\(Self.routeLocalnet)")
        expect("the timeouts", "ipvsadm -ln --timeout", prints: "120 30 60")
        expect(
            "strict ARP", "cat /proc/sys/net/ipv4/conf/all/arp_ignore /proc/sys/net/ipv4/conf/all/arp_announce",
            prints: "1\n2")
        expectOthers("others are left at the start")
    }

    private func expectOthers(_ what: String) {
        let seen = output("ipvsadm -Sn").split(separator: "\n").map(String.init)
        expect(what, Set(Self.others).isSubset(of: seen), "\(seen)")
    }

    private mutating func changes() throws {
        expect("an endpoint more is one message", try change([1, 2, 3]) == 1)
        expect("it is there", [(1, 1), (2, 1), (3, 1)])
        let weighed = try change([1, 2, 3], weights: [1, 5, 1])
        expect("a weight is one message, and the scheduler heeds it by another", weighed == 2, "\(weighed)")
        expect("it weighs", scheduler: "wrr", [(1, 1), (2, 5), (3, 1)])
        expect("the weight back", try change([1, 2, 3]) == 2)
        expect("it weighs as before", [(1, 1), (2, 1), (3, 1)])
    }

    private mutating func drains() throws {
        // Whoever served somebody is not idle for two minutes.
        for _ in 0..<6 {
            _ = try lab.run(Probe(.tcp, AddressPort(Self.vip, 80), timeout: .seconds(2)), from: .client)
        }
        expect("an endpoint less is one message", try change([2, 3]) == 1)
        expect("it takes no new connections", [(1, 0), (2, 1), (3, 1)])
        let due = try backend.tend(now: .now)
        expect("connections keep it", due != nil)
        expect("it is still there", [(1, 0), (2, 1), (3, 1)])
        expect("it comes back by one message", try change([1, 2, 3]) == 1)
        expect("with its weight", [(1, 1), (2, 1), (3, 1)])
        _ = try change([2, 3])
        expect("nothing drains after the deadline", try backend.tend(now: .now + .seconds(61)) == nil)
        expect("it is gone at the deadline", [(2, 1), (3, 1)])
        _ = try change([2, 3, 9])
        _ = try change([2, 3])
        expect("nothing waits for an idle one", try backend.tend(now: .now) == nil)
        expect("an idle one is gone at once", [(2, 1), (3, 1)])
    }

    private mutating func mends() throws {
        let damages = [
            "ipvsadm -D -t \(Self.vip):80", "ipvsadm -C", "ipvsadm -E -t \(Self.vip):80 -s lc",
            "ipvsadm -d -t \(Self.vip):80 -r \(Self.target(2))",
            "ipvsadm -e -t \(Self.vip):80 -r \(Self.target(2)) -m -w 7",
            "iptables -t nat -F KUBE-IPVS-SERVICES", "ip address del \(Self.vip)/32 dev kube-ipvs0",
            "ip link set kube-ipvs0 down",
        ]
        for damage in damages {
            expect("all is well before `\(damage)`", try isFound(within: .milliseconds(1500)) == false)
            let refusal = output(damage)
            expect("`\(damage)` is found", try isFound(), refusal)
            let repaired = try backend.repair(ProxyState(node: Self.node))
            if damage.hasPrefix("ipvsadm") {
                expect(
                    "only that is mended", repaired.map { $0.operations <= 3 } == true,
                    "\(String(describing: repaired))")
            } else {
                expect("it takes a synchronisation", repaired == nil)
                _ = try backend.synchronise([port], node: Self.node)
            }
            expect("and mended", [(2, 1), (3, 1)])
        }
        for line in Self.others { _ = output("ipvsadm \(line)") }
    }

    /// Entries that others take or add.
    private mutating func mendsSets() throws {
        let entries = "ipset save | grep ^add | grep -v SETTINGS"
        let before = Set(output(entries).split(separator: "\n"))
        let damages = [
            "ipset del KUBE-CLUSTER-IP \(Self.vip),tcp:80", "ipset add KUBE-CLUSTER-IP 10.96.250.1,tcp:80",
            "ipset flush KUBE-IPVS-IPS",
        ]
        for damage in damages {
            expect("all is well before `\(damage)`", try isFound(within: .milliseconds(1500)) == false)
            let refusal = output(damage)
            expect("`\(damage)` is found", try isFound(), refusal)
            let repaired = try backend.repair(ProxyState(node: Self.node))
            expect("by one entry", repaired?.operations == 1, "\(String(describing: repaired))")
            let after = Set(output(entries).split(separator: "\n"))
            expect("all entries are as before", after == before, "\(after)")
        }
    }

    /// As the daemon asks, but twenty times a second. How often it reads the lists follows the time that takes, which is
    /// long when others use the processor that is emulated.
    private mutating func isFound(within limit: Duration = .seconds(60)) throws -> Bool {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if try !backend.isIntact() { return true }
            usleep(50_000)
        }
        return false
    }

    private mutating func holdsEveryKind() throws {
        let ports = [Frontend(.nodePort, 30300)]
        var local = Self.port("local", [1, 2], frontends: [Frontend(.externalIP(IPAddress(10, 3, 200, 1)), 80)])
        local.externalPolicyIsLocal = true
        local.localEndpoints = EndpointSet([Self.target(1)])
        local.healthCheckNodePort = 31999
        _ = try apply(Self.port("sctp", [1], proto: .sctp, frontends: ports), old: nil)
        _ = try apply(local, old: nil)
        expect("an SCTP node port", "ipvsadm -Sn", prints: "--sctp-service 10.2.0.1:30300", "-r 10.1.0.2:8080")
        expect("in its set", "ipset list KUBE-NODE-PORT-SCTP-HASH", prints: "10.2.0.1,sctp:30300")
        expect("a mark for those inside", "ipset list KUBE-IPVS-INSIDE", prints: "10.3.200.1,tcp:80 skbmark 0x49")
        expect("a virtual server of the mark", "ipvsadm -Sn", prints: "-A -f 12", "-a -f 12")
        expect("a health-check port", "ipset list KUBE-HEALTH-CHECK-NODE-PORT", prints: "\n31999\n")
    }

    /// A real association, from the client to a pod.
    private mutating func servesSCTP() throws {
        let service = IPAddress(10, 96, 200, 2)
        let port = Self.port("association", [1], proto: .sctp, frontends: [Frontend(.clusterIP(service), 80)])
        _ = try apply(port, old: nil)
        let answer = try SCTPFlow(lab).ask(AddressPort(service, 80), servedBy: Self.target(1))
        expect("an SCTP association reaches the pod", answer == "sctp", answer)
        expect("by its virtual server", "ipvsadm -Ln --stats", prints: "SCTP \(service):80")
    }

    /// An external IP that is the node's own: only that port is the Service's.
    private mutating func leavesTheNodesOwnAddress() throws {
        let own = IPAddress(10, 2, 0, 1)
        let shared = Self.port(
            "own", [1, 2], frontends: [Frontend(.externalIP(own), 8081), Frontend(.nodePort, 30301)])
        _ = try apply(shared, old: nil)
        for (what, number) in [("an external IP of the node's own", UInt16(8081)), ("a node port there", 30301)] {
            let outcome = try lab.run(Probe(.tcp, AddressPort(own, number), timeout: .seconds(5)), from: .client)
            expect("\(what) answers", outcome.backend != nil, "\(outcome)")
        }
        let listener = try Socket(.ipv4, .tcp)
        try listener.bind(AddressPort(own, 8082))
        let code = listen(listener.descriptor, 8) == 0 ? try connect(AddressPort(own, 8082)) : errno
        expect("the node itself answers at another port", code == 0, "errno \(code)")
        let test = "ipset test KUBE-IPVS-IPS \(own)"
        expect("no set rejects it", test, prints: "NOT in set")
        _ = try backend.synchronise([port, shared], node: Self.node)
        expect("nor after a synchronisation", test, prints: "NOT in set")
    }

    /// From the client; 0 or the errno.
    private func connect(_ target: AddressPort) throws -> CInt {
        try lab.inside(.client) {
            let socket = try Socket(.ipv4, .tcp)
            _ = socket.connect(target)
            var descriptor = pollfd(fd: socket.descriptor, events: Int16(POLLOUT), revents: 0)
            guard poll(&descriptor, 1, 20_000) == 1 else { return ETIMEDOUT }
            var code: CInt = 0
            var length = socklen_t(MemoryLayout<CInt>.size)
            getsockopt(socket.descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
            return code
        }
    }

    /// As the operator's choice, and as a Service's.
    private mutating func knowsEveryScheduler() throws {
        _ = try change([1, 2])
        for scheduler in IPVSScheduler.allCases {
            var other = try IPVSBackend(family: .ipv4, options: IPVSOptions(scheduler: scheduler.rawValue))
            let missing = try other.missingFeatures()
            expect("the kernel has \(scheduler)", missing == [], "\(missing)")
            let old = port
            port.ipvsScheduler = scheduler
            _ = try apply(port, old: old)
            expect("a Service gets \(scheduler)", "ipvsadm -Sn", prints: "-A -t \(Self.vip):80 -s \(scheduler)")
            let outcome = try lab.run(Probe(.tcp, AddressPort(Self.vip, 80), timeout: .seconds(5)), from: .client)
            expect("\(scheduler) finds an endpoint", outcome.backend != nil, "\(outcome)")
        }
        let old = port
        port.ipvsScheduler = nil
        _ = try apply(port, old: old)
    }

    private mutating func ends() throws {
        try backend.cleanup()
        let servers = output("ipvsadm -Sn").split(separator: "\n").map(String.init)
        expect("cleanup leaves the virtual servers of others alone", Set(servers) == Set(Self.others), "\(servers)")
        let settings = "cat /proc/sys/net/ipv4/conf/all/arp_ignore /proc/sys/net/ipv4/conf/all/arp_announce"
        expect("settings are as before", output(settings) == "0\n0\n", output(settings))
        expect("the timeouts are as before", "ipvsadm -ln --timeout", prints: "900 120 300")
        expect("loopback addresses are as before", output("cat \(Self.routeLocalnet)") == "0\n")
        expect("no set is left", output("ipset list -n") == "", output("ipset list -n"))
        expect("no chain is left", !output("iptables-save").contains("KUBE-IPVS"))
        expect("the address of others is left", "ip address show dev kube-ipvs0", prints: "10.96.201.9/32")
        _ = output("ipvsadm -C; ip link del kube-ipvs0")
    }
}
