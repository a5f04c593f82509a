import AccessControl
import Foundation
import Glibc
import KubeAPI
import KubeSchema
import Logging
import NIOHTTP1
import NIOPosix
import StoreCore
import Telemetry
import TestThreads
import Testing

@testable import APIServer

/// A client's real connection, the real API server, and a node agent behind it.
@Suite(.ownThread) struct StreamTests {
    /// Starts everything, runs `body` and ends everything.
    private func withServer(
        authorizer: (any Authorizer)? = nil, _ body: (AgentDouble, Int) async throws -> Void
    ) async throws {
        let agent = try await AgentDouble.start(now: Int64(Date().timeIntervalSince1970))
        let store = EventfulStore()
        let pod = try Sample.json(StreamPathTests.pod)
        _ = try await store.put(pod, "/registry/pods/ns/p")
        _ = try await store.put(
            [
                "status": [
                    "addresses": [["type": "InternalIP", "address": "127.0.0.1"]],
                    "daemonEndpoints": ["kubeletEndpoint": ["Port": .integer(Int64(agent.port))]],
                ]
            ], "/registry/minions/n")
        _ = try await store.put(
            [
                "metadata": ["name": "lost", "namespace": "ns"],
                "spec": ["nodeName": "gone", "containers": [["name": "c"]]],
            ], "/registry/pods/ns/lost")
        _ = try await store.put(
            [
                "status": [
                    "addresses": [["type": "InternalIP", "address": "127.0.0.1"]],
                    "daemonEndpoints": ["kubeletEndpoint": ["Port": 1]],
                ]
            ],
            "/registry/minions/gone")
        let registry = Registry(
            store: store, resources: ServedResources(),
            clock: { Sample.now * 1_000_000_000 })
        var options = APIServer.Options()
        options.port = 0
        options.authorizer = authorizer
        options.streams = StreamRelay(
            StoredObjects(store), NodeAgentClient(group: MultiThreadedEventLoopGroup.singleton, tls: agent.tls))
        let server = APIServer(registry, options, metrics: MetricsRegistry(), logger: Logger(label: "test"))
        let port = try await server.start()
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(agent, port))
        } catch {
            result = .failure(error)
        }
        await server.stop()
        await agent.stop()
        try result.get()
    }

    private static let upgradeToSPDY =
        "Connection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: v4.channel.k8s.io\r\n"
        + "Authorization: Bearer secret\r\nContent-Length: 0\r\n"

    @Test func spdyIsRelayedBothWaysAndHalfCloseToo() async throws {
        try await withServer { agent, port in
            let client = try RawClient(port: port)
            client.send(
                "POST /api/v1/namespaces/ns/pods/p/exec?command=cat&stdin=true&stdout=true HTTP/1.1\r\nHost: x\r\n"
                    + Self.upgradeToSPDY + "\r\n")
            let head = try client.head()
            #expect(head.hasPrefix("HTTP/1.1 101 "))
            #expect(head.contains("X-Stream-Protocol-Version: v4.channel.k8s.io"))
            #expect(try client.bytes(5) == Array("hello".utf8))
            // A SPDY/3.1 ping, and a lot of data.
            let ping: [UInt8] = [0x80, 0x03, 0x00, 0x06, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x01]
            client.send(ping)
            #expect(try client.bytes(ping.count) == ping)
            let data = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
            let descriptor = client.descriptor
            let writer = Thread { RawClient.send(data[...], to: descriptor) }
            writer.start()
            #expect(try client.bytes(data.count) == data)
            client.closeOutput()
            #expect(try client.rest() == Array("bye".utf8))
            let seen = agent.seen.withLock { $0.heads }
            #expect(seen.map(\.uri) == ["/exec/ns/p/c?command=cat&input=1&output=1"])
            #expect(seen.first?.method == .POST && seen.first?.headers.contains(name: "authorization") == false)
        }
    }

    @Test func webSocketsPassThrough() async throws {
        try await withServer { agent, port in
            let client = try RawClient(port: port)
            client.send(
                "GET /api/v1/namespaces/ns/pods/p/attach?stdout=true HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
                    + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                    + "Sec-WebSocket-Protocol: v5.channel.k8s.io, base64url.bearer.authorization.k8s.io.c2VjcmV0\r\n\r\n"
            )
            let head = try client.head()
            #expect(head.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
            #expect(head.contains("Sec-WebSocket-Protocol: v5.channel.k8s.io\r\n"))
            #expect(try client.bytes(5) == Array("hello".utf8))
            client.send([0x82, 0x80, 1, 2, 3, 4])
            #expect(try client.bytes(6) == [0x82, 0x80, 1, 2, 3, 4])
            #expect(agent.seen.withLock { $0.heads.first?.method } == .GET)
            #expect(agent.seen.withLock { $0.heads.first?.uri } == "/attach/ns/p/c?output=1")
        }
    }

    @Test func portForwardIsTakenOutOfItsWebSocket() async throws {
        try await withServer { agent, port in
            let client = try RawClient(port: port)
            client.send(
                "GET /api/v1/namespaces/ns/pods/p/portforward HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
                    + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                    + "Sec-WebSocket-Protocol: SPDY/3.1+portforward.k8s.io\r\n\r\n")
            let head = try client.head()
            #expect(head.hasPrefix("HTTP/1.1 101 "))
            #expect(head.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
            #expect(head.contains("Sec-WebSocket-Protocol: SPDY/3.1+portforward.k8s.io"))
            #expect(try client.frame() == .init(opcode: 2, data: Array("hello".utf8)))
            let data = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            let descriptor = client.descriptor
            let writer = Thread {
                for start in stride(from: 0, to: data.count, by: 30_000) {
                    RawClient.send(
                        RawClient.masked(2, Array(data[start..<min(start + 30_000, data.count)]))[...], to: descriptor)
                }
            }
            writer.start()
            var echoed: [UInt8] = []
            while echoed.count < data.count { echoed += try client.frame().data }
            #expect(echoed == data)
            client.send(RawClient.masked(9, [1, 2, 3]))
            #expect(try client.frame() == .init(opcode: 10, data: [1, 2, 3]))
            client.send(RawClient.masked(8, [0x03, 0xE8]))
            #expect(try client.frame().opcode == 8)
            let seen = try #require(agent.seen.withLock { $0.heads.first })
            #expect(seen.uri == "/portForward/ns/p" && seen.method == .POST)
            #expect(seen.headers["upgrade"] == ["SPDY/3.1"])
            #expect(seen.headers["x-stream-protocol-version"] == ["portforward.k8s.io"])
        }
    }

    @Test(arguments: [
        "GET /api/v1/namespaces/ns/pods/p/log?follow=true HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /api/v1/namespaces/ns/pods/p/exec?command=flood HTTP/1.1\r\nHost: x\r\n\(upgradeToSPDY)\r\n",
    ])
    func streamsComeWholeAndNoFasterThanTheyAreRead(request: String) async throws {
        try await withServer { agent, port in
            let client = try RawClient(port: port, receiveBuffer: 65_536)
            client.send(request)
            #expect(try client.head().hasPrefix(request.hasPrefix("GET") ? "HTTP/1.1 200 " : "HTTP/1.1 101 "))
            // Nobody reads: what the agent may write settles.
            var before = -1
            var now = 0
            while now != before || now == 0 {
                try await Task.sleep(for: .milliseconds(300))
                before = now
                now = agent.seen.withLock { $0.bytesWritten }
            }
            let total = AgentDouble.logChunks * AgentDouble.logChunkBytes
            #expect(now < total / 2, "\(now) bytes were taken though the client reads none")
            var count = 0
            while let chunk = try client.chunk() {
                count += chunk.count
                #expect(chunk.first == UInt8(ascii: "x") && chunk.last == UInt8(ascii: "x"))
            }
            #expect(count == total)
            #expect(agent.seen.withLock { $0.heads.count } == 1)
        }
    }

    @Test func proxiesAndRefusals() async throws {
        try await withServer { agent, port in
            func answer(_ request: String) throws -> String {
                let client = try RawClient(port: port)
                client.send(request + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                return String(decoding: try client.rest(), as: UTF8.self)
            }
            let metrics = try answer("GET /api/v1/nodes/n/proxy/metrics/cadvisor?x=a%20b")
            #expect(metrics.hasPrefix("HTTP/1.1 200 ") && metrics.contains("X-Path: /metrics/cadvisor?x=a%20b"))
            #expect(try answer("GET /api/v1/nodes/unknown/proxy/").contains(#"nodes \"unknown\" not found"#))
            #expect(try answer("GET /api/v1/namespaces/ns/pods/q/log").contains(#"pods \"q\" not found"#))
            #expect(
                try answer("GET /api/v1/namespaces/ns/pods/p/log?container=x").contains(
                    "container x is not valid for pod p"))
            #expect(try answer("GET /api/v1/namespaces/ns/pods/lost/log").hasPrefix("HTTP/1.1 503 "))
            #expect(try answer("POST /api/v1/namespaces/ns/pods/p/exec?command=x").contains("Upgrade request required"))
            let client = try RawClient(port: port)
            client.send(
                "POST /api/v1/namespaces/ns/pods/p/exec?command=forbidden HTTP/1.1\r\nHost: x\r\n"
                    + Self.upgradeToSPDY + "\r\n")
            #expect(try client.head().hasPrefix("HTTP/1.1 403 "))
            #expect(try client.bytes(9) == Array("forbidden".utf8))
        }
    }

    @Test func whoMayOnlyReadRunsNothing() async throws {
        try await withServer(authorizer: SampleAuthorizer { $0.verb == "get" }) { agent, port in
            let client = try RawClient(port: port)
            client.send(
                "GET /api/v1/namespaces/ns/pods/p/exec?command=x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
                    + "Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
            #expect(try client.head().hasPrefix("HTTP/1.1 403 "))
            #expect(agent.seen.withLock { $0.heads.isEmpty })
        }
    }
}

/// A blocking TCP connection to a server on loopback.
final class RawClient {
    struct Failure: Error, CustomStringConvertible { let description: String }
    struct Frame: Equatable {
        var opcode: UInt8
        var data: [UInt8]
    }

    let descriptor: CInt
    private var buffer: [UInt8] = []
    private var start = 0

    init(port: Int, receiveBuffer: CInt = 0) throws {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var size = receiveBuffer
        if size > 0 { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<CInt>.size)) }
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure(description: "connect: \(errno)") }
    }

    deinit { close(descriptor) }

    func send(_ text: String) { send(Array(text.utf8)) }
    func send(_ bytes: [UInt8]) { Self.send(bytes[...], to: descriptor) }

    static func send(_ bytes: ArraySlice<UInt8>, to descriptor: CInt) {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    func closeOutput() { shutdown(descriptor, CInt(SHUT_WR)) }

    /// False at the end.
    private func fill() throws -> Bool {
        if start > 1 << 16 {
            buffer.removeFirst(start)
            start = 0
        }
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        guard count >= 0 else { throw Failure(description: "recv: \(String(cString: strerror(errno)))") }
        buffer += chunk[..<count]
        return count > 0
    }

    func bytes(_ count: Int) throws -> [UInt8] {
        while buffer.count - start < count {
            guard try fill() else { throw Failure(description: "the connection ended too early") }
        }
        defer { start += count }
        return Array(buffer[start..<start + count])
    }

    func rest() throws -> [UInt8] {
        while try fill() {}
        defer { start = buffer.count }
        return Array(buffer[start...])
    }

    private func line() throws -> String {
        var line: [UInt8] = []
        while !line.ends(with: [13, 10]) { line += try bytes(1) }
        return String(decoding: line, as: UTF8.self)
    }

    func head() throws -> String {
        var head = ""
        while true {
            let line = try line()
            head += line
            if line == "\r\n" { return head }
        }
    }

    /// Of a chunked body; nil at its end.
    func chunk() throws -> [UInt8]? {
        let size = Int(try line().dropLast(1), radix: 16) ?? 0
        let data = try bytes(size)
        _ = try bytes(2)
        return size == 0 ? nil : data
    }

    /// A frame of a server: not masked.
    func frame() throws -> Frame {
        let head = try bytes(2)
        var length = Int(head[1] & 0x7F)
        if length == 126 {
            length = try bytes(2).reduce(0) { $0 << 8 | Int($1) }
        } else if length == 127 {
            length = try bytes(8).reduce(0) { $0 << 8 | Int($1) }
        }
        return Frame(opcode: head[0] & 0x0F, data: try bytes(length))
    }

    static func masked(_ opcode: UInt8, _ data: [UInt8]) -> [UInt8] {
        let mask: [UInt8] = [0x12, 0x34, 0x56, 0x78]
        var frame: [UInt8] = [0x80 | opcode]
        if data.count < 126 {
            frame.append(0x80 | UInt8(data.count))
        } else {
            frame += [0x80 | 126, UInt8(truncatingIfNeeded: data.count >> 8), UInt8(truncatingIfNeeded: data.count)]
        }
        return frame + mask + data.enumerated().map { $0.element ^ mask[$0.offset % 4] }
    }
}

extension [UInt8] {
    fileprivate func ends(with suffix: [UInt8]) -> Bool {
        count >= suffix.count && Array(self.suffix(suffix.count)) == suffix
    }
}
