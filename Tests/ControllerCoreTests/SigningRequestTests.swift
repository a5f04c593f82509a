import ControllerCore
import KubeAPI
import Testing

@Suite struct SigningRequestTests {
    private static func request(
        _ signer: String = "kubernetes.io/kube-apiserver-client-kubelet", username: String = "system:bootstrap:x",
        _ more: [String: JSONValue] = [:], status: JSONValue = .emptyObject
    ) -> JSONValue {
        var spec: JSONValue = [
            "signerName": .string(signer), "username": .string(username), "groups": ["g"], "request": "cGVt",
            "usages": ["client auth"],
        ]
        for (key, value) in more { spec[path: key] = value }
        return ["metadata": ["name": "r"], "spec": spec, "status": status]
    }

    private static func make(_ json: JSONValue) -> (MiniCluster, APIObject) {
        var cluster = MiniCluster()
        let object = cluster.add(.certificateSigningRequest, json)
        return (cluster, object)
    }

    private static func has(_ type: String, since: JSONValue? = nil) -> JSONValue {
        var condition: JSONValue = ["type": .string(type), "status": "True"]
        condition[path: "lastUpdateTime"] = since
        return condition
    }

    @Test func kubeletsAreApprovedWhenTheyMayAsk() throws {
        let (_, first) = Self.make(Self.request())
        let permissions = SigningRequests.permissions(for: first, commonName: "system:node:n")
        #expect(permissions.map(\.subresource) == ["nodeclient"])
        let (cluster, own) = Self.make(Self.request(username: "system:node:n"))
        let both = SigningRequests.permissions(for: own, commonName: "system:node:n")
        #expect(both.map(\.subresource) == ["selfnodeclient", "nodeclient"])
        let review = SigningRequests.review(of: own, both[0])
        #expect(
            review["spec"] == [
                "resourceAttributes": [
                    "group": "certificates.k8s.io", "version": "*", "resource": "certificatesigningrequests",
                    "subresource": "selfnodeclient", "verb": "create",
                ], "user": "system:node:n", "groups": ["g"],
            ])
        guard
            case .update(_, let approved, "approval")? =
                SigningRequests.approve(own, both[0], now: cluster.now).actions.first?.write
        else {
            Issue.record("it is approved by the subresource")
            return
        }
        let condition = Conditions.find("Approved", in: approved.status)
        #expect(condition?["status"] == "True" && condition?["reason"] == "AutoApproved")
        #expect(condition?["lastUpdateTime"] == Timestamp.text(cluster.now))
    }

    @Test(
        arguments: [
            request("kubernetes.io/kube-apiserver-client"), request("kubernetes.io/kubelet-serving"),
            request("example.org/mine"), request(status: ["conditions": [has("Denied")]]),
            request(status: ["conditions": [has("Approved")]]),
        ])
    func othersWait(json: JSONValue) {
        let (_, request) = Self.make(json)
        #expect(SigningRequests.permissions(for: request, commonName: "system:node:n").isEmpty)
    }

    @Test func aRequestThatCannotBeReadIsNotApproved() {
        let (_, request) = Self.make(Self.request())
        #expect(SigningRequests.permissions(for: request, commonName: nil).isEmpty)
    }

    @Test func onlyApprovedRequestsAreDue() {
        func isDue(_ status: JSONValue, _ signer: String = "kubernetes.io/kubelet-serving") -> Bool {
            SigningRequests.due(Self.make(Self.request(signer, status: status)).1) != nil
        }
        #expect(isDue(["conditions": [Self.has("Approved")]]))
        #expect(!isDue(.emptyObject))
        #expect(!isDue(["conditions": [Self.has("Approved"), Self.has("Denied")]]))
        #expect(!isDue(["conditions": [Self.has("Approved"), Self.has("Failed")]]))
        #expect(!isDue(["conditions": [Self.has("Approved")], "certificate": "eA=="]))
        #expect(!isDue(["conditions": [Self.has("Approved")]], "kubernetes.io/legacy-unknown"))
    }

    @Test(arguments: [(nil, 1000), (5, 600), (900, 900), (5000, 1000)] as [(Int64?, Int64)])
    func theLifetimeIsWhatIsAskedForWithinLimits(wanted: Int64?, lifetime: Int64) {
        let more: [String: JSONValue] = wanted.map { ["expirationSeconds": .integer($0)] } ?? [:]
        let (_, request) = Self.make(Self.request(username: "u", more))
        #expect(SigningRequests.lifetime(of: request, longest: 1000) == lifetime)
    }

    @Test func oldRequestsGo() throws {
        func clean(_ json: JSONValue, after seconds: Int64, certificateEnd: Int64? = nil) -> Decision {
            var (cluster, request) = Self.make(json)
            cluster.pass(seconds: seconds)
            return SigningRequests.clean(request, certificateEnd: certificateEnd, now: cluster.now)
        }
        let start = Timestamp.text(MiniCluster().now)
        let denied = Self.request(status: ["conditions": [Self.has("Denied", since: start)]])
        let issued = Self.request(
            status: ["conditions": [Self.has("Approved", since: start)], "certificate": "eA=="])
        let approved = Self.request(status: ["conditions": [Self.has("Approved", since: start)]])
        #expect(clean(Self.request(), after: 86_000).requeueAfter == .seconds(400))
        #expect(clean(Self.request(), after: 86_400).actions.count == 1)
        #expect(clean(denied, after: 3599).actions.isEmpty && clean(denied, after: 3600).actions.count == 1)
        #expect(clean(issued, after: 3599).actions.isEmpty && clean(issued, after: 3600).actions.count == 1)
        #expect(clean(issued, after: 10, certificateEnd: MiniCluster().now).actions.count == 1)
        // Its signer may still come.
        #expect(clean(approved, after: 100_000) == Decision())
    }
}
