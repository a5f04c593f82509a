import Glibc
import KubeAPI
import Lab
import NetTypes
import PacketFlows
import TestServers
import Testing

/// A lab with the real daemon, the built executable, in its node.
final class DaemonLab {
    /// Where the daemon's objects come from.
    enum Input: String, CaseIterable, Sendable { case manifests, api }

    let probe: FlowProbe
    let folder: TemporaryFolder
    let input: Input
    let cluster = FakeCluster()
    private(set) var process: ApusProcess?
    static let clusterIP = IPAddress(10, 96, 0, 10)
    static let target = AddressPort(clusterIP, 80)

    /// Nothing runs yet. `configuration` is appended to the file.
    init(_ input: Input = .manifests, configuration: String = "") async throws {
        probe = try FlowProbe()
        folder = try TemporaryFolder()
        self.input = input
        if input == .api {
            try await cluster.start(adopting: try probe.inside(.node) { try PlainHTTP.listeningSocket(port: 6443) })
            try TextFile.write("\(folder.path)/kubeconfig", Self.kubeconfig)
        }
        try configure(configuration)
        try apply(Objects.node())
    }

    private static let kubeconfig = """
        apiVersion: v1
        kind: Config
        current-context: lab
        contexts: [{name: lab, context: {cluster: lab, user: lab}}]
        clusters: [{name: lab, cluster: {server: "http://127.0.0.1:6443"}}]
        users: [{name: lab, user: {token: secret}}]
        """

    // MARK: Input

    /// Writes the configuration file; `more` follows what every test has.
    func configure(_ more: String = "", mode: String = "nftables") throws {
        let connection =
            input == .api ? "clientConnection: {kubeconfig: \(folder.path)/kubeconfig, qps: 100, burst: 100}" : ""
        try TextFile.write(
            "\(folder.path)/config.yaml",
            """
            apiVersion: kubeproxy.config.k8s.io/v1alpha1
            kind: KubeProxyConfiguration
            mode: \(mode)
            hostnameOverride: \(Objects.nodeName)
            clusterCIDR: 10.1.0.0/16
            \(connection)
            \(more)
            """)
    }

    func apply(_ objects: JSONValue...) throws {
        for object in objects {
            switch input {
            case .api: cluster.apply(object, at: Objects.path(object))
            case .manifests: try TextFile.write(file(object), JSONWriter.text(object, .pretty))
            }
        }
    }

    func delete(_ object: JSONValue) throws {
        switch input {
        case .api: cluster.delete(object, at: Objects.path(object))
        case .manifests: unlink(file(object))
        }
    }

    private func file(_ object: JSONValue) -> String {
        let name = object["metadata"]?["name"]?.string ?? ""
        return "\(folder.path)/manifests/\(object["kind"]?.string ?? "")-\(name).json"
    }

    func address(_ location: FlowProbe.Location) throws -> IPAddress { try probe.address(of: location) }

    /// The slice of `web`, or another Service, with these pods.
    func slice(_ service: String = "web", _ pods: FlowProbe.Location...) throws -> JSONValue {
        Objects.slice(service, try pods.map { try address($0) })
    }

    // MARK: The process

    private var arguments: [String] {
        ["proxy", "--config", "\(folder.path)/config.yaml"]
            + (input == .manifests ? ["--manifests", "\(folder.path)/manifests"] : [])
    }

    func start(_ extra: [String] = []) throws {
        let arguments = arguments + extra
        process = try ApusProcess(arguments, in: try probe.namespace(of: .node), log: "\(folder.path)/log")
    }

    /// Starts it, and waits until it has programmed what there is.
    func run() throws {
        try start()
        try wait("the first synchronisation") {
            try metric("kubeproxy_sync_proxy_rules_last_timestamp_seconds{ip_family=\"IPv4\"}") ?? 0 > 0
        }
    }

    /// SIGTERM; 0 for a good end.
    @discardableResult
    func stop() throws -> CInt { try process?.terminate() ?? -1 }

    /// Runs another command of `apus` in the node, and returns what it printed.
    func command(_ arguments: [String]) throws -> (status: CInt, output: String) {
        let log = "\(folder.path)/command"
        unlink(log)
        let process = try ApusProcess(arguments, in: try probe.namespace(of: .node), log: log)
        return (try process.wait(), process.output)
    }

    var log: String { process?.output ?? "" }

    // MARK: Asking

    func get(_ path: String, _ port: UInt16 = 10249, host: IPAddress? = nil) throws -> String {
        try probe.inside(.node) { try PlainHTTP.get(port, path, host: host?.v4) }
    }

    /// The value of a metric, named with its labels; nil while it is not there.
    func metric(_ name: String) throws -> Double? {
        for line in try get("/metrics").split(whereSeparator: \.isNewline) where line.hasPrefix("\(name) ") {
            return Double(line.dropFirst(name.count + 1))
        }
        return nil
    }

    func nft(_ arguments: String) throws -> String { try probe.inside(.node) { try NftWitness.run(arguments) } }

    /// What a command prints in the node.
    @discardableResult
    func node(_ command: String) throws -> String {
        try probe.inside(.node) {
            let stream = try #require(popen(command + " 2>&1", "re"))
            defer { pclose(stream) }
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 4096)
            while case let count = fread(&buffer, 1, buffer.count, stream), count > 0 { bytes += buffer[..<count] }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    func request(
        _ proto: TransportProtocol = .tcp, _ target: AddressPort = target, from: FlowProbe.Location = .client,
        source: AddressPort? = nil, timeout: Duration = .seconds(5)
    ) throws -> ProbeOutcome {
        try probe.run(Probe(proto, target, from: source, timeout: timeout), from: from)
    }

    /// Asks until the answer is right: at most a minute, for the machine may be busy. Throws with the log otherwise.
    func wait(_ what: String, until isRight: () throws -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if (try? isRight()) == true { return }
            if process?.isRunning == false { break }
            usleep(5000)
        }
        if process?.isRunning != false, try isRight() { return }
        throw ApusProcess.Failure(description: "waited in vain for \(what); the daemon's log:\n\(log)")
    }

    /// Waits until requests come to exactly these.
    func waitForBackends(_ expected: Set<String>, _ target: AddressPort = target) throws {
        try wait("requests to reach \(expected.sorted())") {
            let outcomes = try probe.run(Array(repeating: (from: .client, probe: Probe(.tcp, target)), count: 24))
            return Set(outcomes.map { $0.backend ?? "\($0)" }) == expected
        }
    }
}
