import EtcdAPI
import Foundation
import StoreCore
import SwiftProtobuf
import Synchronization

/// How long after a put is sent each of many watchers has its event, the sync to disk between included: ten connections
/// with ten streams each, whose watches are a thousand together.
enum WatchDelay {
    private static let puts = 60
    private static let connections = 10
    private static let streams = 10
    private static let path = "/etcdserverpb.Watch/Watch"

    /// When each watcher had each event.
    private final class Arrivals: Sendable {
        let times = Mutex<[[ContinuousClock.Instant]]>(Array(repeating: [], count: puts))
        let counts = (0..<puts).map { _ in Count() }
        let created = Count()

        final class Count: Sendable { let value = Atomic<Int>(0) }
    }

    static func run(port: Int, watchers: Int) async throws {
        let arrivals = Arrivals()
        for _ in 0..<connections {
            let socket = try FrameSocket(port: port)
            for stream in 0..<streams {
                try socket.open(UInt32(stream * 2 + 1), path)
                let request = Etcdserverpb_WatchRequest.with {
                    $0.createRequest = .with { $0.key = Data("watched".utf8) }
                }
                for _ in 0..<(watchers / connections / streams) {
                    try socket.message(UInt32(stream * 2 + 1), try request.serializedBytes())
                }
            }
            Thread.detachNewThread { follow(socket, arrivals) }
        }
        try await wait(arrivals.created, for: watchers, "watches are created")
        let sent = try await put(port, arrivals, watchers)
        let delays = arrivals.times.withLock { times in
            zip(sent, times).flatMap { sent, times in times.map { ($0 - sent).milliseconds } }
        }.sorted()
        guard delays.count == puts * watchers else {
            throw LoadFailure(description: "\(delays.count) events of \(puts * watchers)")
        }
        print("{\"watch_p50_ms\": \(delays[delays.count / 2]), \"watch_p99_ms\": \(delays[delays.count * 99 / 100])}")
    }

    private static func wait(_ count: Arrivals.Count, for wanted: Int, _ what: String) async throws {
        let limit = ContinuousClock.now + .seconds(10)
        while count.value.load(ordering: .relaxed) < wanted {
            guard .now < limit else {
                throw LoadFailure(description: "\(count.value.load(ordering: .relaxed)) of \(wanted) \(what)")
            }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    /// When each put was sent; the next comes when all watchers have it.
    private static func put(
        _ port: Int, _ arrivals: Arrivals, _ watchers: Int
    ) async throws -> [ContinuousClock.Instant] {
        var sent: [ContinuousClock.Instant] = []
        try await withServer(port) { store in
            for number in 0..<puts {
                let value = Bytes("\(number)".utf8) + Bytes(repeating: 32, count: 250)
                sent.append(.now)
                _ = try await store.apply(Transaction(success: [.put(.init(Bytes("watched".utf8), value))]))
                try await wait(arrivals.counts[number], for: watchers, "watchers have an event")
            }
        }
        return sent
    }

    /// On a thread of its own, until the connection ends.
    private static func follow(_ socket: FrameSocket, _ arrivals: Arrivals) {
        var socket = socket
        var unread: [UInt32: [UInt8]] = [:]
        do {
            while true {
                let frame = try socket.next()
                guard frame.type == FrameSocket.data else { continue }
                unread[frame.stream, default: []] += frame.payload
                while let message = take(&unread[frame.stream, default: []]) { try note(message, arrivals) }
            }
        } catch {
            socket.close()
        }
    }

    private static func note(_ message: [UInt8], _ arrivals: Arrivals) throws {
        let response = try Etcdserverpb_WatchResponse(serializedBytes: message)
        if response.created { arrivals.created.value.add(1, ordering: .relaxed) }
        for event in response.events {
            let text = String(decoding: event.kv.value.prefix { $0 != 32 }, as: UTF8.self)
            guard let number = Int(text), arrivals.counts.indices.contains(number) else { continue }
            let now = ContinuousClock.now
            arrivals.times.withLock { $0[number].append(now) }
            arrivals.counts[number].value.add(1, ordering: .relaxed)
        }
    }

    private static func take(_ bytes: inout [UInt8]) -> [UInt8]? {
        guard bytes.count >= 5 else { return nil }
        let length = bytes[1..<5].reduce(0) { $0 << 8 | Int($1) }
        guard bytes.count >= 5 + length else { return nil }
        defer { bytes.removeFirst(5 + length) }
        return Array(bytes[5..<(5 + length)])
    }
}
