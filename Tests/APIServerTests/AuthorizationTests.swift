import AccessControl
import KubeAPI
import KubeSchema
import Logging
import StoreCore
import Testing

@testable import APIServer

struct AuthorizationTests {
    static func bind(_ name: String, to role: String, user: String) -> JSONValue {
        [
            "kind": "ClusterRoleBinding", "metadata": ["name": .string(name)],
            "subjects": [["kind": "User", "name": .string(user)]],
            "roleRef": ["kind": "ClusterRole", "name": .string(role)],
        ]
    }

    static func index() -> AccessIndex {
        let index = AccessIndex()
        for object in BootstrapPolicy.objects { index.upsert(object) }
        index.upsert(bind("viewers", to: "view", user: "vi"))
        return index
    }

    let chain = AuthorizationChain(index())

    @Test func mastersMayEverythingAndOthersWhatTheirRolesSay() async {
        let master = UserInfo(name: "x", groups: ["system:masters"])
        #expect(
            await AuthorizationChain(AccessIndex()).authorize(.init(user: master, verb: "burn", path: "/")).isAllowed)
        let vi = UserInfo(name: "vi")
        #expect(await chain.authorize(.init(user: vi, verb: "list", resource: "pods")).isAllowed)
        #expect(await !chain.authorize(.init(user: vi, verb: "list", resource: "secrets")).isAllowed)
    }

    @Test func refusalsSayWhy() async {
        let node = UserInfo(name: "system:node:n", groups: ["system:nodes"])
        let request = RequestAttributes(user: node, verb: "list", resource: "pods")
        let decision = await chain.authorize(request)
        #expect(
            Status.forbidden(request, reason: decision.reason).message
                == #"pods is forbidden: User "system:node:n" cannot list resource "pods" in API group "" "#
                + "at the cluster scope: can only list/watch pods with spec.nodeName field selector")
        let apps = RequestAttributes(
            user: UserInfo(name: "u"), verb: "patch", group: "apps", resource: "deployments", subresource: "scale",
            namespace: "ns", name: "web")
        #expect(
            Status.forbidden(apps).message
                == #"deployments.apps "web" is forbidden: User "u" cannot patch resource "deployments/scale" "#
                + #"in API group "apps" in the namespace "ns""#)
        #expect(
            Status.forbidden(.init(user: .anonymous, verb: "get", path: "/metrics")).message
                == #"forbidden: User "system:anonymous" cannot get path "/metrics""#)
    }

    @Test func reviews() async throws {
        let context = Sample.context(UserInfo(name: "vi"))
        let question: JSONValue = ["spec": ["resourceAttributes": ["verb": "list", "resource": "pods"]]]
        let own = try await AccessReviews(.own, chain).create(question, context)
        #expect(own["status"]?["allowed"] == true)
        #expect(
            own["status"]?["reason"]
                == #"RBAC: allowed by ClusterRoleBinding "viewers" of ClusterRole "view" to User "vi""#)
        var other = question
        other[path: "spec", "user"] = "nobody"
        #expect(try await AccessReviews(.subject, chain).create(other, context)["status"] == ["allowed": false])
        await #expect(throws: InvalidObject.self) { try await AccessReviews(.subject, chain).create(question, context) }
        await #expect(throws: InvalidObject.self) {
            try await AccessReviews(.own, chain).create(["spec": [:]], context)
        }
        await #expect(throws: Status.self) {
            try await AccessReviews(.local, chain).create(other, Sample.context(UserInfo(name: "vi"), namespace: "ns"))
        }
        let rules = try await RulesReview(Self.index()).create(["spec": ["namespace": "ns"]], context)
        #expect((rules["status"]?["resourceRules"]?.array?.count ?? 0) > 5 && rules["status"]?["incomplete"] == false)
        let me = try await SelfReview().create(["kind": "SelfSubjectReview"], context)
        #expect(me["status"] == ["userInfo": ["username": "vi"]])
    }

    private func admission(_ object: JSONValue, by user: UserInfo, resource: String) -> AdmissionRequest {
        AdmissionRequest(
            operation: .create,
            resource: ResourceDefinition(
                group: RBACIndex.group, version: "v1", resource: resource, singular: "", kind: "", listKind: "",
                isNamespaced: false, verbs: [], typeName: ""), namespace: "", name: "", object: object, oldObject: nil,
            context: Sample.context(user))
    }

    @Test func nobodyGivesWhatHeHasNot() async throws {
        let check = RoleEscalationCheck(Self.index(), chain)
        let admins = Self.bind("x", to: "cluster-admin", user: "vi")
        let request = admission(admins, by: UserInfo(name: "vi"), resource: "clusterrolebindings")
        #expect(check.handles(request))
        let status = await #expect(throws: Status.self) { try await check.validate(request) }
        #expect(status?.code == 403)
        let root = UserInfo(name: "root", groups: ["system:masters"])
        try await check.validate(admission(admins, by: root, resource: "clusterrolebindings"))
        let views = Self.bind("x", to: "view", user: "vi")
        try await check.validate(admission(views, by: UserInfo(name: "vi"), resource: "clusterrolebindings"))
    }

    @Test func theIndexFollowsTheStore() async throws {
        let store = EventfulStore()
        let index = AccessIndex()
        let bootstrap = try await store.put(
            Self.bind("early", to: "view", user: "a"), "/registry/clusterrolebindings/early")
        #expect(bootstrap > 0)
        for object in BootstrapPolicy.objects where object["kind"] == "ClusterRole" {
            _ = try await store.put(object, "/registry/clusterroles/\(object["metadata"]?["name"]?.string ?? "")")
        }
        let feed = AccessIndexFeed(index, store: store, logger: Logger(label: "test"))
        try await feed.load()
        let chain = AuthorizationChain(index)
        func isAllowed(_ name: String) async -> Bool {
            await chain.authorize(.init(user: UserInfo(name: name), verb: "list", resource: "pods")).isAllowed
        }
        #expect(await isAllowed("a"))
        let task = Task { try await feed.run() }
        defer { task.cancel() }
        _ = try await store.put(Self.bind("late", to: "view", user: "b"), "/registry/clusterrolebindings/late")
        try await eventually { await isAllowed("b") }
        await store.delete("/registry/clusterrolebindings/early")
        try await eventually { await !isAllowed("a") }
        // What goes while nobody watches is noticed too.
        await store.breakWatches(deleting: "/registry/clusterrolebindings/late")
        try await eventually { await !isAllowed("b") }
    }

    private func eventually(_ condition: () async -> Bool) async throws {
        for _ in 0..<1000 {
            if await condition() { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("it did not come about")
    }
}

/// The little of a store that the feed needs: ranges by prefix, and watches.
actor EventfulStore: Store {
    private var values: [Bytes: KeyValue] = [:]
    private var events: [StoreEvent] = []
    private var revision: Revision = 0
    private var generation = 0

    nonisolated var revisions: (latest: Revision, compacted: Revision) { (0, 0) }

    func put(_ object: JSONValue, _ path: String) throws -> Revision {
        revision += 1
        let key = Array(path.utf8)
        let keyValue = KeyValue(
            key: key, value: JSONWriter.bytes(object), createRevision: revision, modRevision: revision, version: 1,
            lease: 0)
        values[key] = keyValue
        events.append(StoreEvent(.put, keyValue, previous: nil))
        return revision
    }

    func delete(_ path: String) {
        revision += 1
        guard var keyValue = values.removeValue(forKey: Array(path.utf8)) else { return }
        keyValue.modRevision = revision
        events.append(StoreEvent(.delete, keyValue, previous: nil))
    }

    func breakWatches(deleting path: String) {
        generation += 1
        revision += 1
        values[Array(path.utf8)] = nil
    }

    func range(_ query: RangeQuery) async throws -> (result: RangeResult, revision: Revision) {
        let found = values.values.filter { query.range.contains($0.key) }.sorted {
            $0.key.lexicographicallyPrecedes($1.key)
        }
        return (RangeResult(keyValues: found, count: Int64(found.count)), revision)
    }

    func watch(_ range: KeyRange, from first: Revision) async throws -> any StoreWatch {
        Watch(store: self, range: range, first: first, generation: generation)
    }

    fileprivate func batch(_ range: KeyRange, from first: Revision, generation: Int) throws -> WatchBatch {
        guard generation == self.generation else { throw StoreError.unavailable("the watch was broken") }
        let new = events.filter { $0.revision >= first && range.contains($0.key) }
        return WatchBatch(events: new, revision: revision)
    }

    func apply(_ transaction: Transaction) async throws -> TransactionResult { throw StoreError.unavailable("") }
    func compact(_ revision: Revision) async throws {}
    func grantLease(_ id: LeaseID, seconds: Int64) async throws -> Lease { throw StoreError.unavailable("") }
    func keepLeaseAlive(_ id: LeaseID) async throws -> Lease { throw StoreError.unavailable("") }
    func revokeLease(_ id: LeaseID) async throws -> Revision { throw StoreError.unavailable("") }
    func lease(_ id: LeaseID) async throws -> Lease { throw StoreError.unavailable("") }
    func leases() async throws -> [LeaseID] { [] }

    private actor Watch: StoreWatch {
        let store: EventfulStore
        let range: KeyRange
        var first: Revision
        let generation: Int

        init(store: EventfulStore, range: KeyRange, first: Revision, generation: Int) {
            self.store = store
            self.range = range
            self.first = first
            self.generation = generation
        }

        func next(patience: Duration?) async throws -> WatchBatch {
            while true {
                let batch = try await store.batch(range, from: first, generation: generation)
                if !batch.events.isEmpty {
                    first = batch.revision + 1
                    return batch
                }
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }
}
