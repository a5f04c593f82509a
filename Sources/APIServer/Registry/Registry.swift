import KubeAPI
import KubeSchema
import StoreCore

/// Keeps the objects of every resource: the generic part of upstream's registries. All versions of the API and all
/// clients, those in this process too, go through it.
public final class Registry: Sendable {
    public let store: any Store
    public let resources: ServedResources
    let admission: AdmissionChain
    /// Nanoseconds since 1970.
    let clock: @Sendable () -> Int64
    let leases: EventLeases

    public init(
        store: any Store, resources: ServedResources, admission: AdmissionChain = AdmissionChain([]),
        clock: @escaping @Sendable () -> Int64
    ) {
        self.store = store
        self.resources = resources
        self.admission = admission
        self.clock = clock
        leases = EventLeases(store, clock)
    }

    static let mostAttempts = 32
    static let mostGeneratedNames = 8

    // MARK: Reading

    func keyValue(_ served: ServedResource, _ namespace: String, _ name: String) async throws -> KeyValue? {
        let key = KeyRange(key: served.key(namespace: namespace, name: name))
        return try await store.range(RangeQuery(key)).result.keyValues.first
    }

    /// The object as it is stored now; nil when there is none.
    public func get(_ served: ServedResource, namespace: String = "", name: String) async throws -> JSONValue? {
        try await keyValue(served, namespace, name).map { try StoredForm(served).tree($0) }
    }

    /// All objects of a namespace, or of all when it is empty, and the revision at which they are so.
    public func list(
        _ served: ServedResource, namespace: String = ""
    ) async throws -> (objects: [JSONValue], revision: Revision) {
        let found = try await store.range(RangeQuery(served.range(namespace: namespace)))
        let form = StoredForm(served)
        return (try found.result.keyValues.map { try form.tree($0) }, found.revision)
    }

    // MARK: Writing

    /// Puts `object` where the key's last change is `expected` (0: there is none); returns the object with its new
    /// version, or nil when that is not so any more.
    func put(
        _ object: JSONValue, at key: Bytes, _ served: ServedResource, expecting expected: Revision,
        lease: LeaseID = 0, _ context: RequestContext
    ) async throws -> JSONValue? {
        let also = context.writes
        let compare = Compare(KeyRange(key: key), .equal, .modRevision(expected))
        let put = StoreCore.Operation.put(.init(key, StoredForm(served).bytes(object), lease: lease))
        let result = try await store.apply(
            Transaction(compares: [compare] + also.compares, success: [put] + also.operations))
        guard result.succeeded else { return nil }
        var stored = object
        stored.setResourceVersion(String(result.revision))
        return stored
    }

    /// False when the key's last change is not `expected` any more.
    func remove(_ key: Bytes, expecting expected: Revision, _ context: RequestContext) async throws -> Revision? {
        let also = context.writes
        let range = KeyRange(key: key)
        let result = try await store.apply(
            Transaction(
                compares: [Compare(range, .equal, .modRevision(expected))] + also.compares,
                success: [.delete(.init(range))] + also.operations))
        return result.succeeded ? result.revision : nil
    }
}
