import KubeAPI
import TestRandom
import Testing

@testable import Manifests

@Suite struct ParsedManifestTests {
    @Test func readsEveryKind() {
        let text = """
            apiVersion: v1
            kind: List
            items:
            - {apiVersion: v1, kind: Service, metadata: {name: web}, spec: {clusterIP: 10.96.0.1, ports: [{port: 80}]}}
            - {apiVersion: v1, kind: Node, metadata: {name: n1, namespace: stray}}
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSliceList
            items:
            - {metadata: {name: web-1, namespace: shop}, addressType: IPv4, endpoints: [{addresses: [10.0.0.1]}]}
            ---
            {apiVersion: v1, kind: Endpoints, metadata: {name: db}, subsets: [{addresses: [{ip: 10.0.0.2}, {ip: "fd00::2"}], ports: [{port: 5432}]}]}
            ---
            {apiVersion: networking.k8s.io/v1, kind: ServiceCIDR, metadata: {name: kubernetes}, spec: {cidrs: [10.96.0.0/16]}}
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: c}}
            ---
            {apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: c}}
            """
        let parsed = ParsedManifest(Array(text.utf8), file: "all.yaml")
        #expect(parsed.failures.isEmpty)
        #expect(parsed.ignoredKinds == ["ConfigMap", "Service"])
        #expect(
            parsed.entries.map(\.object.id.description) == [
                "Service default/web", "Node n1", "EndpointSlice shop/web-1", "EndpointSlice default/db-mirrored-0",
                "EndpointSlice default/db-mirrored-1", "ServiceCIDR kubernetes",
            ])
        #expect(parsed.entries.map(\.position.line) == [4, 5, 10, 12, 12, 14])
    }

    /// Time must not grow with the square of the number of items, good or bad.
    @Test(.timeLimit(.minutes(30)), arguments: ["a.json", "a.yaml"])
    func longLists(file: String) {
        let good = #"{"kind": "Node", "metadata": {"name": "a"}},\#n"#
        let bad = #"{"kind": "Node", "metadata": {"name": "A"}},\#n"#
        let items = String(repeating: good, count: 2000) + String(repeating: bad, count: 1000)
        let parsed = ParsedManifest(
            Array((#"{"kind": "List", "items": [\#n"# + items.dropLast(2) + "]}").utf8), file: file)
        #expect(parsed.entries.count == 2000)
        #expect(parsed.entries.last?.position == TextPosition(line: 2001, column: 1))
        #expect(parsed.failures.count == 1000)
        #expect(parsed.failures.first?.position == TextPosition(line: 2002, column: 39))
        #expect(parsed.failures.last?.position == TextPosition(line: 3001, column: 1))
    }

    @Test(arguments: [
        ("a: 1", "a.yaml:1:1: kind: required"), ("[1]", "a.yaml:1:1: must be an object, got an array"),
        (
            "kind: Service\nmetadata:\n  name: web\nspec:\n  ports:\n  - port: 70000",
            "a.yaml:6:11: Service default/web: spec.ports[0].port: must be between 1 and 65535, got 70000"
        ),
        ("kind: Service\nspec: {}", "a.yaml:1:1: metadata: required"),
        ("kind: Service\nmetadata: {name: web, namespace: a}", "a.yaml:1:1: Service a/web: spec: required"),
        (
            "kind: List\nitems:\n- kind: Node\n  metadata:\n    name: N",
            "a.yaml:5:11: Node N: items[0].metadata.name: must be a lower-case DNS subdomain (RFC 1123), got \"N\""
        ),
        ("kind: List\nitems: 1", "a.yaml:2:8: items: must be an array, got a number"),
        (
            "kind: EndpointSlice\napiVersion: discovery.k8s.io/v1beta1\nmetadata: {name: a}",
            "a.yaml:2:13: EndpointSlice default/a: apiVersion: must be discovery.k8s.io/v1, got \"discovery.k8s.io/v1beta1\""
        ),
    ])
    func saysWhatIsWrong(_ text: String, _ message: String) {
        #expect(ParsedManifest(Array(text.utf8), file: "a.yaml").failures.map(\.description) == [message])
    }
}

@Suite struct ManifestStateTests {
    static func service(_ name: String, _ ip: String) -> String {
        "{apiVersion: v1, kind: Service, metadata: {name: \(name)}, spec: {clusterIP: \(ip)}}\n---\n"
    }

    /// The state, and what a consumer that follows its events knows.
    struct Replica {
        var state = ManifestState()
        var known: [String: String] = [:]
        var files: [String: String] = [:]
        var failures: [String] = []

        mutating func write(_ file: String, _ text: String) {
            files[file] = text
            follow(state.update(ParsedManifest(Array(text.utf8), file: file)))
        }

        mutating func remove(_ file: String) {
            files[file] = nil
            follow(state.remove(file: file))
        }

        private mutating func follow(_ change: ManifestState.Change) {
            for event in change.events {
                switch event {
                case .upsert(.service(let service)):
                    known[service.metadata.key.description] = service.spec.clusterIPs.first?.description
                case .upsert(let object): known[object.id.description] = "-"
                case .delete(_, let key): known[key.description] = nil
                case .failure(let failure): failures.append(failure.description)
                case .synced: break
                }
            }
            for file in change.rereads.sorted() {
                let text = files[file] ?? ""
                follow(state.update(ParsedManifest(Array(text.utf8), file: file)))
            }
        }
    }

    @Test func tellsOnlyWhatChanges() {
        var state = ManifestState()
        func update(_ text: String) -> [String] {
            state.update(ParsedManifest(Array(text.utf8), file: "a.yaml")).events.map { event in
                switch event {
                case .upsert(let object): "+\(object.id)"
                case .delete(let kind, let key): "-\(kind.rawValue) \(key)"
                case .failure(let failure): "!\(failure)"
                case .synced: "synced"
                }
            }
        }
        let (a, b) = (Self.service("a", "10.0.0.1"), Self.service("b", "10.0.0.2"))
        #expect(update(a + b) == ["+Service default/a", "+Service default/b"])
        #expect(update(b + a) == [])
        #expect(update(a + Self.service("b", "10.0.0.3")) == ["+Service default/b"])
        #expect(update(a) == ["-Service default/b"])
        #expect(update("") == ["-Service default/a"])
    }

    @Test func keepsTheLastGood() {
        var replica = Replica()
        replica.write("a.yaml", Self.service("a", "10.0.0.1") + Self.service("b", "10.0.0.2"))
        replica.write("a.yaml", Self.service("a", "10.0.0.9") + "{")
        #expect(replica.known == ["default/a": "10.0.0.1", "default/b": "10.0.0.2"])
        replica.write("a.yaml", Self.service("a", "10.0.0.9") + Self.service("b", "10.0.0"))
        #expect(replica.known == ["default/a": "10.0.0.9", "default/b": "10.0.0.2"])
        replica.write("a.yaml", Self.service("b", "10.0.0"))
        #expect(replica.known == ["default/b": "10.0.0.2"])
        replica.write("a.yaml", Self.service("c", "10.0.0.3") + "{kind: Service}")
        #expect(replica.known == ["default/b": "10.0.0.2", "default/c": "10.0.0.3"])
        replica.write("a.yaml", Self.service("c", "10.0.0.3"))
        #expect(replica.known == ["default/c": "10.0.0.3"])
        #expect(replica.failures.count == 4)
        #expect(
            replica.failures[1]
                == "a.yaml:3:72: Service default/b: spec.clusterIP: must be an IP address or None, got \"10.0.0\"")
        replica.remove("a.yaml")
        #expect(replica.known.isEmpty)
    }

    @Test func theFirstFileCounts() {
        var replica = Replica()
        replica.write("b.yaml", Self.service("a", "10.0.0.2"))
        replica.write("c.yaml", Self.service("a", "10.0.0.3"))
        #expect(replica.known == ["default/a": "10.0.0.2"])
        #expect(replica.failures == ["c.yaml:1:1: Service default/a is already in b.yaml:1, which counts"])
        replica.write("a.yaml", Self.service("a", "10.0.0.1"))
        #expect(replica.known == ["default/a": "10.0.0.1"])
        #expect(
            replica.failures.dropFirst().contains("b.yaml:1:1: Service default/a is already in a.yaml:1, which counts"))
        replica.remove("a.yaml")
        #expect(replica.known == ["default/a": "10.0.0.2"])
        replica.write("b.yaml", "")
        #expect(replica.known == ["default/a": "10.0.0.3"])
        replica.remove("c.yaml")
        #expect(replica.known.isEmpty)
    }

    @Test func theFirstInAFileCounts() {
        var replica = Replica()
        replica.write("a.yaml", Self.service("a", "10.0.0.1") + Self.service("a", "10.0.0.2"))
        #expect(replica.known == ["default/a": "10.0.0.1"])
        #expect(replica.failures == ["a.yaml:3:1: Service default/a is already in a.yaml:1, which counts"])
    }

    /// Any history of good files ends as the files at the end, read at once.
    @Test(arguments: 0..<30 as Range<UInt64>)
    func anyHistoryEndsAsAFreshStart(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var replica = Replica()
        for _ in 0..<40 {
            let file = "\(random.next() % 4).yaml"
            guard random.next() % 4 > 0 else {
                replica.remove(file)
                continue
            }
            let services = (0..<random.next() % 4).map { _ in
                Self.service("s\(random.next() % 5)", "10.0.0.\(1 + random.next() % 9)")
            }
            replica.write(file, services.joined())
        }
        var fresh = Replica()
        for (file, text) in replica.files.sorted(by: { $0.key < $1.key }) { fresh.write(file, text) }
        #expect(replica.known == fresh.known)
    }
}
