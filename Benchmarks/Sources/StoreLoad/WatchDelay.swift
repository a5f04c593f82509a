import EtcdAPI
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Synchronization

/// How long after the answer to a put each of many watchers has its event: ten connections with a hundred watches each
/// for a thousand.
enum WatchDelay {
    private static let puts = 60
    private static let connections = 10

    /// When each watcher had each event.
    private final class Arrivals: Sendable {
        let times = Mutex<[[ContinuousClock.Instant]]>(Array(repeating: [], count: puts))
        let created = Atomic<Int>(0)

        func note(_ number: Int) {
            let now = ContinuousClock.now
            times.withLock { $0[number].append(now) }
        }
    }

    static func run(port: Int, watchers: Int) async throws {
        let arrivals = Arrivals()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<connections {
                group.addTask { try await watch(port, watchers / connections, arrivals) }
            }
            while arrivals.created.load(ordering: .relaxed) < watchers { try await Task.sleep(for: .milliseconds(10)) }
            let answered = try await put(port, arrivals, watchers)
            group.cancelAll()
            while let _ = try? await group.next() {}
            let delays = arrivals.times.withLock { times in
                zip(answered, times).flatMap { answer, times in times.map { max(0, ($0 - answer).milliseconds) } }
            }.sorted()
            guard delays.count == puts * watchers else {
                throw RPCError(code: .dataLoss, message: "\(delays.count) events of \(puts * watchers)")
            }
            print(
                "{\"watch_p50_ms\": \(delays[delays.count / 2]), \"watch_p99_ms\": \(delays[delays.count * 99 / 100])}")
        }
    }

    /// When each put was sent; the next comes when all watchers have it.
    private static func put(_ port: Int, _ arrivals: Arrivals, _ watchers: Int) async throws -> [ContinuousClock
        .Instant]
    {
        let answered = Mutex<[ContinuousClock.Instant]>([])
        try await withServer(port) { client in
            let store = Etcdserverpb_KV.Client(wrapping: client)
            for number in 0..<puts {
                _ = try await store.put(
                    .with {
                        $0.key = Data("watched".utf8)
                        $0.value = Data("\(number)".utf8) + Data(repeating: 32, count: 250)
                    })
                answered.withLock { $0.append(.now) }
                let limit = ContinuousClock.now + .seconds(5)
                while arrivals.times.withLock({ $0[number].count }) < watchers, .now < limit {
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
        }
        return answered.withLock { $0 }
    }

    private static func watch(_ port: Int, _ count: Int, _ arrivals: Arrivals) async throws {
        try await withServer(port) { client in
            try await Etcdserverpb_Watch.Client(wrapping: client).watch { writer in
                for _ in 0..<count {
                    try await writer.write(.with { $0.createRequest = .with { $0.key = Data("watched".utf8) } })
                }
                try await Task.sleep(for: .seconds(600))
            } onResponse: { response in
                for try await message in response.messages {
                    if message.created { arrivals.created.add(1, ordering: .relaxed) }
                    for event in message.events {
                        let number = Int(String(decoding: event.kv.value.prefix { $0 != 32 }, as: UTF8.self))
                        if let number { arrivals.note(number) }
                    }
                }
            }
        }
    }
}
