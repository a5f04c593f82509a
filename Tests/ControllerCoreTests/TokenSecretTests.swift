import ControllerCore
import KubeAPI
import Testing

/// Secrets that hold tokens, and ranges of service addresses.
@Suite struct TokenSecretTests {
    private static let secret: JSONValue = [
        "metadata": ["name": "s", "annotations": ["kubernetes.io/service-account.name": "robot"]],
        "type": "kubernetes.io/service-account-token",
    ]

    private static func decide(_ cluster: MiniCluster, account: APIObject?) throws -> Decision {
        TokenSecrets.decide(try #require(cluster[.secret, "s"]), account: account, authority: "PEM") { _ in "token" }
    }

    @Test func aSecretHoldsWhatPodsNeed() throws {
        var cluster = MiniCluster()
        cluster.add(.secret, Self.secret)
        let account = cluster.add(.serviceAccount, ["metadata": ["name": "robot"]])
        try cluster.perform(Self.decide(cluster, account: account))
        let made = try #require(cluster[.secret, "s"])
        #expect(made["data"] == ["token": "dG9rZW4=", "ca.crt": "UEVN", "namespace": "bg=="])
        #expect(made.annotation("kubernetes.io/service-account.uid") == account.uid)
        #expect(try Self.decide(cluster, account: account) == Decision())
        // The account is gone, or another one has its name.
        let again = cluster.add(.serviceAccount, ["metadata": ["name": "robot"]])
        for other in [again, nil] {
            guard case .delete(.secret, _, let options)? = try Self.decide(cluster, account: other).actions.first?.write
            else {
                Issue.record("the token goes with its account")
                return
            }
            #expect(options.uid == made.uid)
        }
    }

    @Test func otherSecretsAreLeftAlone() throws {
        var cluster = MiniCluster()
        cluster.add(.secret, ["metadata": ["name": "s"], "type": "Opaque"])
        #expect(try Self.decide(cluster, account: nil) == Decision())
    }

    // MARK: - Bootstrap tokens

    /// Values are given in base64: id "aaaaaa", secret "s", "true".
    private static func bootstrap(_ more: [String: JSONValue] = [:]) throws -> APIObject {
        var data: JSONValue = [
            "token-id": "YWFhYWFh", "token-secret": "cw==", "usage-bootstrap-signing": "dHJ1ZQ==",
        ]
        for (key, value) in more { data[path: key] = value }
        return try APIObject(
            json: [
                "metadata": ["name": "bootstrap-token-aaaaaa", "namespace": "kube-system", "uid": "u"],
                "type": "bootstrap.kubernetes.io/token", "data": data,
            ])
    }

    /// 2027-01-01T00:00:00Z
    private static let end: [String: JSONValue] = ["expiration": "MjAyNy0wMS0wMVQwMDowMDowMFo="]
    private static let endTime: Int64 = 1_798_761_600 * Timestamp.second

    @Test func bootstrapTokensEnd() throws {
        let token = try Self.bootstrap(Self.end)
        let before = BootstrapTokenSecrets.clean(token, now: Self.endTime - 5 * Timestamp.second)
        #expect(before.requeueAfter == .seconds(5) && before.actions.isEmpty)
        #expect(BootstrapTokenSecrets.clean(token, now: Self.endTime).actions.count == 1)
        #expect(BootstrapTokenSecrets.clean(try Self.bootstrap(), now: Self.endTime) == Decision())
        #expect(BootstrapTokenSecrets.Signer(token, now: Self.endTime) == nil)
        #expect(BootstrapTokenSecrets.Signer(token, now: 0)?.secret == "s")
        #expect(
            BootstrapTokenSecrets.Signer(try Self.bootstrap(["usage-bootstrap-signing": "bm8="]), now: 0) == nil)
    }

    @Test func clusterInfoBearsASignaturePerToken() throws {
        let map = try APIObject(
            json: [
                "metadata": ["name": "cluster-info", "namespace": "kube-public"],
                "data": ["kubeconfig": "k", "jws-kubeconfig-old": "x"],
            ])
        let signer = try #require(BootstrapTokenSecrets.Signer(try Self.bootstrap(), now: 0))
        let decision = BootstrapTokenSecrets.sign(map, [signer]) { "\($0)-\($1.id)" }
        guard case .patch(.configMap, _, .merge, let patch, _)? = decision.actions.first?.write else {
            Issue.record("it is signed")
            return
        }
        #expect(patch["data"] == ["jws-kubeconfig-old": .null, "jws-kubeconfig-aaaaaa": "k-aaaaaa"])
    }

    // MARK: - ServiceCIDRs

    private static func range(_ name: String, _ prefix: String) -> JSONValue {
        ["metadata": ["name": .string(name)], "spec": ["cidrs": [.string(prefix)]]]
    }

    @Test func aRangeGoesWhenNoAddressIsLeftWithoutOne() throws {
        var cluster = MiniCluster()
        cluster.add(.serviceCIDR, Self.range("a", "10.0.0.0/16"))
        func run(_ cluster: inout MiniCluster) throws -> Decision {
            let decision = ServiceRanges.decide(
                try #require(cluster[.serviceCIDR, "a"]), all: cluster[.serviceCIDR], addresses: cluster[.ipAddress],
                now: cluster.now)
            try cluster.perform(decision)
            return decision
        }
        func ready(_ cluster: MiniCluster) -> JSONValue? {
            Conditions.find("Ready", in: cluster[.serviceCIDR, "a"]?.status)?["status"]
        }
        _ = try run(&cluster)
        #expect(cluster[.serviceCIDR, "a"]?.finalizers == ["networking.k8s.io/service-cidr-finalizer"])
        _ = try run(&cluster)
        #expect(ready(cluster) == "True")
        #expect(try run(&cluster) == Decision())
        cluster.add(
            .ipAddress,
            [
                "metadata": [
                    "name": "10.0.3.7", "labels": ["ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io"],
                ]
            ])
        let requested = Timestamp.text(cluster.now)
        cluster.change(.serviceCIDR, "a") { $0[path: "metadata", "deletionTimestamp"] = requested }
        _ = try run(&cluster)
        #expect(ready(cluster) == "False")
        cluster.add(.serviceCIDR, Self.range("b", "10.0.0.0/20"))
        #expect(try run(&cluster).requeueAfter == .seconds(10))
        cluster.pass(seconds: 10)
        _ = try run(&cluster)
        #expect(cluster[.serviceCIDR, "a"]?.finalizers == [])
    }
}
