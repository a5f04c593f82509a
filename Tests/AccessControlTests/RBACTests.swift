import AccessControl
import KubeAPI
import TestRandom
import Testing

struct RBACTests {
    let jane = user("jane", "dev", "system:authenticated")

    @Test(arguments: [
        ("pods", "pods", true), ("pods", "pods/log", false), ("pods/log", "pods/log", true),
        ("pods/log", "pods", false),
        ("*", "pods/log", true), ("*/scale", "deployments/scale", true), ("*/scale", "deployments", false),
        ("pods/*", "pods/log", false), ("*/status", "deployments/scale", false),
    ])
    func resources(pattern: String, asked: String, isAllowed: Bool) {
        let rule = PolicyRule(verbs: ["get"], apiGroups: ["*"], resources: [pattern])
        #expect(rule.allows(ask(jane, "get", asked)) == isAllowed)
    }

    @Test(arguments: [
        ("/healthz", "/healthz", true), ("/healthz", "/healthz/etcd", false), ("/healthz/*", "/healthz/etcd", true),
        ("/healthz/*", "/healthz", false), ("*", "/anything", true), ("/api*", "/apis/apps", true),
    ])
    func paths(pattern: String, asked: String, isAllowed: Bool) {
        let rule = PolicyRule(verbs: ["get"], nonResourceURLs: [pattern])
        #expect(rule.allows(RequestAttributes(user: jane, verb: "get", path: asked)) == isAllowed)
        #expect(!rule.allows(RequestAttributes(user: jane, verb: "post", path: asked)))
    }

    @Test func names() {
        let rule = PolicyRule(verbs: ["get", "list"], apiGroups: [""], resources: ["pods"], resourceNames: ["a"])
        #expect(rule.allows(ask(jane, "get", "pods", name: "a")))
        #expect(!rule.allows(ask(jane, "get", "pods", name: "b")))
        #expect(!rule.allows(ask(jane, "list", "pods")))
        #expect(!rule.allows(ask(jane, "get", "pods", group: "apps", name: "a")))
    }

    @Test func reasonsAreUpstreams() {
        let read = PolicyRule(verbs: ["get"], apiGroups: [""], resources: ["pods"])
        let ci = Subject(.serviceAccount, "builder", namespace: "ci")
        var index = RBACIndex([
            clusterRole("read", [read]), role("ns", "local", [read]),
            binding("", "all", to: "ClusterRole", "read", [Subject(.group, "dev")]),
            binding("ns", "one", to: "Role", "local", [ci]),
            binding("", "dangling", to: "ClusterRole", "gone", [Subject(.user, "bob")]),
        ])
        #expect(
            index.authorize(ask(jane, "get", "pods", in: "x"))
                == .allow(reason: #"RBAC: allowed by ClusterRoleBinding "all" of ClusterRole "read" to Group "dev""#))
        let builder = user("system:serviceaccount:ci:builder")
        #expect(
            index.authorize(ask(builder, "get", "pods", in: "ns"))
                == .allow(
                    reason: #"RBAC: allowed by RoleBinding "one/ns" of Role "local" to ServiceAccount "builder/ci""#))
        #expect(index.authorize(ask(builder, "get", "pods", in: "other")) == .noOpinion(reason: ""))
        #expect(
            index.authorize(ask(user("bob"), "get", "pods"))
                == .noOpinion(reason: #"RBAC: clusterrole.rbac.authorization.k8s.io "gone" not found"#))
        index.remove(kind: "ClusterRoleBinding", namespace: "", name: "all")
        #expect(!index.authorize(ask(jane, "get", "pods", in: "x")).isAllowed)
        index.remove(kind: "Role", namespace: "ns", name: "local")
        #expect(
            index.authorize(ask(builder, "get", "pods", in: "ns"))
                == .noOpinion(reason: #"RBAC: role.rbac.authorization.k8s.io "local" not found"#))
    }

    @Test func aRoleBindingGivesNothingOutsideItsNamespaceAndNoPaths() {
        let index = RBACIndex([
            clusterRole("all", PolicyRule.everything),
            binding("ns", "b", to: "ClusterRole", "all", [Subject(.user, "jane")]),
        ])
        #expect(index.authorize(ask(jane, "delete", "pods", in: "ns")).isAllowed)
        #expect(!index.authorize(ask(jane, "delete", "pods")).isAllowed)
        #expect(!index.authorize(RequestAttributes(user: jane, verb: "get", path: "/metrics")).isAllowed)
    }

    @Test func aggregationFollowsItsParts() throws {
        let label: JSONValue = ["agg": "view"]
        let rule = PolicyRule(verbs: ["get"], apiGroups: ["x.io"], resources: ["things"])
        var index = RBACIndex([
            try json(
                """
                {"kind":"ClusterRole","metadata":{"name":"top"},"rules":[],
                 "aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"agg":"edit"}}]}}
                """),
            try json(
                """
                {"kind":"ClusterRole","metadata":{"name":"middle","labels":{"agg":"edit"}},"rules":[],
                 "aggregationRule":{"clusterRoleSelectors":[{"matchExpressions":[{"key":"agg","operator":"In","values":["view"]}]}]}}
                """),
            binding("", "b", to: "ClusterRole", "top", [Subject(.user, "jane")]),
        ])
        let request = ask(jane, "get", "things", group: "x.io")
        #expect(!index.authorize(request).isAllowed)
        index.upsert(clusterRole("part", [rule], labels: label))
        #expect(index.authorize(request).isAllowed)
        #expect(index.staleAggregations().map(\.name) == ["middle", "top"])
        index.upsert(clusterRole("part", [rule]))
        #expect(!index.authorize(request).isAllowed)
        index.upsert(clusterRole("part", [rule], labels: label))
        index.remove(kind: "ClusterRole", namespace: "", name: "part")
        #expect(!index.authorize(request).isAllowed)
        #expect(index.staleAggregations().isEmpty)
    }

    @Test func theIndexDecidesAsAScanOfEverythingWould() {
        var random = SeededRandom(seed: 7)
        let names = ["a", "b", "c"]
        for _ in 0..<40 {
            var objects: [String: JSONValue] = [:]
            var index = RBACIndex()
            for _ in 0..<60 {
                let namespace = ["", "n1", "n2"].randomElement(using: &random) ?? ""
                let name = names.randomElement(using: &random) ?? ""
                let isRole = Bool.random(using: &random)
                let verb = ["get", "list", "*"].randomElement(using: &random) ?? ""
                let rule = PolicyRule(
                    verbs: [verb], apiGroups: [""], resources: [names.randomElement(using: &random) ?? ""])
                let subject = Subject(
                    Bool.random(using: &random) ? .user : .group, names.randomElement(using: &random) ?? "")
                let roleKind = namespace.isEmpty || Bool.random(using: &random) ? "ClusterRole" : "Role"
                let object =
                    isRole
                    ? (namespace.isEmpty ? clusterRole(name, [rule]) : role(namespace, name, [rule]))
                    : binding(namespace, name, to: roleKind, names.randomElement(using: &random) ?? "", [subject])
                let kind = object["kind"]?.string ?? ""
                let key = "\(kind)/\(namespace)/\(name)"
                if Int.random(in: 0..<4, using: &random) == 0 {
                    objects[key] = nil
                    index.remove(kind: kind, namespace: namespace, name: name)
                } else {
                    objects[key] = object
                    index.upsert(object)
                }
            }
            for userName in names {
                for resource in names {
                    for namespace in ["", "n1", "n2"] {
                        let request = ask(user(userName, "c"), "get", resource, in: namespace)
                        #expect(index.authorize(request).isAllowed == scan(objects, request), "seed 7")
                    }
                }
            }
        }
    }

    private func scan(_ objects: [String: JSONValue], _ request: RequestAttributes) -> Bool {
        objects.values.contains { binding in
            let namespace = binding["metadata"]?["namespace"]?.string ?? ""
            guard let reference = binding["roleRef"], namespace.isEmpty || namespace == request.namespace else {
                return false
            }
            let isNamed = (binding["subjects"]?.array ?? []).contains { subject in
                let name = subject["name"]?.string ?? ""
                return subject["kind"] == "User" ? name == request.user.name : request.user.groups.contains(name)
            }
            let roleNamespace = reference["kind"] == "Role" ? namespace : ""
            let key = "\(reference["kind"]?.string ?? "")/\(roleNamespace)/\(reference["name"]?.string ?? "")"
            return isNamed && (objects[key]?["rules"]?.array ?? []).contains { PolicyRule(json: $0).allows(request) }
        }
    }
}
