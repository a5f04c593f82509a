import EtcdAPI
import GRPCCore
import GRPCProtobuf
import StoreCore
import Synchronization

/// One watch on the cluster. When its member fails it goes on at another, from where it stood.
final class EtcdWatch: StoreWatch {
    private let inbox = WatchInbox()
    private let task: Task<Void, Never>

    init(_ store: EtcdStore, _ cluster: Cluster, _ range: KeyRange, from first: Revision) {
        let reader = EtcdWatchReader(store: store, cluster: cluster, range: range, inbox: inbox)
        task = Task { await reader.run(from: first) }
        inbox.begin(at: first - 1)
    }

    deinit { task.cancel() }

    func next(patience: Duration?) async throws -> WatchBatch {
        guard let patience else { return try await inbox.next() }
        let inbox = inbox
        return try await withThrowingTaskGroup(of: WatchBatch?.self) { group in
            group.addTask { try await inbox.next() }
            group.addTask {
                try await Task.sleep(for: patience)
                return nil
            }
            defer { group.cancelAll() }
            do {
                if let batch = try await group.next() ?? nil { return batch }
            }
            group.cancelAll()
            // What came at the last moment is not lost.
            do { if let batch = try await group.next() ?? nil { return batch } } catch is CancellationError {}
            try Task.checkCancellation()
            return WatchBatch(events: [], revision: inbox.position)
        }
    }
}

/// Keeps one watch running at some member.
private struct EtcdWatchReader: Sendable {
    let store: EtcdStore
    let cluster: Cluster
    let range: KeyRange
    let inbox: WatchInbox

    func run(from first: Revision) async {
        var failures = 0
        while !Task.isCancelled {
            let (client, index) = cluster.client
            let before = inbox.received
            do {
                try await follow(client, from: max(first, before + 1))
            } catch let error as StoreError {
                return inbox.end(error)
            } catch let error as RPCError where !error.isOfMember && error.code != .cancelled {
                return inbox.end(store.translate(error))
            } catch {
                if Task.isCancelled { return }
            }
            cluster.leave(index)
            failures = inbox.received > before ? 0 : failures + 1
            try? await Task.sleep(for: .milliseconds(min(2000, 50 * failures)))
        }
        inbox.end(CancellationError())
    }

    /// Until the member fails.
    private func follow(_ client: Client, from first: Revision) async throws {
        let (key, end) = range.wire
        let create = Etcdserverpb_WatchRequest.with {
            $0.createRequest = .with {
                $0.key = key
                $0.rangeEnd = end
                $0.startRevision = first
                $0.prevKv = true
                $0.progressNotify = true
                $0.fragment = true
            }
        }
        // A member without a leader must end the watch.
        let request = StreamingClientRequest<Etcdserverpb_WatchRequest>(metadata: ["hasleader": "true"]) { writer in
            try await writer.write(create)
            // The stream is open as long as the watch is wanted.
            try await Task.sleep(for: .seconds(1 << 30))
        }
        try await client.bidirectionalStreaming(
            request: request, descriptor: Etcdserverpb_Watch.Method.Watch.descriptor,
            serializer: ProtobufSerializer<Etcdserverpb_WatchRequest>(),
            deserializer: ProtobufDeserializer<Etcdserverpb_WatchResponse>(), options: Cluster.options
        ) { response in
            var events: [StoreEvent] = []
            for try await message in response.messages {
                events += try read(message)
                // The rest of the revision is to come.
                guard !message.fragment else { continue }
                store.note(message.header.revision)
                let revision = events.last?.revision ?? (message.created ? first - 1 : message.header.revision)
                await inbox.add(WatchBatch(events: events, revision: revision))
                events = []
            }
        }
    }

    private func read(_ message: Etcdserverpb_WatchResponse) throws -> [StoreEvent] {
        if message.compactRevision != 0 {
            store.noteCompacted(message.compactRevision)
            throw StoreError.compacted(message.compactRevision)
        }
        if message.canceled {
            // Another member may have a leader.
            throw RPCError(code: .unavailable, message: message.cancelReason)
        }
        return message.events.map(StoreEvent.init)
    }
}
