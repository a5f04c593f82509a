import Bench
import Glibc
import Namespaces
import Processes

/// What the real daemon, the release build of `apus proxy`, holds once everything is programmed, and after some work: the
/// daemon drops the pages of code that its start needed, and those of its work come back. It reads its Services from
/// manifests and listens on its usual addresses, in a namespace of its own.
enum DaemonMemory {
    private static let program = ".build/release/apus"
    /// The daemon gives back what its work needed two seconds after it.
    private static let settling: UInt32 = 4
    /// How often the work is done: a changed Service, its endpoint, and a look at the metrics and the health.
    static let rounds = 20

    static func run(_ size: Scenario.Size) throws -> Samples {
        guard access(program, X_OK) == 0 else {
            throw BenchError("no \(program): run 'make build' in the project's folder first")
        }
        let folder = try TemporaryFolder()
        let manifests = folder.path + "/manifests"
        mkdir(manifests, 0o755)
        for start in stride(from: 0, to: size.services, by: 1000) {
            let text = manifest(SampleCluster(services: size.services), start..<min(start + 1000, size.services))
            try TextFile.write(text, to: "\(manifests)/services-\(start).yaml")
        }
        let log = folder.path + "/log"
        let namespace = try NetworkNamespace.create()
        let daemon = try namespace.spawn(
            program,
            ["proxy", "--manifests", manifests, "--proxy-mode", "nftables", "--hostname-override", "node", "--v", "0"],
            log: log)
        defer {
            kill(daemon, SIGKILL)
            waitpid(daemon, nil, 0)
        }
        try waitForBothFamilies(log)
        sleep(settling)
        var samples = Samples()
        samples.add("rss", ProcessUsage.memory("VmRSS", of: "\(daemon)"))
        samples.add("anonymous", ProcessUsage.memory("RssAnon", of: "\(daemon)"))
        try work(manifests, in: namespace)
        samples.add("rss-working", ProcessUsage.memory("VmRSS", of: "\(daemon)"))
        sleep(settling)
        samples.add("rss-worked", ProcessUsage.memory("VmRSS", of: "\(daemon)"))
        samples.add("peak", ProcessUsage.memory("VmHWM", of: "\(daemon)"))
        return samples
    }

    /// One Service more, which gets another cluster IP and endpoint in each round.
    private static func work(_ manifests: String, in namespace: borrowing NetworkNamespace) throws {
        for round in 1...rounds {
            let text = manifest(
                "work", "default", clusterIP: "10.0.99.\(round)", endpoints: ["10.1.2.\(round)"])
            try TextFile.write(text, to: "\(manifests)/work.yaml")
            for (port, path) in [(10249, "/metrics"), (10256, "/healthz")] as [(UInt16, String)] {
                try namespace.run { try LoopbackRequest.get(path, port: port) }
            }
            usleep(300_000)
        }
    }

    private static func waitForBothFamilies(_ log: String) throws {
        for _ in 0..<1200 {
            let lines = (TextFile.read(log) ?? "").split(separator: "\n")
            if lines.filter({ $0.contains("synchronised") }).count >= 2 { return }
            usleep(100_000)
        }
        throw BenchError("the daemon did not synchronise in 2 minutes: \(TextFile.read(log) ?? "no log")")
    }

    private static func manifest(_ cluster: SampleCluster, _ indices: Range<Int>) -> String {
        indices.map { index in
            let name = cluster.name(index)
            return manifest(
                name.name, name.namespace, clusterIP: "\(cluster.clusterIP(index))",
                endpoints: (0..<cluster.endpointsPerService).map { "\(cluster.endpoint(index, $0))" })
        }.joined()
    }

    private static func manifest(
        _ name: String, _ namespace: String, clusterIP: String, endpoints: [String]
    ) -> String {
        let endpoints = endpoints.map { "- {addresses: [\($0)], conditions: {ready: true}, nodeName: other}" }
        return """
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: \(name), namespace: \(namespace)}
            spec: {clusterIP: \(clusterIP), clusterIPs: [\(clusterIP)], ports: [{name: http, port: 80, targetPort: 8080}]}
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata:
              name: \(name)-abcde
              namespace: \(namespace)
              labels: {kubernetes.io/service-name: \(name)}
            addressType: IPv4
            ports: [{name: http, port: 8080}]
            endpoints:
            \(endpoints.joined(separator: "\n"))

            """
    }
}

/// A folder that goes with the value.
final class TemporaryFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/apus-bench-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw BenchError("cannot make a folder in /tmp") }
        path = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    }

    deinit { _ = try? FinishedProcess.run(.bench("/bin/rm", ["-rf", path]), limit: .seconds(60)) }
}
