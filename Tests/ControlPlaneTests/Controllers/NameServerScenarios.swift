import Foundation
import Glibc
import KubeAPI
import KubeClient
import LocalCluster
import NetTypes
import TestPrograms
import TestThreads
import Testing
import Threads

/// `apus dns` beside an API server, asked by dig.
@Suite(.ownThread, .needs("kubectl", "dig", "python3"), .timeLimit(.minutes(10)))
struct NameServerScenarios {
    /// An API server, a name server, and a server for the names of others.
    final class Names {
        let cluster: Cluster
        let port: UInt16
        let healthPort: UInt16
        private let upstreamLog: String

        init(more: [String] = []) throws {
            cluster = try Cluster(nodes: 0)
            port = try FreePort.take()
            healthPort = try FreePort.take()
            let upstream = try FreePort.take()
            upstreamLog = cluster.plane.folder.appending(path: "questions").path
            let script = PythonClients.root.appending(path: "Tests/ControlPlaneTests/Clients/dns_upstream.py").path
            try cluster.run(
                "upstream", try #require(Program.path("python3")), [script, "\(upstream)", upstreamLog])
            try cluster.start(
                "dns",
                [
                    "dns", "--bind-address", "127.0.0.1", "--port", "\(port)", "--upstream", "127.0.0.1:\(upstream)",
                    "--metrics-bind-address", "127.0.0.1:\(healthPort)",
                ] + more)
            try wait("the other server is up") { FileManager.default.fileExists(atPath: upstreamLog) }
            try wait("the name server is ready") { try self.page("readyz") == "ok" }
        }

        /// Asks until the answer is as expected, and says how long that took.
        @discardableResult
        func wait(_ what: String, seconds: Double = 30, _ isSo: () throws -> Bool) throws -> Duration {
            let start = ContinuousClock.now
            while try !isSo() {
                guard ContinuousClock.now - start < .seconds(seconds) else {
                    throw ControlPlane.Failure(description: "not so in time: \(what)\n\(cluster.log("dns"))")
                }
                usleep(2000)
            }
            return ContinuousClock.now - start
        }

        func dig(_ arguments: String) throws -> String {
            let dig = try #require(Tool("dig"))
            let result = try dig.run(
                ["@127.0.0.1", "-p", "\(port)", "+tries=1", "+time=8", "+nocookie"]
                    + arguments.split(separator: " ").map(String.init))
            return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
        }

        /// The addresses of a name, in order; nil when there was no answer.
        func addresses(_ name: String) -> [String]? {
            let server = AddressPort(IPAddress(127, 0, 0, 1), port)
            return NameQuestion.addresses(of: name, at: server, within: .seconds(5))?.map { "\($0)" }.sorted()
        }

        /// The data of the answers, in order.
        func short(_ arguments: String) throws -> [String] {
            try dig("+short \(arguments)").split(separator: "\n").map(String.init).sorted()
        }

        func page(_ name: String) throws -> String {
            let curl = try #require(Tool("curl"))
            return try curl.run(["-s", "http://127.0.0.1:\(healthPort)/\(name)"]).output
        }

        /// What the other server was asked.
        var questions: [String] {
            ((try? String(contentsOfFile: upstreamLog, encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
        }
    }

    private static let objects = """
        apiVersion: v1
        kind: Service
        metadata: {name: web}
        spec: {clusterIP: 10.96.0.77, ports: [{name: http, port: 80}, {name: dns, port: 53, protocol: UDP}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: db}
        spec: {clusterIP: None, ports: [{name: sql, port: 5432}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: site}
        spec: {type: ExternalName, externalName: www.example.com}
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: db-1, labels: {kubernetes.io/service-name: db, endpointslice.kubernetes.io/managed-by: test}}
        addressType: IPv4
        ports: [{name: sql, port: 5432}]
        endpoints:
        - {addresses: [10.0.0.1], hostname: db-0, conditions: {ready: true}}
        - {addresses: [10.0.0.2], hostname: db-1, conditions: {ready: true}}
        - {addresses: [10.0.0.3], hostname: db-2, conditions: {ready: false}}
        """

    @Test func namesOfTheClusterAreAnswered() throws {
        let names = try Names()
        try names.cluster.kube("apply -f -", input: Self.objects)
        try names.wait("the last object is known") {
            try names.short("db.default.svc.cluster.local") == ["10.0.0.1", "10.0.0.2"]
        }
        #expect(try names.short("web.default.svc.cluster.local") == ["10.96.0.77"])
        #expect(try names.short("kubernetes.default.svc.cluster.local +tcp") == ["10.96.0.1"])
        #expect(
            try names.short("_http._tcp.web.default.svc.cluster.local SRV") == [
                "0 100 80 web.default.svc.cluster.local."
            ])
        #expect(
            try names.short("_sql._tcp.db.default.svc.cluster.local SRV") == [
                "0 50 5432 db-0.db.default.svc.cluster.local.", "0 50 5432 db-1.db.default.svc.cluster.local.",
            ])
        #expect(try names.short("db-1.db.default.svc.cluster.local") == ["10.0.0.2"])
        #expect(try names.short("-x 10.96.0.77") == ["web.default.svc.cluster.local."])
        #expect(try names.short("-x 10.0.0.1") == ["db-0.db.default.svc.cluster.local."])
        #expect(try names.short("10-9-8-7.default.pod.cluster.local") == ["10.9.8.7"])
        #expect(try names.short("dns-version.cluster.local TXT") == ["\"1.1.0\""])
        #expect(try names.short("site.default.svc.cluster.local") == ["192.0.2.1", "www.example.com."])
        // By the search list, as pods have it.
        #expect(
            try names.short("web +search +domain=default.svc.cluster.local") == ["10.96.0.77"])

        let missing = try names.dig("db-2.db.default.svc.cluster.local")
        #expect(missing.contains("status: NXDOMAIN") && missing.contains("SOA") && missing.contains("flags: qr aa rd"))
        // A namespace without Services; nothing is in it.
        try names.wait("the empty namespace is known") {
            try names.dig("kube-public.svc.cluster.local").contains("NOERROR")
        }
        #expect(try names.dig("web.kube-public.svc.cluster.local").contains("NXDOMAIN"))
        #expect(try names.dig("nowhere.svc.cluster.local").contains("NXDOMAIN"))
        let empty = try names.dig("web.default.svc.cluster.local AAAA")
        #expect(empty.contains("status: NOERROR") && empty.contains("SOA"))
        #expect(try names.dig("WeB.default.svc.cluster.LOCAL").contains("WeB.default.svc.cluster.LOCAL. 5"))
        #expect(try names.dig("web.default.svc.cluster.local ANY +notcp").contains("RFC8482"))
        #expect(try names.dig("cluster.local AXFR").contains("Transfer failed"))
    }

    /// From the API's answer to the name server's: a Service made and deleted, an endpoint of a headless one moved.
    @Test func aChangeIsAnsweredAtOnce() async throws {
        let names = try Names()
        try names.cluster.kube("apply -f -", input: Self.objects)
        try names.wait("the last object is known") {
            names.addresses("db.default.svc.cluster.local") == ["10.0.0.1", "10.0.0.2"]
        }
        let client = try names.cluster.client()
        let slice = NamespacedName(namespace: "default", name: "db-1")
        var delays: [Duration] = []
        for number in 1...20 {
            let service: JSONValue = [
                "apiVersion": "v1", "kind": "Service", "metadata": ["name": .string("quick-\(number)")],
                "spec": ["clusterIP": .string("10.96.1.\(number)"), "ports": [["port": 80]]],
            ]
            let name = "quick-\(number).default.svc.cluster.local"
            try await client.create(.services, service, namespace: "default")
            delays.append(try names.wait("\(name) is there") { names.addresses(name) == ["10.96.1.\(number)"] })
            try await client.delete(.services, NamespacedName(namespace: "default", name: "quick-\(number)"))
            delays.append(try names.wait("\(name) is gone") { names.addresses(name) == [] })
            let address = "10.0.2.\(number)"
            try await client.patch(
                .endpointSlices, slice, .json,
                [["op": "replace", "path": "/endpoints/1/addresses", "value": [.string(address)]]])
            delays.append(
                try names.wait("db-1 has moved") {
                    names.addresses("db-1.db.default.svc.cluster.local") == [address]
                })
        }
        try? await client.shutdown()
        delays.sort()
        #expect(delays[delays.count / 2] <= .milliseconds(100), "the median is \(delays[delays.count / 2])")
        #expect(try names.page("metrics").contains("coredns_dns_requests_total{proto=\"udp\",type=\"A\"}"))
    }

    @Test func longAnswersGoByTCP() throws {
        let names = try Names()
        let endpoints = (1...100).map { "- {addresses: [10.0.1.\($0)], conditions: {ready: true}}" }
        try names.cluster.kube(
            "apply -f -",
            input: """
                apiVersion: v1
                kind: Service
                metadata: {name: many}
                spec: {clusterIP: None}
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: many-1, labels: {kubernetes.io/service-name: many}}
                addressType: IPv4
                ports: []
                endpoints:
                \(endpoints.joined(separator: "\n"))
                """)
        let name = "many.default.svc.cluster.local"
        try names.wait("all are answered") { try names.short("\(name) +tcp").count == 100 }
        #expect(try names.dig("\(name) +ignore +noedns").contains("flags: qr aa tc rd"))
        #expect(try names.dig("\(name) +ignore +bufsize=1232").contains("ANSWER: 73,"))
        // dig asks again over TCP by itself.
        #expect(try names.short(name).count == 100)
        let first = try (0..<20).map { _ in try names.dig("+short +tcp \(name)").split(separator: "\n").first ?? "" }
        #expect(Set(first).count > 5, "the order changes")
    }

    @Test func otherNamesAreForwardedOnceAndKept() throws {
        let names = try Names()
        #expect(try names.short("www.example.com") == ["192.0.2.1"])
        #expect(try names.short("WWW.example.com") == ["192.0.2.1"])
        #expect(try names.dig("missing.example.com").contains("status: NXDOMAIN"))
        #expect(try names.dig("missing.example.com").contains("status: NXDOMAIN"))
        #expect(try names.short("big.example.com").count == 120)
        #expect(try names.dig("big.example.com +ignore").contains("flags: qr tc rd ra"))
        #expect(
            names.questions == [
                "udp www.example.com", "udp missing.example.com", "udp big.example.com", "tcp big.example.com",
            ])
        let metrics = try names.page("metrics")
        #expect(metrics.contains("coredns_cache_hits_total{type=\"denial\"} 1"))
        #expect(metrics.contains("coredns_cache_entries 3"))
        #expect(try names.dig("silent.example.com").contains("status: SERVFAIL"))
        #expect(names.questions.filter { $0 == "udp silent.example.com" }.count == 4)
    }

    @Test func badMessagesDoNoHarm() throws {
        let names = try Names()
        let script = """
            import random, socket
            random.seed(7)
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            for _ in range(2000):
                s.sendto(random.randbytes(random.randrange(0, 600)), ("127.0.0.1", \(names.port)))
            for _ in range(50):
                t = socket.create_connection(("127.0.0.1", \(names.port)))
                t.send(random.randbytes(random.randrange(1, 300)))
                t.close()
            """
        let python = try #require(Tool("python3"))
        #expect(try python.run(["-c", script]).isGood)
        try names.wait("it still answers") {
            try names.short("kubernetes.default.svc.cluster.local") == ["10.96.0.1"]
        }
        #expect(names.cluster.isRunning("dns"))
    }

    /// glibc, as in a pod: by the search list, and back from the address. The resolv.conf it reads is the name server's
    /// too, which does not forward to itself.
    @Test(.enabled(if: geteuid() == 0, "needs root: makes network namespaces"))
    func glibcFindsServices() throws {
        let folder = TestFolder()
        let resolver = try folder.file(
            "resolv.conf",
            "nameserver 127.0.0.1\nsearch default.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5\n")
        let script = """
            ip link set lo up && mount --make-rprivate / && mount --bind \(resolver) /etc/resolv.conf
            trap 'kill -9 $(jobs -p)' EXIT
            \(ControlPlane.program) apiserver --data-dir \(folder.path)/data --bind-address 127.0.0.1 --secure-port 6443 \
                --write-kubeconfig \(folder.path)/config >/dev/null 2>&1 &
            while [ ! -e \(folder.path)/config ]; do sleep 0.05; done
            \(ControlPlane.program) dns --kubeconfig \(folder.path)/config --bind-address 127.0.0.1 2>\(folder.path)/log &
            for try in $(seq 600); do getent ahostsv4 kubernetes.default >/dev/null && break; sleep 0.05; done
            getent hosts kubernetes
            getent hosts kubernetes.default.svc
            getent hosts 10.96.0.1
            getent hosts www.example.com || echo none
            cat \(folder.path)/log
            """
        let unshare = try #require(Tool("unshare"))
        let result = try unshare.run(["--net", "--mount", "bash", "-c", script])
        let lines = result.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        let name = "10.96.0.1 kubernetes.default.svc.cluster.local"
        #expect(Array(lines.prefix(4)) == [name, name, name, "none"], "\(result.output)\(result.errors)")
        #expect(result.output.contains("not forwarding to 127.0.0.1:53"))
    }

    /// Who has asked is answered, also when another server is slow.
    @Test func theEndIsOrderly() throws {
        let names = try Names()
        let server = AddressPort(IPAddress(127, 0, 0, 1), names.port)
        let asking = try OwnThread {
            let found = NameQuestion.addresses(of: "slow.example.com", at: server, within: .seconds(20))
            #expect(found == [IPAddress(192, 0, 2, 1)], "\(String(describing: found))")
        }
        defer { asking.join() }
        try names.wait("the other server is asked") { names.questions.contains("udp slow.example.com") }
        names.cluster.signal("dns", SIGTERM)
        try names.wait("it has ended") { !names.cluster.isRunning("dns") }
        #expect(!names.cluster.log("dns").contains("Fatal"))
    }

    @Test func aTakenPortIsNamed() throws {
        let names = try Names()
        let apus = try #require(Tool(ControlPlane.program))
        let result = try apus.run([
            "dns", "--kubeconfig", names.cluster.plane.kubeconfig, "--bind-address", "127.0.0.250", "--port",
            "\(names.cluster.plane.port)", "--metrics-bind-address", "127.0.0.1:\(names.healthPort)",
        ])
        #expect(!result.isGood && result.errors.contains("--metrics-bind-address"), "\(result.errors)")
        let same = try apus.run([
            "dns", "--kubeconfig", names.cluster.plane.kubeconfig, "--bind-address", "127.0.0.1", "--port",
            "\(names.port)", "--metrics-bind-address", "127.0.0.1:0",
        ])
        #expect(!same.isGood && same.errors.contains("127.0.0.1:\(names.port) ("), "\(same.errors)")
    }
}
