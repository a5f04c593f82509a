import ControlLoops
import KubeAPI
import Logging
import Synchronization

/// All objects of a resource, kept up to date by a reflector, with indexes; its handlers hear of every change.
///
/// Handlers run one at a time on the reflector's task, after the index has changed, and must not block: they note what
/// is to be done and return.
public final class Informer: Sendable {
    public enum Change: Sendable {
        case added(APIObject)
        case updated(old: APIObject, new: APIObject)
        /// As it was last seen.
        case deleted(APIObject)

        /// The object as it is, or was.
        public var object: APIObject {
            switch self {
            case .added(let object), .updated(_, let object), .deleted(let object): object
            }
        }

        public var old: APIObject? {
            switch self {
            case .added: nil
            case .updated(let old, _), .deleted(let old): old
            }
        }

        /// nil when it is gone.
        public var new: APIObject? {
            switch self {
            case .added(let object), .updated(_, let object): object
            case .deleted: nil
            }
        }
    }

    public typealias Handler = @Sendable (Change) -> Void
    /// Changes what is kept of an object, to save memory.
    public typealias Transform = @Sendable (APIObject) -> APIObject

    private struct State {
        var index: ObjectIndex<APIObject>
        var handlers: [Handler] = []
        /// uids of what was deleted last, so that a late answer to a write does not bring one back.
        var graves = RecentSet<String>(capacity: Informer.graveCount)
        /// Keys seen since `replaceBegin`; nil between pictures.
        var seen: Set<NamespacedName>?

        init(index: ObjectIndex<APIObject>) { self.index = index }
    }

    /// How many deleted objects are remembered: more than answers can be under way.
    private static let graveCount = 1024

    public let resource: GroupVersionResource
    private let client: KubeClient
    private let selection: ResourceSelection
    private let transform: Transform?
    private let logger: Logger
    private let state: Mutex<State>
    private let synced = Latch()

    public init(
        _ resource: GroupVersionResource, client: KubeClient, fieldSelector: String = "", labelSelector: String = "",
        contents: ResourceSelection.Contents = .whole,
        indexes: [String: ObjectIndex<APIObject>.Indexer] = [:], transform: Transform? = nil, logger: Logger
    ) {
        self.resource = resource
        self.client = client
        self.transform = transform
        self.logger = logger
        var selection = ResourceSelection(resource, fieldSelector: fieldSelector, labelSelector: labelSelector)
        selection.contents = contents
        self.selection = selection
        state = Mutex(State(index: ObjectIndex(indexes)))
    }

    /// Handlers that come late hear of every object there is as added. An object that changes at that very moment may
    /// be told twice.
    public func addHandler(_ handler: @escaping Handler) {
        let known = state.withLock { state in
            state.handlers.append(handler)
            return Array(state.index.values)
        }
        for object in known { handler(.added(object)) }
    }

    /// True once a complete picture has arrived.
    public var hasSynced: Bool { synced.isOpen }

    /// Returns when there is a complete picture, or the task is cancelled.
    public func waitUntilSynced() async { await synced.wait() }

    public subscript(key: NamespacedName) -> APIObject? { state.withLock { $0.index[key] } }
    public var objects: [APIObject] { state.withLock { Array($0.index.values) } }
    public var count: Int { state.withLock { $0.index.count } }

    /// The objects that `index` knows under `value`.
    public func objects(_ index: String, _ value: String) -> [APIObject] {
        state.withLock { $0.index.objects(index, value) }
    }

    /// The values under which `index` knows objects.
    public func values(_ index: String) -> [String] { state.withLock { $0.index.values(index) } }

    /// Follows the server until the task is cancelled.
    public func run() async {
        let reflector = Reflector<APIObject>(client: client, selection: selection, logger: logger) { [self] event in
            receive(event)
        }
        await reflector.run()
    }

    func receive(_ event: ReflectorEvent<APIObject>) {
        switch event {
        case .replaceBegin: state.withLock { $0.seen = [] }
        case .upsert(let object): upsert(transform.map { $0(object) } ?? object)
        case .delete(let key): remove([key])
        case .replaceEnd:
            let gone = state.withLock { state in
                defer { state.seen = nil }
                guard let seen = state.seen else { return [NamespacedName]() }
                return state.index.keys.filter { !seen.contains($0) }
            }
            remove(gone)
            synced.open()
        case .malformed(let key, _):
            // What was known of it stays in force.
            if let key { state.withLock { state in _ = state.seen?.insert(key) } }
        case .notServed: synced.open()
        }
    }

    /// The server's answer to a write, which the watch will tell later: whoever looks now sees it already. It counts
    /// only where it is newer than what is known; revisions of one resource can be compared (KEP-5504).
    public func note(_ written: APIObject) {
        guard hasSynced, written.revision != nil else { return }
        upsert(transform.map { $0(written) } ?? written, isAnswer: true)
    }

    private func upsert(_ object: APIObject, isAnswer: Bool = false) {
        let (change, handlers) = state.withLock { state -> (Change?, [Handler]) in
            if isAnswer, state.graves.contains(object.uid) { return (nil, []) }
            state.seen?.insert(object.key)
            guard let old = state.index[object.key] else {
                state.index.update(object, for: object.key)
                return (.added(object), state.handlers)
            }
            // A picture taken anew repeats what is known, and a watch what was written here.
            guard object.isNewer(than: old) else { return (nil, []) }
            state.index.update(object, for: object.key)
            return (.updated(old: old, new: object), state.handlers)
        }
        guard let change else { return }
        for handler in handlers {
            // Deleted and made anew between two pictures.
            if case .updated(let old, let new) = change, old.uid != new.uid {
                handler(.deleted(old))
                handler(.added(new))
            } else {
                handler(change)
            }
        }
    }

    private func remove(_ keys: [NamespacedName]) {
        for key in keys {
            let (old, handlers) = state.withLock { state in
                let old = state.index.remove(key)
                if let old { state.graves.insert(old.uid) }
                return (old, state.handlers)
            }
            guard let old else { continue }
            for handler in handlers { handler(.deleted(old)) }
        }
    }
}

extension APIObject {
    fileprivate var revision: UInt64? { UInt64(resourceVersion) }

    /// Where revisions are no numbers, every other one is taken for newer.
    fileprivate func isNewer(than old: APIObject) -> Bool {
        guard let mine = revision, let its = old.revision, uid == old.uid else {
            return resourceVersion != old.resourceVersion || resourceVersion.isEmpty
        }
        return mine > its
    }
}
