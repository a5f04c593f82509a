import KubeAPI
import KubeSchema
import StoreCore

/// GET with `watch=1`: what is there, if it is asked for, and then every change until the time is over.
struct WatchHandler: Sendable {
    let registry: Registry
    let request: APIRequest
    let events: SharedEvents
    let counted: @Sendable () -> Void

    private static let bookmarkInterval = Duration.seconds(60)
    /// Upstream's --min-request-timeout; watches without a time last once to twice as long.
    private static let leastSeconds: Int64 = 1800
    private static let pieceBytes = 64 << 10

    func run() async throws -> HTTPResponse {
        let list = try ListQuery(request.query)
        try list.check(isWatch: true)
        let selection = try Selection(
            labelSelector: request.query["labelSelector"], fieldSelector: request.query["fieldSelector"],
            request.served)
        if let revision = list.revision, revision > 0 { try await registry.wait(for: revision) }
        let encoder = WatchEncoder(encoder: try request.encoder())
        // Found out before the head is sent.
        _ = try encoder.bookmark(1, endsInitialEvents: false)
        var response = HTTPResponse(headers: [
            "Content-Type": request.form.streamType, "Cache-Control": "no-cache, private",
        ])
        request.addWarnings(to: &response)
        response.body = .stream(isLong: true) { [self] writer in
            do {
                try await stream(list, selection, encoder, writer)
            } catch is CancellationError {
                // The server ends, or the client has gone.
            } catch let error as StoreError {
                try await writer.write(try encoder.error(Self.status(error)))
            } catch let status as Status {
                try await writer.write(try encoder.error(status))
            }
        }
        return response
    }

    private static func status(_ error: StoreError) -> Status {
        guard case .compacted(let revision) = error else { return ErrorAnswer.status(error) }
        return .expired("too old resource version: (\(revision))")
    }

    private func stream(
        _ list: ListQuery, _ selection: Selection, _ encoder: WatchEncoder, _ writer: ResponseWriter
    ) async throws {
        let seconds = list.timeoutSeconds.flatMap { $0 > 0 ? min($0, 86_400) : nil }
        let end = ContinuousClock.now + .seconds(seconds ?? Int64.random(in: Self.leastSeconds...2 * Self.leastSeconds))
        let range = request.range(selection)
        var sink = FrameSink(writer: writer, pieceBytes: Self.pieceBytes)
        var seen = list.revision ?? 0
        // Without a version, or with version 0, everything there is comes first; so it does when it is asked for.
        if seen == 0 && list.sendsInitialEvents != false || list.sendsInitialEvents == true {
            seen = try await sendCurrent(range, selection, encoder, &sink)
            if list.sendsInitialEvents == true {
                try await sink.add(try encoder.bookmark(seen, endsInitialEvents: true))
            }
            try await sink.flush()
        } else if seen == 0 {
            seen = try await registry.store.currentRevision()
        }
        let watch = try await registry.store.watch(range, from: seen + 1)
        var bookmark = ContinuousClock.now + Self.bookmarkInterval
        while true {
            let next = list.allowsBookmarks ? min(end, bookmark) : end
            let patience = ContinuousClock.now.duration(to: next)
            if patience > .zero {
                let batch = try await watch.next(patience: patience)
                for event in batch.events { try await send(event, selection, encoder, &sink) }
                try await sink.flush()
                seen = max(seen, batch.revision)
            }
            let now = ContinuousClock.now
            if now >= end {
                // So that the client goes on where this one ends.
                if list.allowsBookmarks { try await writer.write(try encoder.bookmark(seen, endsInitialEvents: false)) }
                return
            }
            if list.allowsBookmarks, now >= bookmark {
                try await writer.write(try encoder.bookmark(seen, endsInitialEvents: false))
                bookmark = now + Self.bookmarkInterval
            }
        }
    }

    private func sendCurrent(
        _ range: KeyRange, _ selection: Selection, _ encoder: WatchEncoder, _ sink: inout FrameSink
    ) async throws -> Revision {
        let (result, revision) = try await registry.store.range(RangeQuery(range))
        for keyValue in result.keyValues {
            if !selection.isEverything {
                let object = try encoder.encoder.stored.tree(keyValue, leavingOut: JSONParser.managedFields)
                guard selection.matches(object) else { continue }
            }
            try await sink.add(
                try encoder.frame(.added, keyValue, revision: keyValue.modRevision, isFirst: sink.isFirst))
        }
        return revision
    }

    /// What a change is for this watcher: an object that begins to be selected is new to it.
    private func send(
        _ event: StoreEvent, _ selection: Selection, _ encoder: WatchEncoder, _ sink: inout FrameSink
    ) async throws {
        let isNow = try event.kind == .put && matches(event.keyValue, event, selection, encoder, isPrevious: false)
        let wasBefore =
            try event.previous.map { try matches($0, event, selection, encoder, isPrevious: true) } ?? false
        let type: WatchEncoder.EventType
        let shown: KeyValue
        switch (wasBefore, isNow, event.previous) {
        case (false, true, _): (type, shown) = (.added, event.keyValue)
        case (true, true, _): (type, shown) = (.modified, event.keyValue)
        case (true, false, let previous?): (type, shown) = (.deleted, previous)
        default: return
        }
        counted()
        let isFirst = sink.isFirst && encoder.encoder.form.shape != .object
        let make = { try encoder.frame(type, shown, revision: event.revision, isFirst: isFirst) }
        if isFirst { return try await sink.add(try make()) }
        let key = SharedEvents.Key(
            revision: event.revision, key: event.key, apiVersion: request.served.definition.apiVersion, type: type,
            form: encoder.encoder.form, rowObjects: encoder.encoder.rowObjects)
        try await sink.add(try events.frame(key, make))
    }

    private func matches(
        _ keyValue: KeyValue, _ event: StoreEvent, _ selection: Selection, _ encoder: WatchEncoder, isPrevious: Bool
    ) throws -> Bool {
        if selection.isEverything { return true }
        let key = SharedEvents.TreeKey(
            revision: event.revision, key: event.key, apiVersion: request.served.definition.apiVersion,
            isPrevious: isPrevious)
        let tree = try events.tree(key, cost: keyValue.value.count) {
            try encoder.encoder.stored.tree(keyValue, leavingOut: JSONParser.managedFields)
        }
        return selection.matches(tree)
    }
}

/// Gathers frames into pieces of some size.
struct FrameSink {
    private let writer: ResponseWriter
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
