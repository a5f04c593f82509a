import Glibc
import Lab
import NetTypes
import PacketFlows
import ProxyCore
import TestThreads
import Testing

@testable import ProxyUserspace

/// What a TCP connection through the proxy keeps of one without it.
@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: makes network namespaces"))
struct StreamTests {
    private let lab: FlowProbe
    private let server: PodServer

    init() throws {
        lab = try FlowProbe(localPods: 1, remotePods: 0)
        server = try PodServer(lab, .pod(1))
    }

    /// Both ends of a new connection.
    private func connect(
        _ settings: UserspaceSettings = UserspaceSettings(),
        _ body: (_ client: borrowing PodServer.Client, _ pod: borrowing PodServer.Client) throws -> Void
    ) throws {
        let engine = UserspaceEngine(settings)
        defer { engine.stop() }
        try SampleService.program(SampleService.port(.tcp, [server.address]), engine, in: lab)
        let client = try PodServer.client(lab, at: .client, to: SampleService.address)
        try body(client, try server.accept())
    }

    @Test func eachSideMayEndBeforeTheOther() throws {
        try connect { client, pod in
            client.write("question")
            client.endWriting()
            #expect(pod.readToEnd() == Array("question".utf8))
            pod.write("answer")
            pod.endWriting()
            #expect(client.readToEnd() == Array("answer".utf8))
        }
        try connect { client, pod in
            pod.write("greeting")
            pod.endWriting()
            #expect(client.readToEnd() == Array("greeting".utf8))
            client.write("farewell")
            client.endWriting()
            #expect(pod.readToEnd() == Array("farewell".utf8))
        }
    }

    @Test(arguments: [true, false]) func aResetIsPassedOnAsOne(isOfThePod: Bool) throws {
        let engine = UserspaceEngine()
        defer { engine.stop() }
        try SampleService.program(SampleService.port(.tcp, [server.address]), engine, in: lab)
        let client = try PodServer.client(lab, at: .client, to: SampleService.address)
        let pod = try server.accept()
        client.write("x")
        #expect(pod.read(1) == Array("x".utf8))
        if isOfThePod {
            pod.breakOnClose()
            _ = consume pod
            #expect(client.ending() == ECONNRESET)
        } else {
            client.breakOnClose()
            _ = consume client
            #expect(pod.ending() == ECONNRESET)
        }
    }

    /// A pod that reads nothing stops its client while little is on the way; nothing is lost of what comes later.
    @Test func whoDoesNotReadStopsTheSender() throws {
        try connect { client, pod in
            let pattern = (0..<65_521).map { _ in UInt8.random(in: 0...255) }
            let total = 48 << 20
            var sent = Self.send(client.fd, pattern, from: 0, to: total)
            // What the kernel's four socket buffers grow to, and one pipe.
            #expect(sent > 0 && sent < 28 << 20, "\(sent)")
            var received = 0
            var isEqual = true
            while received < total {
                let count = Self.receive(pod.fd, pattern, at: received, &isEqual)
                try #require(count > 0 && isEqual, "after \(received) bytes")
                received += count
                if sent < total { sent = Self.send(client.fd, pattern, from: sent, to: total, patience: 0) }
            }
            #expect(received == total && sent == total)
        }
    }

    /// Sends the pattern over and over until nothing is taken for so many milliseconds; returns how far it came.
    private static func send(
        _ fd: CInt, _ pattern: [UInt8], from start: Int, to end: Int, patience: CInt = 1500
    ) -> Int {
        var position = start
        while position < end {
            var descriptor = pollfd(fd: fd, events: Int16(POLLOUT), revents: 0)
            guard poll(&descriptor, 1, patience) == 1 else { break }
            let offset = position % pattern.count
            let count = pattern.withUnsafeBytes {
                Glibc.send(
                    fd, $0.baseAddress?.advanced(by: offset), min(pattern.count - offset, end - position),
                    CInt(MSG_NOSIGNAL | MSG_DONTWAIT))
            }
            guard count > 0 else { break }
            position += count
        }
        return position
    }

    /// Reads once, a minute at most, and compares with the pattern.
    private static func receive(_ fd: CInt, _ pattern: [UInt8], at position: Int, _ isEqual: inout Bool) -> Int {
        var descriptor = pollfd(fd: fd, events: Int16(POLLIN), revents: 0)
        guard poll(&descriptor, 1, 60_000) == 1 else { return 0 }
        let offset = position % pattern.count
        var buffer = [UInt8](repeating: 0, count: pattern.count - offset)
        let count = recv(fd, &buffer, buffer.count, 0)
        guard count > 0 else { return count }
        isEqual = pattern.withUnsafeBytes { pattern in
            pattern.baseAddress.map { memcmp(buffer, $0 + offset, count) == 0 } ?? false
        }
        return count
    }

    @Test func idleConnectionsAreClosed() throws {
        var settings = UserspaceSettings()
        settings.idleTimeout = 2
        try connect(settings) { client, pod in
            let began = ContinuousClock.now
            for _ in 0..<8 {
                client.write("x")
                #expect(pod.read(1) == Array("x".utf8))
                usleep(500_000)
            }
            // Whoever speaks is not idle. The loop counts whole seconds.
            #expect(began.duration(to: .now) > .seconds(4))
            let silent = ContinuousClock.now
            #expect([0, ECONNRESET].contains(client.ending()))
            #expect([0, ECONNRESET].contains(pod.ending()))
            #expect(silent.duration(to: .now) < .seconds(30))
        }
    }

    /// The kernel alone would try for two minutes.
    @Test func anEndpointThatSaysNothingIsGivenUp() throws {
        var settings = UserspaceSettings()
        settings.connectTimeout = 1
        let engine = UserspaceEngine(settings)
        defer { engine.stop() }
        let silent = AddressPort(IPAddress(10, 1, 0, 2), 9001)
        let echo = AddressPort(try lab.address(of: .pod(1)), 8080)
        _ = try lab.inside(.node) {
            try NftWitness.run(
                "-f -",
                input: "add table inet deaf; add chain inet deaf out { type filter hook output priority 0; }\n"
                    + "add rule inet deaf out tcp dport \(silent.port) drop\n")
        }
        try SampleService.program(SampleService.port(.tcp, [silent, echo]) { $0.balance = .random }, engine, in: lab)
        let probe = Probe(.tcp, SampleService.address, timeout: .seconds(60))
        let isRetried = try SampleService.eventually {
            let backend = try lab.run(probe, from: .client).backend
            #expect(backend == "pod-1")
            return engine.traffic.first?.retries ?? 0 > 0
        }
        #expect(isRetried)
    }

    @Test func bothSidesAreKeptAlive() throws {
        try connect { client, pod in
            client.write("x")
            #expect(pod.read(1) == Array("x".utf8))
            let connections = try lab.inside(.node) { () throws -> [String] in
                let stream = try #require(popen("ss -Htno state established", "re"))
                defer { pclose(stream) }
                var text: [UInt8] = []
                var buffer = [UInt8](repeating: 0, count: 4096)
                while case let count = fread(&buffer, 1, buffer.count, stream), count > 0 { text += buffer[..<count] }
                return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
            }
            let kept = connections.filter { $0.contains("timer:(keepalive") }
            #expect(kept.count == 2, "\(connections)")
        }
    }
}
