import KubeAPI
import KubeSchema
import StoreCore

/// GET with `watch=1`: what is there, if it is asked for, and then every change until the time is over.
struct WatchHandler: Sendable {
    let registry: Registry
    let request: APIRequest
    let events: SharedEvents
    /// nil where the store does not say at once that nothing is missing, as an etcd elsewhere.
    let groups: WatchGroups?
    let counted: @Sendable (Int) -> Void

    private static let bookmarkInterval = Duration.seconds(60)
    /// Upstream's --min-request-timeout; watches without a time last once to twice as long.
    private static let leastSeconds: Int64 = 1800
    private static let pieceBytes = 64 << 10
    /// How often a client that has much to take is looked at when nothing changes.
    private static let slowClientInterval = Duration.seconds(1)

    func run() async throws -> HTTPResponse {
        let list = try ListQuery(request.query)
        try list.check(isWatch: true)
        let selection = try request.selection()
        if let revision = list.revision, revision > 0 { try await registry.wait(for: revision) }
        let encoder = WatchEncoder(encoder: try request.encoder())
        // Found out before the head is sent.
        _ = try encoder.bookmark(1, endsInitialEvents: false)
        let frames = WatchFrames(
            selection: selection, encoder: encoder, shared: events, apiVersion: request.served.definition.apiVersion)
        let range = request.range(selection)
        var response = HTTPResponse(headers: [
            "Content-Type": request.form.streamType, "Cache-Control": "no-cache, private",
        ])
        request.addWarnings(to: &response)
        response.body = .stream(isLong: true) { [self] writer in
            do {
                try await stream(list, frames, range, writer)
            } catch is CancellationError {
                // The server ends, or the client has gone.
            } catch let error as StoreError {
                try await writer.write(try encoder.error(Self.status(error, list.revision ?? 0)))
            } catch let status as Status {
                try await writer.write(try encoder.error(status))
            }
        }
        return response
    }

    private static func status(_ error: StoreError, _ asked: Revision) -> Status {
        guard case .compacted(let oldest) = error else { return ErrorAnswer.status(error) }
        return .expired("too old resource version: \(asked) (\(oldest))")
    }

    private func stream(
        _ list: ListQuery, _ frames: WatchFrames, _ range: KeyRange, _ writer: ResponseWriter
    ) async throws {
        let seconds = list.timeoutSeconds.flatMap { $0 > 0 ? min($0, 86_400) : nil }
        let end = ContinuousClock.now + .seconds(seconds ?? Int64.random(in: Self.leastSeconds...2 * Self.leastSeconds))
        var sink = FrameSink(writer: writer, pieceBytes: Self.pieceBytes)
        var seen = list.revision ?? 0
        // Without a version, or with version 0, everything there is comes first; so it does when it is asked for.
        if seen == 0 && list.sendsInitialEvents != false || list.sendsInitialEvents == true {
            seen = try await sendCurrent(range, frames, &sink)
            if list.sendsInitialEvents == true, list.allowsBookmarks {
                try await sink.add(try frames.encoder.bookmark(seen, endsInitialEvents: true))
            }
            try await sink.flush()
        } else if seen == 0 {
            seen = try await registry.store.currentRevision()
        }
        if sharesGroup, let groups {
            seen = try await followTogether(groups, seen, until: end, list, frames, range, &sink)
        } else {
            seen = try await followAlone(seen, until: end, list, frames, range, &sink)
        }
        // So that the client goes on where this one ends.
        if list.allowsBookmarks {
            try await writer.write(try frames.encoder.bookmark(seen, endsInitialEvents: false))
        }
    }

    /// Tables name their columns once and show ages; custom resources change what they are.
    private var sharesGroup: Bool {
        if case .table = request.form.shape { return false }
        return request.served.custom == nil
    }

    /// Returns what has been seen when the time is over.
    private func followTogether(
        _ groups: WatchGroups, _ first: Revision, until end: ContinuousClock.Instant, _ list: ListQuery,
        _ frames: WatchFrames,
        _ range: KeyRange, _ sink: inout FrameSink
    ) async throws -> Revision {
        let key = WatchGroups.Key(
            range: range, labelSelector: request.query["labelSelector"] ?? "",
            fieldSelector: request.query["fieldSelector"] ?? "", apiVersion: frames.apiVersion, form: request.form)
        let store = registry.store
        var seen = first
        while true {
            seen = try await catchUp(seen, until: end, frames, range, &sink)
            let member = WatchMember(sink.writer, seen: seen, takesBookmarks: list.allowsBookmarks)
            let group = groups.join(member, key, { try await store.watch(range, from: $0) }) {
                WatchGroup(frames, from: $0, counted: counted)
            }
            guard let group else { continue }
            let outcome = await member.stay(until: end)
            groups.leave(member, group, key)
            seen = member.seen
            switch outcome {
            case .time: return seen
            case .alone: break
            case .cancelled: throw CancellationError()
            }
        }
    }

    /// Writes what there is, waiting for the client; returns when there is no more and the client has taken it.
    private func catchUp(
        _ first: Revision, until end: ContinuousClock.Instant, _ frames: WatchFrames, _ range: KeyRange,
        _ sink: inout FrameSink
    ) async throws -> Revision {
        let watch = try await registry.store.watch(range, from: first + 1)
        var seen = first
        while true {
            let hasRoom = sink.writer.hasRoom
            let batch = try await watch.next(patience: hasRoom ? .zero : Self.slowClientInterval)
            try await send(batch, frames, &sink)
            seen = max(seen, batch.revision)
            if batch.events.isEmpty, hasRoom || end <= .now { return seen }
        }
    }

    /// The same with a reader of its own.
    private func followAlone(
        _ first: Revision, until end: ContinuousClock.Instant, _ list: ListQuery, _ frames: WatchFrames,
        _ range: KeyRange, _ sink: inout FrameSink
    ) async throws -> Revision {
        let watch = try await registry.store.watch(range, from: first + 1)
        var seen = first
        var bookmark = ContinuousClock.now + Self.bookmarkInterval
        while true {
            let next = list.allowsBookmarks ? min(end, bookmark) : end
            let patience = ContinuousClock.now.duration(to: next)
            if patience > .zero {
                let batch = try await watch.next(patience: patience)
                try await send(batch, frames, &sink)
                seen = max(seen, batch.revision)
            }
            let now = ContinuousClock.now
            if now >= end { return seen }
            if list.allowsBookmarks, now >= bookmark {
                try await sink.add(try frames.encoder.bookmark(seen, endsInitialEvents: false))
                try await sink.flush()
                bookmark = now + Self.bookmarkInterval
            }
        }
    }

    private func sendCurrent(
        _ range: KeyRange, _ frames: WatchFrames, _ sink: inout FrameSink
    ) async throws -> Revision {
        let (result, revision) = try await registry.store.range(RangeQuery(range))
        for keyValue in result.keyValues {
            if let frame = try frames.initialFrame(keyValue, isFirst: sink.isFirst) { try await sink.add(frame) }
        }
        return revision
    }

    private func send(_ batch: WatchBatch, _ frames: WatchFrames, _ sink: inout FrameSink) async throws {
        for event in batch.events {
            guard let frame = try frames.frame(event, isFirst: sink.isFirst) else { continue }
            counted(1)
            try await sink.add(frame)
        }
        try await sink.flush()
    }
}

/// Gathers frames into pieces of some size.
struct FrameSink {
    let writer: ResponseWriter
    private let pieceBytes: Int
    private var bytes: [UInt8] = []
    private(set) var isFirst = true

    init(writer: ResponseWriter, pieceBytes: Int) {
        self.writer = writer
        self.pieceBytes = pieceBytes
    }

    mutating func add(_ frame: [UInt8]) async throws {
        isFirst = false
        if bytes.isEmpty { bytes = frame } else { bytes += frame }
        if bytes.count >= pieceBytes { try await flush() }
    }

    mutating func flush() async throws {
        guard !bytes.isEmpty else { return }
        let piece = bytes
        bytes = []
        try await writer.write(piece)
    }
}
