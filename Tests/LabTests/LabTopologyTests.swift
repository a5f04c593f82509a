import Glibc
import Namespaces
import NetTypes
import Processes
import TestThreads
import Testing

@testable import Lab

@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: it makes network namespaces"))
struct LabTopologyTests {
    /// A stand-in for the executable's own echo command: anything that answers a line per connection.
    private static let echo = LabTopology.EchoCommand(program: "/usr/bin/python3") { name, ports in
        ["-c", script, name] + ports.map(String.init)
    }
    private static let script = """
        import socket, sys
        server = socket.create_server(("::", int(sys.argv[2])), family=socket.AF_INET6, dualstack_ipv6=True)
        show = lambda a: f"{a[0].removeprefix('::ffff:')}:{a[1]}"
        while True:
            peer, address = server.accept()
            peer.sendall(f"{sys.argv[1]} {show(peer.getsockname())} from {show(address)}\\n".encode())
            peer.recv(100)
            peer.close()
        """

    private func topology(_ name: String, backends: Int = 3) -> LabTopology {
        LabTopology(
            prefix: "apus-\(name)-\(getpid())", backends: backends, stateDirectory: "/tmp/apus-\(name)-\(getpid())")
    }

    @Test(.enabled(if: access("/usr/bin/python3", X_OK) == 0, "needs python3 for a stand-in server"))
    func livesUntilDestroyed() throws {
        let lab = topology("live")
        defer { _ = try? lab.destroy() }
        #expect(try lab.status().isAbsent)
        try lab.create(echo: Self.echo)
        let status = try lab.status()
        #expect(status.namespaces.count == 5)
        #expect(status.backends.allSatisfy { $0.answers && $0.pid != nil })
        #expect(throws: LabTopologyError.exists(lab.prefix)) { try lab.create(echo: Self.echo) }

        let target = AddressPort(IPAddress(10, 1, 0, 3), 8080)
        let summary = try lab.request(Probe(.tcp, target, timeout: .seconds(5)), count: 20)
        #expect(summary.perBackend == ["backend-2": 20])
        #expect(summary.peers == [IPAddress(10, 2, 0, 2)])

        let pids = status.backends.compactMap(\.pid)
        #expect(try lab.destroy().count == 8)
        #expect(pids.allSatisfy { kill($0, 0) != 0 })
        #expect(try lab.status().isAbsent)
        #expect(access(lab.stateDirectory, F_OK) != 0)
        #expect(throws: LabTopologyError.missing(lab.prefix)) { _ = try lab.request(Probe(.tcp, target), count: 1) }
    }

    @Test func aFailedStartLeavesNothing() throws {
        let lab = topology("fail")
        let missing = LabTopology.EchoCommand(program: "/nonexistent/echo") { _, _ in [] }
        #expect(throws: ProcessError("cannot run /nonexistent/echo", code: ENOENT)) { try lab.create(echo: missing) }
        #expect(try lab.namespaces().isEmpty)
        #expect(access(lab.stateDirectory, F_OK) != 0)
    }

    @Test func aProcessOfAnUnfinishedRecordIsFoundByItsCommand() throws {
        let lab = topology("crash", backends: 1)
        defer { _ = try? lab.destroy() }
        let name = lab.backendNamespace(1)
        let namespace = try NamedNamespace.create(name)
        let pid = try namespace.spawn("/bin/sleep", ["6174"])
        try SmallFile.makeDirectory(lab.stateDirectory)
        try SmallFile.write("\(lab.stateDirectory)/\(name).process", "/bin/sleep\u{0}6174")
        for _ in 0..<100 where lab.record(of: name) == nil { usleep(10_000) }
        #expect(lab.record(of: name)?.pid == pid)
        #expect(try lab.destroy() == ["process \(pid)", "namespace \(name)"])
        #expect(kill(pid, 0) != 0)
    }

    @Test func labsWithLongerPrefixesAreLeftAlone() throws {
        let short = topology("p")
        let long = LabTopology(prefix: short.prefix + "-long", stateDirectory: short.stateDirectory)
        defer { try? NamedNamespace.delete(long.nodeNamespace) }
        _ = try NamedNamespace.create(long.nodeNamespace)
        #expect(try short.destroy().isEmpty)
        #expect(try long.namespaces() == [long.nodeNamespace])
    }
}

struct ProcessRecordTests {
    @Test func onlyTheVerySameProcessCounts() throws {
        let arguments = try #require(SmallFile.read("/proc/self/cmdline"))
        let command = arguments.split(separator: 0, omittingEmptySubsequences: false).dropLast().map {
            String(decoding: $0, as: UTF8.self)
        }
        let record = try #require(ProcessRecord(running: getpid(), command: command))
        #expect(record.isRunning)
        #expect(ProcessRecord(text: record.text) == record)
        let later = ProcessRecord(pid: record.pid, startTime: record.startTime + 1, command: command)
        #expect(!later.isRunning)
        #expect(!ProcessRecord(pid: record.pid, startTime: record.startTime, command: ["other"]).isRunning)
    }

    @Test(arguments: ["", "1 2 x", "0 2 x", "-5 2 x", "7 x y", "7 8"])
    func damagedRecordsAreIgnored(words: String) {
        #expect(ProcessRecord(text: words.split(separator: " ").joined(separator: "\0")) == nil)
    }
}

struct SampleManifestsTests {
    private let documents = SampleManifests(LabTopology()).yaml.split(separator: "---\n")

    @Test func thereIsANodeAndASliceForEveryServiceAndFamily() {
        #expect(documents.count == 1 + 5 + 10)
        #expect(documents.count { $0.contains("kind: EndpointSlice") } == 10)
    }

    @Test func aServiceReadsLikeThis() {
        #expect(
            documents[4] == """
                # outside traffic stays on the node and keeps its source address
                apiVersion: v1
                kind: Service
                metadata:
                  name: echo-local
                  namespace: default
                spec:
                  type: NodePort
                  selector: {app: echo}
                  clusterIP: 10.96.0.13
                  clusterIPs: ["10.96.0.13", "fd00:96::d"]
                  ipFamilies: [IPv4, IPv6]
                  ipFamilyPolicy: RequireDualStack
                  externalTrafficPolicy: Local
                  ports:
                  - {name: tcp, protocol: TCP, port: 80, targetPort: 8080, nodePort: 30081}

                """)
    }

    @Test func aSliceReadsLikeThis() {
        #expect(
            documents[7] == """
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata:
                  name: echo-ipv6
                  namespace: default
                  labels: {kubernetes.io/service-name: echo}
                addressType: IPv6
                endpoints:
                - {addresses: ["fd00:1::2"], conditions: {ready: true}, nodeName: apus-lab-node}
                - {addresses: ["fd00:1::3"], conditions: {ready: true}, nodeName: apus-lab-elsewhere}
                - {addresses: ["fd00:1::4"], conditions: {ready: true}, nodeName: apus-lab-elsewhere}
                ports:
                - {name: tcp, protocol: TCP, port: 8080}
                - {name: udp, protocol: UDP, port: 8080}

                """)
    }
}
