import EtcdAPI
import GRPCCore
import Store
import StoreCore
import Synchronization

/// The watches of one stream. Each has a task that reads what its client has not seen yet and writes it, as fast as the
/// client takes it.
final class WatchSession: Sendable {
    private struct Active: Sendable {
        let order: WatchOrder
        /// The stream has everything up to here.
        var written: Revision
        var task: Task<Void, Never>?
    }

    private struct State {
        var watches: [Int64: Active] = [:]
        var nextID: Int64 = 0
        var isProgressWanted = false
    }

    private let server: ServerState
    private let output: RPCWriter<WatchResponse>
    private let end: @Sendable () -> Void
    private let state = Mutex(State())

    /// `end` is called when a watch cannot go on and the stream must end.
    init(_ server: ServerState, _ output: RPCWriter<WatchResponse>, end: @escaping @Sendable () -> Void) {
        self.server = server
        self.output = output
        self.end = end
    }

    func handle(_ request: WatchRequest) async throws {
        switch request.requestUnion {
        case .createRequest(let create): try await self.create(create)
        case .cancelRequest(let cancel): try await self.cancel(cancel.watchID)
        case .progressRequest:
            state.withLock { $0.isProgressWanted = true }
            try await tellProgressIfDue()
        case nil: return
        }
    }

    /// Ends all watches, and returns when none writes any more.
    func close() async {
        let tasks = state.withLock { state in
            defer { state.watches = [:] }
            return state.watches.values.compactMap(\.task)
        }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }

    // MARK: Requests

    private func create(_ request: WatchCreateRequest) async throws {
        let order = WatchOrder(request)
        let latest = server.store.revisions.latest
        if order.range.isEmpty { return try await refuse("mvcc: watcher range is empty", at: latest) }
        let first = order.start == 0 ? latest + 1 : order.start
        let id: Int64? = state.withLock { state in
            var id = request.watchID
            if id == 0 {
                while state.watches[state.nextID] != nil { state.nextID += 1 }
                id = state.nextID
                state.nextID += 1
            } else if state.watches[id] != nil {
                return nil
            }
            state.watches[id] = Active(order: order, written: first - 1)
            return id
        }
        guard let id else {
            return try await refuse("mvcc: duplicate watch ID provided on the WatchStream", at: latest)
        }
        var created = response(id, at: latest)
        created.created = true
        try await output.write(created)
        let task = Task { await follow(id, order, from: first) }
        let isGone = state.withLock { state in
            state.watches[id]?.task = task
            return state.watches[id] == nil
        }
        if isGone { task.cancel() }
    }

    private func refuse(_ reason: String, at revision: Revision) async throws {
        var refused = response(-1, at: revision)
        refused.created = true
        refused.canceled = true
        refused.cancelReason = reason
        try await output.write(refused)
    }

    private func cancel(_ id: Int64) async throws {
        guard let watch = state.withLock({ $0.watches[id] }) else { return }
        watch.task?.cancel()
        await watch.task?.value
        // It may have ended by itself, and said so.
        guard state.withLock({ $0.watches.removeValue(forKey: id) }) != nil else { return }
        var canceled = response(id, at: server.store.revisions.latest)
        canceled.canceled = true
        try await output.write(canceled)
        try await tellProgressIfDue()
    }

    // MARK: Following

    private func follow(_ id: Int64, _ order: WatchOrder, from first: Revision) async {
        do {
            let source = try await server.store.watch(order.range, from: first)
            while true {
                let batch = try await source.next(patience: order.wantsProgress ? server.limits.progressInterval : nil)
                try await write(batch, of: id, order)
            }
        } catch StoreError.compacted(let revision) {
            guard state.withLock({ $0.watches.removeValue(forKey: id) }) != nil else { return }
            var canceled = response(id, at: server.store.revisions.latest)
            canceled.canceled = true
            canceled.compactRevision = revision
            canceled.cancelReason = StoreError.compacted(revision).description
            try? await output.write(canceled)
        } catch is CancellationError {
            return
        } catch {
            end()
        }
    }

    private func write(_ batch: WatchBatch, of id: Int64, _ order: WatchOrder) async throws {
        let events = batch.events.filter(order.shows)
        let isProgress = batch.events.isEmpty
        if !events.isEmpty || isProgress {
            var parts = [events[...]]
            if order.mayFragment { parts = Fragments.split(events, limit: server.limits.messageBytes) }
            for (index, part) in parts.enumerated() {
                var response = response(id, at: min(batch.revision, server.store.revisions.latest))
                response.fragment = index < parts.count - 1
                response.events = part.map { Mvccpb_Event($0, withPrevious: order.wantsPrevious) }
                try await output.write(response)
            }
        }
        let isProgressWanted = state.withLock { state in
            state.watches[id]?.written = batch.revision
            return state.isProgressWanted
        }
        if isProgressWanted { try await tellProgressIfDue() }
    }

    // MARK: Progress

    /// Answers a request for progress once every watch of the stream has written all that there is: what is written
    /// after the answer is of later revisions.
    private func tellProgressIfDue() async throws {
        let watches = state.withLock { $0.isProgressWanted ? Array($0.watches.values) : [] }
        guard !watches.isEmpty else { return }
        var revision = server.store.revisions.latest
        for watch in watches {
            let unwritten = try server.store.changes(watch.order.range, from: watch.written + 1, limit: 1)
            guard unwritten.events.isEmpty else { return }
            // A watch that begins later says nothing yet.
            guard watch.written <= revision else { return }
            revision = min(revision, unwritten.revision)
        }
        let isMine = state.withLock { state in
            defer { state.isProgressWanted = false }
            return state.isProgressWanted
        }
        if isMine { try await output.write(response(-1, at: revision)) }
    }

    private func response(_ id: Int64, at revision: Revision) -> WatchResponse {
        var response = WatchResponse()
        response.header = server.identity.header(revision)
        response.watchID = id
        return response
    }
}
