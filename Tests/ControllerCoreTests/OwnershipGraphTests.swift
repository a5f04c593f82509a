import ControllerCore
import KubeAPI
import TestRandom
import Testing

@Suite struct OwnershipGraphTests {
    /// A cluster in which deletion works as the API server does it, and a collector that sees everything.
    private struct World {
        var objects: [String: APIObject] = [:]
        var kinds: [String: APIKind] = [:]
        var graph = OwnershipGraph()
        var queue: Set<String> = []
        var absent: Set<String> = []
        var questions = 0
        var version = 0

        mutating func add(
            _ name: String, _ kind: APIKind = .configMap, owners: [OwnerReference] = [], finalizers: [JSONValue] = []
        ) throws {
            let object = try APIObject(
                json: [
                    "metadata": [
                        "name": .string(name), "namespace": "n", "uid": .string("uid-\(name)"),
                        "ownerReferences": .array(owners.map(\.json)), "finalizers": .array(finalizers),
                    ]
                ])
            kinds[object.uid] = kind
            see(object)
        }

        mutating func see(_ object: APIObject) {
            version += 1
            var object = object
            object[path: "metadata", "resourceVersion"] = .string("\(version)")
            if object.isBeingDeleted, object.finalizers.isEmpty {
                objects[object.uid] = nil
                queue.formUnion(graph.remove(object.uid))
            } else if let kind = kinds[object.uid] {
                objects[object.uid] = object
                queue.formUnion(graph.observe(kind, object))
            }
        }

        mutating func delete(_ name: String, _ propagation: DeletionOptions.Propagation) {
            guard var object = objects["uid-\(name)"] else { return }
            var finalizers = object.finalizers
            if propagation == .foreground { finalizers.append("foregroundDeletion") }
            if propagation == .orphan { finalizers.append("orphan") }
            object[path: "metadata", "finalizers"] = .array(finalizers.map { .string($0) })
            object[path: "metadata", "deletionTimestamp"] = "2026-01-01T00:00:00Z"
            see(object)
        }

        mutating func perform(_ write: Write) {
            switch write {
            case .delete(_, let key, let options):
                if objects["uid-\(key.name)"]?.isBeingDeleted == false {
                    delete(key.name, options.propagation ?? .background)
                }
            case .patch(_, let key, _, let body, _):
                guard var object = objects["uid-\(key.name)"] else { return }
                for field in ["finalizers", "ownerReferences"] {
                    if let list = body["metadata"]?[field] { object[path: "metadata", field] = list }
                }
                see(object)
            default: Issue.record("a collector does not do \(write)")
            }
        }

        mutating func run() {
            for _ in 0..<1000 {
                guard let uid = queue.sorted().first else { return }
                queue.remove(uid)
                switch graph.judge(uid, absent: { absent.contains($0) }) {
                case .nothing: break
                case .write(let writes): for write in writes { perform(write) }
                case .ask(let asked):
                    questions += asked.count
                    for question in asked where objects[question.owner.uid] == nil { absent.insert(question.owner.uid) }
                    queue.insert(uid)
                }
            }
            Issue.record("it does not come to rest")
        }

        var names: [String] { objects.values.map(\.name).sorted() }
    }

    private static func owner(_ name: String, blocks: Bool = true) -> OwnerReference {
        OwnerReference(apiVersion: "v1", kind: "ConfigMap", name: name, uid: "uid-\(name)", blocksOwnerDeletion: blocks)
    }

    private static func family() throws -> World {
        var world = World()
        try world.add("root")
        try world.add("child", owners: [owner("root")])
        try world.add("other", owners: [owner("root", blocks: false)])
        try world.add("grandchild", owners: [owner("child")])
        try world.add("stranger")
        world.run()
        return world
    }

    @Test func backgroundTakesEverythingAlong() throws {
        var world = try Self.family()
        world.delete("root", .background)
        #expect(world.names.count == 4, "the owner goes first")
        world.run()
        #expect(world.names == ["stranger"] && world.questions == 0 || world.names == ["stranger"])
        #expect(world.graph.count == 1)
    }

    @Test func foregroundWaitsForThoseThatBlock() throws {
        var world = try Self.family()
        try world.add("held", owners: [Self.owner("child")], finalizers: ["example.org/wait"])
        world.delete("root", .foreground)
        world.run()
        #expect(world.names == ["child", "held", "root", "stranger"])
        var held = try #require(world.objects["uid-held"])
        held[path: "metadata", "finalizers"] = []
        world.see(held)
        world.run()
        #expect(world.names == ["stranger"])
    }

    @Test func orphansForgetTheirOwner() throws {
        var world = try Self.family()
        world.delete("root", .orphan)
        world.run()
        #expect(world.names == ["child", "grandchild", "other", "stranger"])
        #expect(world.objects["uid-child"]?.ownerReferences.isEmpty == true)
        #expect(world.objects["uid-grandchild"]?.ownerReferences.map(\.name) == ["child"])
    }

    @Test func oneOfTwoOwnersIsEnough() throws {
        var world = World()
        try world.add("a")
        try world.add("b")
        try world.add("shared", owners: [Self.owner("a"), Self.owner("b")])
        world.delete("a", .background)
        world.run()
        #expect(world.names == ["b", "shared"])
        #expect(world.objects["uid-shared"]?.ownerReferences.map(\.name) == ["b"])
        world.delete("b", .background)
        world.run()
        #expect(world.names.isEmpty)
    }

    @Test func anOwnerThatIsNotKnownIsAskedForFirst() throws {
        var world = World()
        try world.add("early", owners: [Self.owner("late")])
        guard case .ask(let questions) = world.graph.judge("uid-early", absent: { _ in false }) else {
            Issue.record("the owner's event may not have come yet")
            return
        }
        #expect(questions.map(\.owner.name) == ["late"])
        try world.add("late")
        world.run()
        #expect(world.names == ["early", "late"])
        try world.add("lost", owners: [Self.owner("never")])
        world.run()
        #expect(world.names == ["early", "late"])
    }

    @Test func aCircleIsNoReasonToWaitForEver() throws {
        var world = World()
        try world.add("a", owners: [Self.owner("b")])
        try world.add("b", owners: [Self.owner("a")])
        world.run()
        world.delete("a", .foreground)
        world.run()
        #expect(world.names.isEmpty)
    }

    /// Random forests, deleted in any way: nothing is left of what lost its owners, and nothing else is gone.
    @Test(arguments: 0..<25) func forestsEndAsTheyShould(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var world = World()
        var owners: [String: [String]] = [:]
        for number in 0..<40 {
            let candidates = (0..<number).map { "o\($0)" }
            let chosen =
                number < 4
                ? [] : (0..<(1 + random.next() % 2)).compactMap { _ in candidates.randomElement(using: &random) }
            owners["o\(number)"] = Array(Set(chosen))
            try world.add("o\(number)", owners: (owners["o\(number)"] ?? []).map { Self.owner($0) })
        }
        world.run()
        let victims = Set((0..<3).map { _ in "o\(random.next() % 40)" })
        for victim in victims { world.delete(victim, random.next() % 2 == 0 ? .background : .foreground) }
        world.run()
        var gone = victims
        for number in 0..<40 where !gone.contains("o\(number)") {
            let mine = owners["o\(number)"] ?? []
            if !mine.isEmpty, mine.allSatisfy(gone.contains) { gone.insert("o\(number)") }
        }
        #expect(Set(world.names) == Set(owners.keys).subtracting(gone), "seed \(seed)")
    }

    /// An owner in another namespace is none; the dependent is told so, and goes as if it were absent.
    @Test func anOwnerElsewhereIsNone() throws {
        func object(_ name: String, _ namespace: String, owners: [OwnerReference] = []) throws -> APIObject {
            try APIObject(
                json: [
                    "metadata": [
                        "name": .string(name), "namespace": .string(namespace), "uid": .string("uid-\(name)"),
                        "ownerReferences": .array(owners.map(\.json)),
                    ]
                ])
        }
        var graph = OwnershipGraph()
        _ = graph.observe(.configMap, try object("owner", "a"))
        _ = graph.observe(.configMap, try object("here", "a", owners: [Self.owner("owner")]))
        _ = graph.observe(.configMap, try object("there", "b", owners: [Self.owner("owner")]))
        #expect(graph.misplacements("uid-here").isEmpty)
        let told = try #require(graph.misplacements("uid-there").first)
        #expect(told.dependent.name == "there" && told.dependent.namespace == "b")
        #expect(
            told.note
                == #"ownerRef [v1/ConfigMap, namespace: b, name: owner, uid: uid-owner] does not exist in namespace "b""#
        )
        #expect(graph.judge("uid-here", absent: { _ in false }) == .nothing)
        guard case .ask = graph.judge("uid-there", absent: { _ in false }) else {
            Issue.record("there could be one of that name")
            return
        }
        guard case .write(let writes) = graph.judge("uid-there", absent: { _ in true }), case .delete? = writes.first
        else {
            Issue.record("it goes")
            return
        }
    }
}
