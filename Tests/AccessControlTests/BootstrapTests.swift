import AccessControl
import KubeAPI
import Testing

struct BootstrapTests {
    static let index = RBACIndex(
        BootstrapPolicy.objects + [
            binding("team", "admins", to: "ClusterRole", "admin", [Subject(.user, "ada")]),
            binding("team", "editors", to: "ClusterRole", "edit", [Subject(.user, "ed")]),
            binding("team", "viewers", to: "ClusterRole", "view", [Subject(.user, "vi")]),
        ])

    struct Question: Sendable, CustomTestStringConvertible {
        var user: UserInfo
        var verb: String
        var resource: String
        var group = ""
        var namespace = ""
        var isAllowed: Bool
        var testDescription: String { "\(user.name) \(verb) \(resource) in '\(namespace)'" }
    }

    static func account(_ name: String) -> UserInfo {
        let account = ServiceAccountName(namespace: "kube-system", name: name)
        return UserInfo(name: account.userName, groups: account.groups + ["system:authenticated"])
    }

    static let proxy = user("system:kube-proxy", "system:authenticated")
    static let matrix: [Question] = {
        let admin = user("kubernetes-admin", "system:masters", "system:authenticated")
        let scheduler = user("system:kube-scheduler", "system:authenticated")
        let manager = user("system:kube-controller-manager", "system:authenticated")
        let (ada, ed, vi) = (user("ada"), user("ed"), user("vi"))
        let any = user("any", "system:authenticated")
        func row(
            _ user: UserInfo, _ verb: String, _ resource: String, _ group: String = "", in namespace: String = "",
            may isAllowed: Bool
        ) -> Question {
            Question(
                user: user, verb: verb, resource: resource, group: group, namespace: namespace, isAllowed: isAllowed)
        }
        return [
            row(admin, "delete", "nodes", may: true), row(admin, "create", "things", "made.up", in: "x", may: true),
            row(proxy, "watch", "endpointslices", "discovery.k8s.io", may: true),
            row(proxy, "list", "services", may: true),
            row(proxy, "get", "nodes", may: true), row(proxy, "list", "secrets", may: false),
            row(proxy, "create", "events", "events.k8s.io", in: "default", may: true),
            row(proxy, "update", "services", may: false),
            row(scheduler, "create", "pods/binding", in: "x", may: true), row(scheduler, "list", "pods", may: true),
            row(scheduler, "update", "leases", "coordination.k8s.io", in: "kube-system", may: true),
            row(scheduler, "get", "secrets", in: "x", may: false),
            row(manager, "create", "serviceaccounts/token", in: "kube-system", may: true),
            row(manager, "delete", "nodes", may: false),
            row(
                account("endpointslice-controller"), "create", "endpointslices", "discovery.k8s.io", in: "x", may: true),
            row(account("endpointslice-controller"), "delete", "pods", in: "x", may: false),
            row(account("deployment-controller"), "update", "deployments/status", "apps", in: "x", may: true),
            row(account("node-controller"), "delete", "nodes", may: true),
            row(account("generic-garbage-collector"), "delete", "widgets", "made.up", in: "x", may: true),
            row(account("namespace-controller"), "deletecollection", "widgets", "made.up", in: "x", may: true),
            row(ada, "create", "roles", "rbac.authorization.k8s.io", in: "team", may: true),
            row(ada, "get", "secrets", in: "team", may: true), row(ada, "get", "secrets", in: "other", may: false),
            row(ada, "delete", "namespaces", in: "team", may: false),
            row(ed, "create", "deployments", "apps", in: "team", may: true),
            row(ed, "get", "secrets", in: "team", may: true),
            row(ed, "create", "roles", "rbac.authorization.k8s.io", in: "team", may: false),
            row(ed, "create", "pods/exec", in: "team", may: true),
            row(vi, "list", "pods", in: "team", may: true), row(vi, "get", "pods/log", in: "team", may: true),
            row(vi, "get", "secrets", in: "team", may: false), row(vi, "create", "pods", in: "team", may: false),
            row(vi, "get", "deployments/scale", "apps", in: "team", may: true),
            row(any, "create", "selfsubjectaccessreviews", "authorization.k8s.io", may: true),
            row(any, "create", "subjectaccessreviews", "authorization.k8s.io", may: false),
            row(any, "list", "namespaces", may: false),
            // Since 1.8 the Node authorizer speaks for nodes; the role's binding has no subjects.
            row(user("system:node:a", "system:nodes"), "get", "pods", may: false),
        ]
    }()

    @Test(arguments: matrix) func bootstrapRolesAllow(_ question: Question) {
        let request = ask(
            question.user, question.verb, question.resource, group: question.group, in: question.namespace)
        #expect(Self.index.authorize(request).isAllowed == question.isAllowed)
    }

    @Test(arguments: [
        ("/healthz", false, true), ("/version", false, true), ("/readyz", false, true), ("/metrics", false, false),
        ("/api", false, false), ("/api", true, true), ("/openapi/v3", true, true), ("/metrics", true, false),
    ])
    func paths(path: String, isAuthenticated: Bool, isAllowed: Bool) {
        let asker = isAuthenticated ? user("any", "system:authenticated") : .anonymous
        #expect(Self.index.authorize(.init(user: asker, verb: "get", path: path)).isAllowed == isAllowed)
    }

    @Test func objectsAreWhole() throws {
        let objects = BootstrapPolicy.objects
        #expect(objects.filter { $0["kind"] == "ClusterRoleBinding" }.count == 51)
        #expect(objects.filter { $0["kind"] == "RoleBinding" }.count == 7)
        for object in objects {
            #expect(object["metadata"]?["labels"]?["kubernetes.io/bootstrapping"] == "rbac-defaults")
            #expect(object["apiVersion"] == "rbac.authorization.k8s.io/v1")
        }
        let view = try #require(objects.first { $0["metadata"]?["name"] == "view" })
        #expect(view["metadata"]?["labels"]?["rbac.authorization.k8s.io/aggregate-to-edit"] == "true")
        #expect((view["rules"]?.array?.count ?? 0) > 5)
        #expect(RBACIndex(objects).staleAggregations().isEmpty)
        #expect(BootstrapObjects.ofKind("FlowSchema").count == 11)
        #expect(BootstrapObjects.ofKind("PriorityLevelConfiguration").count == 8)
        #expect(BootstrapObjects.ofKind("Namespace").first?["spec"] == ["finalizers": ["kubernetes"]])
        #expect(
            BootstrapObjects.ofKind("FlowSchema").first?["metadata"]?["annotations"]
                == ["apf.kubernetes.io/autoupdate-spec": "true"])
    }

    @Test func whatIsThereAlreadyIsLeftAlone() {
        for object in BootstrapPolicy.objects + BootstrapObjects.all {
            #expect(BootstrapReconciliation(existing: object, expected: object) == .nothing)
            #expect(BootstrapReconciliation(existing: nil, expected: object) == .create(object))
        }
    }

    @Test func whatIsMissingIsAddedAndWhatIsMoreIsKept() throws {
        let expected = clusterRole("r", [PolicyRule(verbs: ["get", "list"], apiGroups: [""], resources: ["pods"])])
        let own = PolicyRule(verbs: ["get"], apiGroups: [""], resources: ["pods", "nodes"])
        let existing = clusterRole("r", [own])
        guard case .update(let result) = BootstrapReconciliation(existing: existing, expected: expected) else {
            Issue.record("no update")
            return
        }
        let rules = (result["rules"]?.array ?? []).map(PolicyRule.init)
        #expect(rules == [own, PolicyRule(verbs: ["list"], apiGroups: [""], resources: ["pods"])])
        var kept = existing
        kept[path: "metadata", "annotations"] = [BootstrapReconciliation.roleAnnotation: "false"]
        #expect(BootstrapReconciliation(existing: kept, expected: expected) == .nothing)
    }

    @Test func aBindingToAnotherRoleIsReplaced() {
        let expected = binding("", "b", to: "ClusterRole", "right", [Subject(.user, "u")])
        let wrong = binding("", "b", to: "ClusterRole", "wrong", [Subject(.user, "u")])
        #expect(BootstrapReconciliation(existing: wrong, expected: expected) == .replace(expected))
        let fewer = binding("", "b", to: "ClusterRole", "right", [])
        #expect(BootstrapReconciliation(existing: fewer, expected: expected) == .update(expected))
    }
}
