import EtcdAPI
import Foundation
import GRPCCore
import StoreCore
import Synchronization

extension Ask {
    /// One stream of watches, until it has said `count` things: a watch made or ended, an event, or progress. Each watch
    /// is told apart: how those of one stream take turns is nobody's promise.
    /// - Parameters:
    ///   - isEndless: there is more to come, of which nobody knows how much.
    ///   - isLast: the client says that it has no more requests.
    static func watch(
        _ requests: [Etcdserverpb_WatchRequest], metadata: Metadata = [:], until count: Int, isEndless: Bool = false,
        isLast: Bool = false
    ) -> Ask {
        Ask("watch \(requests.map { $0.textFormatString() })") { side in
            let said = Mutex(Said(limit: isEndless ? count : .max))
            let watching = Task {
                try await Etcdserverpb_Watch.Client(wrapping: side.client).watch(
                    metadata: metadata, options: EtcdSide.options
                ) { writer in
                    for request in requests {
                        try await writer.write(request)
                        try await Task.sleep(for: .milliseconds(30))
                    }
                    if !isLast { try await Task.sleep(for: .seconds(600)) }
                } onResponse: { response in
                    for try await message in response.messages {
                        said.withLock { $0.add(message) }
                    }
                }
            }
            for _ in 0..<1000 where said.withLock({ $0.count }) < count {
                try? await Task.sleep(for: .milliseconds(20))
            }
            // Whatever comes too much.
            if !isEndless { try? await Task.sleep(for: .milliseconds(300)) }
            watching.cancel()
            if case .failure(let error as RPCError) = await watching.result, error.code != .cancelled {
                return "\(error.code): \(error.message)"
            }
            return said.withLock { $0.text }
        }
    }

    private struct Said {
        let limit: Int
        private(set) var count = 0
        private var ofWatch: [Int64: [String]] = [:]

        init(limit: Int) { self.limit = limit }

        mutating func add(_ response: Etcdserverpb_WatchResponse) {
            let id = response.watchID
            if response.created { note(id, "created at \(response.header.revision)") }
            for event in response.events { note(id, EtcdSide.text(event).replacing("\n", with: " ")) }
            if response.canceled {
                note(id, "canceled: compacted \(response.compactRevision), \(response.cancelReason)")
            }
            if !response.created, !response.canceled, response.events.isEmpty {
                note(id, "progress at \(response.header.revision)")
            }
        }

        private mutating func note(_ id: Int64, _ text: String) {
            guard count < limit else { return }
            count += 1
            ofWatch[id, default: []].append(text)
        }

        var text: String {
            ofWatch.sorted { $0.key < $1.key }.map { "\($0.key)\n  \($0.value.joined(separator: "\n  "))" }
                .joined(separator: "\n")
        }
    }
}

extension Etcdserverpb_WatchRequest {
    static func create(
        _ key: String, _ end: String = "", from start: Revision = 0,
        _ change: (inout Etcdserverpb_WatchCreateRequest) -> Void = { _ in }
    ) -> Self {
        .with {
            $0.createRequest = .with {
                $0.key = Data(key.utf8)
                $0.rangeEnd = Data(end.utf8)
                $0.startRevision = start
                change(&$0)
            }
        }
    }

    static func cancel(_ id: Int64) -> Self { .with { $0.cancelRequest = .with { $0.watchID = id } } }

    static var progress: Self { .with { $0.progressRequest = .init() } }
}
