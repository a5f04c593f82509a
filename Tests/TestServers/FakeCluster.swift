import KubeAPI
import Synchronization

/// An API server that keeps objects: answers lists and watches (with initial events and bookmarks), sends every change
/// to the watches, and collects the Events that are posted.
public final class FakeCluster: Sendable {
    fileprivate struct Change {
        let version: Int
        let path: String
        let line: String
    }

    fileprivate struct State {
        var version = 1
        /// By path of the collection, then by `namespace/name`.
        var objects: [String: [String: JSONValue]] = [:]
        var changes: [Change] = []
        var watches: [(path: String, lines: AsyncStream<String>.Continuation)] = []
        var events: [JSONValue] = []
    }

    private let state = Mutex(State())
    private let server = Mutex<FakeAPIServer?>(nil)

    public init() {}

    /// The Events that were posted, in their order.
    public var events: [JSONValue] { state.withLock { $0.events } }
    public var requests: [FakeAPIServer.Request] { server.withLock { $0?.requests } ?? [] }
    public var port: Int { server.withLock { $0?.port } ?? 0 }

    /// Serves on a listening socket, which it takes over.
    public func start(adopting socket: CInt) async throws {
        let new = FakeAPIServer { [weak self] request, exchange in try await self?.answer(request, exchange) }
        try await new.start(adopting: socket)
        server.withLock { $0 = new }
    }

    public func stop() async {
        for watch in state.withLock({ $0.watches }) { watch.lines.finish() }
        await server.withLock { $0 }?.stop()
    }

    // MARK: Objects

    /// Creates or replaces an object in the collection at `path`, such as `/api/v1/services`.
    public func apply(_ object: JSONValue, at path: String) {
        state.withLock { state in
            state.version += 1
            let object = Self.with(version: state.version, object)
            let isNew = state.objects[path, default: [:]].updateValue(object, forKey: Self.key(object)) == nil
            state.tell(isNew ? "ADDED" : "MODIFIED", object, path)
        }
    }

    /// Deletes it; nothing happens when there is none.
    public func delete(_ object: JSONValue, at path: String) {
        state.withLock { state in
            guard let old = state.objects[path]?.removeValue(forKey: Self.key(object)) else { return }
            state.version += 1
            state.tell("DELETED", Self.with(version: state.version, old), path)
        }
    }

    private static func key(_ object: JSONValue) -> String {
        "\(object["metadata"]?["namespace"]?.string ?? "")/\(object["metadata"]?["name"]?.string ?? "")"
    }

    private static func with(version: Int, _ object: JSONValue) -> JSONValue {
        guard case .object(var whole) = object, case .object(var metadata)? = whole["metadata"] else { return object }
        metadata["resourceVersion"] = .string("\(version)")
        whole["metadata"] = .object(metadata)
        return .object(whole)
    }

    // MARK: Answers

    private func answer(_ request: FakeAPIServer.Request, _ exchange: FakeAPIServer.Exchange) async throws {
        if request.method == "POST" {
            let event = try? JSONParser.parse(Array(request.body.utf8))
            state.withLock { $0.events += event.map { [$0] } ?? [] }
            try await exchange.reply(201, request.body)
        } else if request.isWatch {
            try await watch(request, exchange)
        } else {
            try await exchange.reply(200, list(request.path))
        }
    }

    private func list(_ path: String) -> String {
        state.withLock { state in
            let items = (state.objects[path] ?? [:]).values.map { JSONWriter.text($0) }.joined(separator: ",")
            return """
                {"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"\(state.version)"},"items":[\(items)]}
                """
        }
    }

    private func watch(_ request: FakeAPIServer.Request, _ exchange: FakeAPIServer.Exchange) async throws {
        let (lines, continuation) = AsyncStream.makeStream(of: String.self)
        let first = state.withLock { state in
            state.watches.append((request.path, continuation))
            guard request.isInitialWatch else {
                let since = Int(request.query["resourceVersion"] ?? "") ?? 0
                return state.changes.filter { $0.path == request.path && $0.version > since }.map(\.line)
            }
            return (state.objects[request.path] ?? [:]).values.map { Self.event("ADDED", $0) } + [
                Self.bookmark(state.version)
            ]
        }
        try await exchange.head(200, headers: [("Content-Type", "application/json")])
        for line in first { try await exchange.line(line) }
        for await line in lines { try await exchange.line(line) }
        try await exchange.end()
    }

    fileprivate static func event(_ type: String, _ object: JSONValue) -> String {
        JSONWriter.text(["type": .string(type), "object": object])
    }

    private static func bookmark(_ version: Int) -> String {
        event(
            "BOOKMARK",
            [
                "metadata": [
                    "resourceVersion": .string("\(version)"),
                    "annotations": ["k8s.io/initial-events-end": "true"],
                ]
            ])
    }
}

extension FakeCluster.State {
    fileprivate mutating func tell(_ type: String, _ object: JSONValue, _ path: String) {
        let line = FakeCluster.event(type, object)
        changes.append(FakeCluster.Change(version: version, path: path, line: line))
        for watch in watches where watch.path == path { watch.lines.yield(line) }
    }
}
