import ArgumentParser
import Glibc
import Lab
import Namespaces
import NetTypes

struct LabCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lab",
        abstract: "A small network on this machine, in namespaces of its own, with apus proxy in its node.",
        discussion: """
            The client reaches the node, the node reaches the backends; the Services are in a directory of manifests that
            you can edit while it runs.

            Examples:
              apus lab up
              apus lab request 10.96.0.10:80 --count 12
              apus lab down
            """,
        subcommands: [LabUp.self, LabDown.self, LabShow.self, LabRequest.self, LabEcho.self])
}

/// Where the lab keeps its files.
enum LabPlace {
    static let state = "/run/apus/lab"
    static let manifests = "/run/apus/lab/manifests"
    static let log = "/run/apus/lab/proxy.log"
    static let record = "/run/apus/lab/proxy.pid"

    /// This program, for the processes it starts.
    static var program: String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        return length > 0 ? String(decoding: buffer[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self) : "apus"
    }

    static func requireRoot(_ verb: String) throws {
        guard geteuid() == 0 else {
            throw CommandFailure("apus lab \(verb) makes network namespaces and needs root: run it with sudo")
        }
    }

    static func step(_ text: String) {
        print("  \(text)")
        fflush(nil)
    }
}

struct LabUp: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Start the lab, show balanced requests, and say how to go on.")

    @Option(help: "How many backends to start.")
    var backends = 3

    @Option(help: "The proxy mode of the node.")
    var proxyMode = "nftables"

    func run() async throws {
        try LabPlace.requireRoot("up")
        let topology = LabTopology(backends: backends)
        guard try topology.namespaces().isEmpty else {
            throw ValidationError(
                "the lab is up already: 'apus lab request 10.96.0.10:80' uses it, 'apus lab down' ends it")
        }
        print("Starting the lab: a node, \(backends) backends, a client")
        let program = LabPlace.program
        try topology.create(
            echo: .init(program: program) { name, ports in
                ["lab", "echo", "--name", name, "--ports", ports.map { "\($0)" }.joined(separator: ",")]
            })
        LabPlace.step("namespaces and backends are up")
        do {
            try startProxy(topology, program)
            try await showRequests(topology)
        } catch {
            LabProxy.stop()
            _ = try? topology.destroy()
            throw error
        }
        printWhatNext(topology)
    }

    private func startProxy(_ topology: LabTopology, _ program: String) throws {
        try LabFiles.makeDirectory(LabPlace.manifests)
        try LabFiles.write(SampleManifests(topology).yaml, to: LabPlace.manifests + "/sample.yaml")
        let pid = try NetworkNamespace.named(topology.nodeNamespace).spawn(
            program,
            [
                "proxy", "--manifests", LabPlace.manifests, "--hostname-override", topology.nodeNamespace,
                "--proxy-mode", proxyMode,
                "--cluster-cidr", LabPlan.podCIDRs.map { "\($0)" }.joined(separator: ","),
            ], log: LabPlace.log)
        try LabFiles.write("\(pid)\n", to: LabPlace.record)
        LabPlace.step("apus proxy runs in the node (process \(pid), log \(LabPlace.log))")
    }

    private func showRequests(_ topology: LabTopology) async throws {
        let clusterIP = AddressPort(IPAddress(10, 96, 0, 10), 80)
        try await waitUntilServed(topology, clusterIP)
        try show(topology, "12 requests to the cluster IP \(clusterIP)", clusterIP, count: 12)
        let node = AddressPort(topology.plan.nodeAddresses[0], 30080)
        try show(topology, "12 requests to the node port \(node)", node, count: 12)
    }

    private func waitUntilServed(_ topology: LabTopology, _ target: AddressPort) async throws {
        for _ in 0..<100 {
            let summary = try topology.request(Probe(.tcp, target, timeout: .milliseconds(500)), count: 1)
            if summary.replies > 0 { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw CommandFailure("the proxy did not begin to serve \(target) within 5 s; its log is \(LabPlace.log)")
    }

    private func show(_ topology: LabTopology, _ title: String, _ target: AddressPort, count: Int) throws {
        let summary = try topology.request(Probe(.tcp, target, timeout: .seconds(5)), count: count)
        print("\n\(title):")
        for line in "\(summary)".split(separator: "\n") { LabPlace.step(String(line)) }
        guard summary.replies == count else {
            throw CommandFailure("\(count - summary.replies) of \(count) requests failed; see \(LabPlace.log)")
        }
    }

    private func printWhatNext(_ topology: LabTopology) {
        let node = topology.nodeNamespace
        print(
            """

            The lab is up. Try:
              ip netns exec \(topology.clientNamespace) curl -s http://10.96.0.10/        a request by hand
              \(LabPlace.program) lab request 10.96.0.10:80 --count 30    many
              ip netns exec \(node) nft list table ip kube-proxy      what the kernel holds
              ip netns exec \(node) \(LabPlace.program) proxy explain 10.96.0.10:80
              edit \(LabPlace.manifests)/sample.yaml                      changes are applied as you save
            Stop it with: make down
            """)
    }
}

struct LabDown: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down", abstract: "End the lab and remove every trace of it.")

    func run() throws {
        try LabPlace.requireRoot("down")
        let hadProxy = LabProxy.stop()
        let removed = try LabTopology().destroy()
        LabFiles.remove([
            LabPlace.manifests + "/sample.yaml", LabPlace.manifests, LabPlace.log, LabPlace.record, LabPlace.state,
        ])
        for name in removed { LabPlace.step("removed \(name)") }
        print(removed.isEmpty && !hadProxy ? "There was no lab." : "The lab is gone.")
    }
}

struct LabShow: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "status", abstract: "Show what runs.")

    func run() throws {
        try LabPlace.requireRoot("status")
        print(try LabTopology().status())
    }
}

struct LabRequest: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request", abstract: "Send requests from the lab's client and count who answered.")

    @Argument(help: "ADDRESS:PORT, e.g. 10.96.0.10:80 or [fd00:96::10]:80.")
    var target: String

    @Option(help: "How many requests, 1 to 10000.")
    var count = 10

    @Option(help: "tcp or udp.")
    var proto = "tcp"

    func run() throws {
        try LabPlace.requireRoot("request")
        guard let address = AddressPort(target) else {
            throw ValidationError("'\(target)' is not ADDRESS:PORT; write 10.96.0.10:80 or [fd00:96::10]:80")
        }
        guard let proto = TransportProtocol(proto), (1...10_000).contains(count) else {
            throw ValidationError("--proto is tcp or udp, --count 1 to 10000")
        }
        print(try LabTopology().request(Probe(proto, address, timeout: .seconds(2)), count: count))
    }
}

struct LabEcho: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "echo", abstract: "Answer TCP, UDP and HTTP requests with who was reached and from where.")

    @Option(help: "What to call oneself in answers.")
    var name = "echo"

    @Option(help: "Ports, separated by commas.")
    var ports = "8080"

    func run() throws {
        let numbers = ports.split(separator: ",").compactMap { UInt16($0) }
        guard !numbers.isEmpty, numbers.count == ports.split(separator: ",").count else {
            throw ValidationError("--ports takes numbers from 1 to 65535 separated by commas, not '\(ports)'")
        }
        try EchoServer.run(ports: numbers, name: name)
    }
}
