import EtcdAPI
import GRPCServer
import Store
import StoreCore
import Synchronization

/// The watches of one stream. One task reads what their client has not seen yet and puts it on its way, as fast as the
/// client takes it; it looks at those watches alone whose keys have changed.
final class WatchSession: Sendable {
    fileprivate struct Active: Sendable {
        let id: Int64
        let order: WatchOrder
        var position: WatchPosition
        /// When its client hears of progress next, if it wants to.
        var progressAt: ContinuousClock.Instant?
    }

    fileprivate struct State {
        /// By the number that their range has in the subscription.
        var watches: [UInt64: Active] = [:]
        var numbers: [Int64: UInt64] = [:]
        /// Watches that have not read all there is.
        var behind: Set<UInt64> = []
        var nextID: Int64 = 0
        var isProgressWanted = false
    }

    private let server: ServerState
    private let output: MessageStream<WatchRequest, WatchResponse>
    private let subscription: WatchSubscription
    /// What a watch writes is put on its way under it: nothing of a watch comes behind its end.
    private let state = Mutex(State())

    init(_ server: ServerState, _ output: MessageStream<WatchRequest, WatchResponse>) {
        self.server = server
        self.output = output
        subscription = server.store.subscription()
    }

    /// Takes requests while the watches are followed, which go on when the client has no more requests.
    func run() async throws {
        defer { subscription.removeAll() }
        let following = Task {
            do {
                try await follow()
            } catch {
                // Its client begins anew with another stream.
                if !Task.isCancelled { output.end(RPCStatus(error)) }
            }
        }
        defer { following.cancel() }
        while let request = try await output.next() {
            try handle(request)
            try await output.room()
        }
        await withTaskCancellationHandler {
            await following.value
        } onCancel: {
            following.cancel()
        }
    }

    private func handle(_ request: WatchRequest) throws {
        switch request.requestUnion {
        case .createRequest(let create): try self.create(create)
        case .cancelRequest(let cancel): try self.cancel(cancel.watchID)
        case .progressRequest:
            state.withLock { $0.isProgressWanted = true }
            try tellProgressIfDue()
        case nil: return
        }
    }

    // MARK: Requests

    private func create(_ request: WatchCreateRequest) throws {
        let order = WatchOrder(request)
        let latest = server.store.revisions.latest
        if order.range.isEmpty { return try refuse("mvcc: watcher range is empty", at: latest) }
        if order.start < 0 { return try refuse(StoreError.compacted(order.start).description, at: latest) }
        // Registered first: nothing that comes from now on is missed.
        let number = subscription.add(order.range)
        let position = WatchPosition(next: order.start == 0 ? latest + 1 : order.start)
        let isNew = try state.withLock { state in
            guard let id = state.choose(request.watchID) else { return false }
            var created = response(id, at: latest)
            created.created = true
            try output.enqueue([created])
            state.numbers[id] = number
            state.watches[number] = Active(
                id: id, order: order, position: position, progressAt: progressTime(order))
            state.behind.insert(number)
            return true
        }
        if isNew { return subscription.nudge() }
        subscription.remove(number)
        try refuse("mvcc: duplicate watch ID provided on the WatchStream", at: latest)
    }

    private func refuse(_ reason: String, at revision: Revision) throws {
        var refused = response(-1, at: revision)
        refused.created = true
        refused.canceled = true
        refused.cancelReason = reason
        try output.enqueue([refused])
    }

    private func cancel(_ id: Int64) throws {
        let canceled = with(response(id, at: server.store.revisions.latest)) { $0.canceled = true }
        let number = try state.withLock { state in
            let number = state.numbers[id]
            guard let number else { return number }
            state.remove(number)
            try output.enqueue([canceled])
            return number
        }
        guard let number else { return }
        subscription.remove(number)
        try tellProgressIfDue()
    }

    // MARK: Following

    private func follow() async throws {
        while true {
            try await output.room()
            note(subscription.take())
            if try readSome() { continue }
            try tellProgressIfDue()
            let deadline = state.withLock { $0.watches.values.lazy.compactMap(\.progressAt).min() }
            note(try await subscription.wait(until: deadline))
            try tellIdleWatches()
        }
    }

    private func note(_ wake: WatchSubscription.Wake) {
        guard case .changed(let changed) = wake else { return }
        state.withLock { state in
            for (number, first) in changed {
                guard state.watches[number] != nil else { continue }
                state.watches[number]?.position.changed(from: first)
                state.behind.insert(number)
            }
        }
    }

    /// A part for each watch that is behind. False when none was.
    private func readSome() throws -> Bool {
        let behind = state.withLock { state in
            state.behind.sorted().compactMap { number in state.watches[number].map { (number, $0) } }
        }
        guard !behind.isEmpty else { return false }
        var pass = WatchPass(server)
        for (number, watch) in behind {
            do {
                let read = try pass.read(watch.order, from: watch.position.next)
                var position = watch.position
                position.read(read.batch, latest: server.store.revisions.latest)
                try state.withLock { state in
                    // It may have been cancelled meanwhile.
                    guard state.watches[number] != nil else { return }
                    state.watches[number]?.position = position
                    if position.isCurrent { state.behind.remove(number) }
                    guard !read.parts.isEmpty else { return }
                    state.watches[number]?.progressAt = progressTime(watch.order)
                    try output.enqueue(try read.messages(response(watch.id, at: read.revision)))
                }
            } catch StoreError.compacted(let revision) {
                try end(number, watch.id, compacted: revision)
            }
        }
        return true
    }

    private func end(_ number: UInt64, _ id: Int64, compacted revision: Revision) throws {
        subscription.remove(number)
        let canceled = with(response(id, at: server.store.revisions.latest)) {
            $0.canceled = true
            $0.compactRevision = revision
        }
        try state.withLock { state in
            guard state.watches[number] != nil else { return }
            state.remove(number)
            try output.enqueue([canceled])
        }
    }

    // MARK: Progress

    private func progressTime(_ order: WatchOrder) -> ContinuousClock.Instant? {
        order.wantsProgress ? .now + server.limits.progressInterval : nil
    }

    /// Those that asked for it, and have had nothing for a while.
    private func tellIdleWatches() throws {
        let now = ContinuousClock.now
        guard case .quiet(let told) = subscription.peek() else { return }
        let latest = server.store.revisions.latest
        try state.withLock { state in
            guard state.behind.isEmpty else { return }
            for (number, watch) in state.watches where watch.progressAt.map({ $0 <= now }) ?? false {
                state.watches[number]?.progressAt = progressTime(watch.order)
                try output.enqueue([response(watch.id, at: min(latest, max(told, watch.position.seen)))])
            }
        }
    }

    /// Answers a request for progress once every watch of the stream has written all that there is: what is written
    /// after the answer is of later revisions.
    private func tellProgressIfDue() throws {
        guard case .quiet(let told) = subscription.peek() else { return }
        let latest = server.store.revisions.latest
        try state.withLock { state in
            guard state.isProgressWanted, state.behind.isEmpty,
                let seen = state.watches.values.lazy.map({ max($0.position.seen, told) }).min(),
                // A watch that begins later says nothing yet.
                state.watches.values.allSatisfy({ $0.position.seen <= latest })
            else { return }
            state.isProgressWanted = false
            try output.enqueue([response(-1, at: min(seen, latest))])
        }
    }

    private func response(_ id: Int64, at revision: Revision) -> WatchResponse {
        var response = WatchResponse()
        response.header = server.identity.header(revision)
        response.watchID = id
        return response
    }

    private func with(_ response: WatchResponse, _ change: (inout WatchResponse) -> Void) -> WatchResponse {
        var response = response
        change(&response)
        return response
    }
}

extension WatchSession.State {
    /// The client's own number for a watch, or the next that is free; nil for one that is taken.
    fileprivate mutating func choose(_ wanted: Int64) -> Int64? {
        if wanted != 0 { return numbers[wanted] == nil ? wanted : nil }
        while numbers[nextID] != nil { nextID += 1 }
        defer { nextID += 1 }
        return nextID
    }

    fileprivate mutating func remove(_ number: UInt64) {
        if let id = watches.removeValue(forKey: number)?.id { numbers[id] = nil }
        behind.remove(number)
    }
}
