import AccessControl
import Foundation
import KubeAPI
import PKI
import Testing

@testable import APIServer

struct AuthenticationTests {
    static let issuer = "https://kubernetes.default.svc.cluster.local"
    let objects = SampleObjects()
    let key = TokenKey()

    private func accounts(now: Int64 = Sample.now) -> ServiceAccountTokens {
        ServiceAccountTokens(TokenVerifier(keys: [key.verifier], issuers: [Self.issuer]), objects, now: { now })
    }

    private func chain(_ tokens: [any TokenAuthenticator] = [], anonymous: Bool = true) -> AuthenticationChain {
        AuthenticationChain(
            certificates: CertificateAuthenticator(now: { Sample.now }), tokens: TokenChain(tokens),
            audiences: [Self.issuer], allowsAnonymous: anonymous)
    }

    private func bearer(_ token: String) -> AuthenticationInput {
        AuthenticationInput(headers: ["authorization": ["Bearer " + token]])
    }

    @Test func certificatesNameUserAndGroups() async throws {
        let authority = try CertificateAuthority(commonName: "ca", now: Sample.now)
        let der = try Self.der(authority.issue(.admin, now: Sample.now).certificatePEM)
        let result = await chain().authenticate(AuthenticationInput(headers: [:], peerCertificate: der))
        guard case .user(let user) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(user.name == "kubernetes-admin" && user.groups == ["system:masters", "system:authenticated"])
        #expect(user.extra["authentication.kubernetes.io/credential-id"]?.first?.hasPrefix("X509SHA256=") == true)
        let old = try Self.der(authority.issue(.admin, now: Sample.now - 2 * CertificateProfile.year).certificatePEM)
        let expired = await chain().authenticate(AuthenticationInput(headers: [:], peerCertificate: old))
        guard case .refused = expired else {
            Issue.record("\(expired)")
            return
        }
        let serving = CertificateProfile.apiServer(hostNames: [], addresses: [], serviceAddresses: [])
        let server = try Self.der(authority.issue(serving, now: Sample.now).certificatePEM)
        #expect(
            await chain().authenticate(AuthenticationInput(headers: [:], peerCertificate: server))
                == .refused("the client's certificate is not meant for clients"))
    }

    private static func der(_ pem: String) throws -> [UInt8] {
        let lines = pem.split(separator: "\n").filter { !$0.hasPrefix("-----") }
        return Array(try #require(Data(base64Encoded: lines.joined())))
    }

    @Test func withoutCredentialsOneIsAnonymousIfThatIsAllowed() async {
        let input = AuthenticationInput(headers: [:])
        #expect(await chain().authenticate(input) == .user(.anonymous))
        #expect(await chain(anonymous: false).authenticate(input) == .none)
        #expect(await chain().authenticate(bearer("unknown")) == .refused("nobody knows the bearer token"))
    }

    @Test func staticTokens() async throws {
        let tokens = try StaticTokens("# comment\nsecret,jane,7,\"dev,ops\"\r\nother,bob,8\n\n")
        #expect(
            await chain([tokens]).authenticate(bearer("secret"))
                == .user(UserInfo(name: "jane", uid: "7", groups: ["dev", "ops", "system:authenticated"])))
        #expect(
            await tokens.authenticate(token: "other", audiences: [])
                == .user(UserInfo(name: "bob", uid: "8"), audiences: []))
        let error = #expect(throws: StaticTokens.FileError.self) { try StaticTokens("a,b") }
        #expect(error?.description.hasPrefix("line 1 of the token file") == true)
    }

    @Test func tokensInWebSocketProtocols() async throws {
        let tokens = try StaticTokens("secret,jane,7")
        let encoded = "base64url.bearer.authorization.k8s.io." + Base64URL.encode("secret".utf8)
        func input(_ protocols: String) -> AuthenticationInput {
            AuthenticationInput(headers: ["upgrade": ["websocket"], "sec-websocket-protocol": [protocols]])
        }
        let jane = UserInfo(name: "jane", uid: "7", groups: ["system:authenticated"])
        #expect(await chain([tokens]).authenticate(input("v5.channel.k8s.io, \(encoded)")) == .user(jane))
        // Upstream asks for a second protocol, so that it can answer with one that is no secret.
        #expect(await chain([tokens]).authenticate(input(encoded)) == .user(.anonymous))
    }

    private func secret(_ data: [String: String]) -> JSONValue {
        [
            "type": "bootstrap.kubernetes.io/token",
            "data": .object(JSONObject(data.map { .init($0.key, .string(Base64Text.encode($0.value))) })),
        ]
    }

    @Test func bootstrapTokens() async {
        let path = "/registry/secrets/kube-system/bootstrap-token-abcdef"
        let data = [
            "token-id": "abcdef", "token-secret": "0123456789abcdef", "usage-bootstrap-authentication": "true",
            "auth-extra-groups": "system:bootstrappers:kubeadm:default-node-token",
            "expiration": RFC3339.text(nanoseconds: (Sample.now + 60) * 1_000_000_000, .seconds),
        ]
        let tokens = BootstrapTokens(objects, now: { Sample.now })
        func result(_ token: String = "abcdef.0123456789abcdef") async -> TokenResult {
            await tokens.authenticate(token: token, audiences: ["a"])
        }
        objects[path] = secret(data)
        let groups = ["system:bootstrappers", "system:bootstrappers:kubeadm:default-node-token"]
        #expect(await result() == .user(UserInfo(name: "system:bootstrap:abcdef", groups: groups), audiences: ["a"]))
        #expect(await result("ABCDEF.0123456789abcdef") == .none)
        #expect(await result("abcdef.0123456789abcdee") == .refused("the bootstrap token abcdef has another secret"))
        for (key, value) in [
            ("expiration", RFC3339.text(nanoseconds: Sample.now * 1_000_000_000, .seconds)), ("expiration", "soon"),
            ("usage-bootstrap-authentication", "false"), ("auth-extra-groups", "system:masters"),
        ] {
            objects[path] = secret(data.merging([key: value]) { $1 })
            guard case .refused = await result() else {
                Issue.record("\(key): \(value)")
                continue
            }
        }
        objects[path] = nil
        #expect(await result() == .refused("there is no bootstrap token abcdef"))
    }

    private func object(uid: String, _ extra: [String: JSONValue] = [:]) -> JSONValue {
        var json: JSONValue = ["metadata": ["uid": .string(uid)]]
        for (key, value) in extra { json[path: key] = value }
        return json
    }

    @Test func aPodsTokenLivesAsLongAsItsPod() async throws {
        objects["/registry/serviceaccounts/ns/sa"] = object(uid: "u1")
        objects["/registry/pods/ns/p"] = object(
            uid: "u2", ["spec": ["serviceAccountName": "sa", "nodeName": "n"]])
        objects["/registry/minions/n"] = object(uid: "u3")
        let requests = TokenRequests(
            key, issuer: Self.issuer, audiences: [Self.issuer], objects: objects, newID: { "id" })
        let answer = try await requests.create(
            [
                "kind": "TokenRequest",
                "spec": ["boundObjectRef": ["kind": "Pod", "apiVersion": "v1", "name": "p", "uid": "u2"]],
            ], Sample.context(UserInfo(name: "system:node:n"), namespace: "ns", name: "sa"))
        let token = try #require(answer["status"]?["token"]?.string)
        #expect(answer["status"]?["expirationTimestamp"]?.string == "2027-01-15T09:00:00Z")
        #expect(answer["spec"]?["expirationSeconds"] == 3600 && answer["spec"]?["audiences"] == [.string(Self.issuer)])
        let result = await accounts().authenticate(token: token, audiences: [Self.issuer, "other"])
        let user = UserInfo(
            name: "system:serviceaccount:ns:sa", uid: "u1",
            groups: ["system:serviceaccounts", "system:serviceaccounts:ns"],
            extra: [
                "authentication.kubernetes.io/credential-id": ["JTI=id"],
                "authentication.kubernetes.io/pod-name": ["p"], "authentication.kubernetes.io/pod-uid": ["u2"],
                "authentication.kubernetes.io/node-name": ["n"], "authentication.kubernetes.io/node-uid": ["u3"],
            ])
        #expect(result == .user(user, audiences: [Self.issuer]))
        func isRefused(_ tokens: ServiceAccountTokens) async -> Bool {
            if case .refused = await tokens.authenticate(token: token, audiences: [Self.issuer]) { true } else { false }
        }
        let tokens = accounts()
        #expect(await !isRefused(tokens))
        #expect(await isRefused(accounts(now: Sample.now + 3600)))
        objects["/registry/pods/ns/p"] = object(uid: "another")
        #expect(await isRefused(tokens))
        objects["/registry/pods/ns/p"] = object(uid: "u2")
        #expect(await !isRefused(tokens))
        objects["/registry/serviceaccounts/ns/sa"] = nil
        #expect(await isRefused(tokens))
    }

    @Test func tokenRequestsAreChecked() async throws {
        objects["/registry/serviceaccounts/ns/sa"] = object(uid: "u1")
        objects["/registry/pods/ns/p"] = object(uid: "u2", ["spec": ["serviceAccountName": "other"]])
        let requests = TokenRequests(
            key, issuer: Self.issuer, audiences: [Self.issuer], objects: objects, newID: { "id" })
        func refusal(_ spec: JSONValue, name: String = "sa") async -> String {
            do {
                _ = try await requests.create(
                    ["spec": spec], Sample.context(UserInfo(name: "u"), namespace: "ns", name: name))
                return ""
            } catch let status as Status {
                return status.message
            } catch let invalid as InvalidObject {
                return invalid.errors.map { $0.path + ": " + $0.message }.joined()
            } catch { return "\(error)" }
        }
        #expect(
            await refusal(["expirationSeconds": 599])
                == "spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes")
        #expect(await refusal([:], name: "gone") == #"serviceaccounts "gone" not found"#)
        #expect(
            await refusal(["boundObjectRef": ["kind": "Pod", "apiVersion": "v1", "name": "p"]])
                == #"cannot bind token for serviceaccount "sa" to pod running with different serviceaccount name."#)
        #expect(
            await refusal(["boundObjectRef": ["kind": "Pod", "apiVersion": "v1", "name": "p", "uid": "x"]])
                .hasPrefix(#"Operation cannot be fulfilled on pods "p": the UID in the bound object reference (x)"#))
        #expect(
            await refusal(["boundObjectRef": ["kind": "Job", "apiVersion": "batch/v1", "name": "j"]])
                == "cannot bind token to object of type batch/v1, Kind=Job")
    }

    @Test func kubeletsTokensLiveLonger() async throws {
        objects["/registry/serviceaccounts/ns/sa"] = object(uid: "u1")
        objects["/registry/pods/ns/p"] = object(uid: "u2", ["spec": ["serviceAccountName": "sa"]])
        let requests = TokenRequests(
            key, issuer: Self.issuer, audiences: [Self.issuer], objects: objects, newID: { "id" })
        let answer = try await requests.create(
            [
                "spec": [
                    "expirationSeconds": 3607, "boundObjectRef": ["kind": "Pod", "apiVersion": "v1", "name": "p"],
                ]
            ], Sample.context(UserInfo(name: "u"), namespace: "ns", name: "sa"))
        let token = try #require(answer["status"]?["token"]?.string)
        let verifier = TokenVerifier(keys: [key.verifier], issuers: [Self.issuer])
        let claims = try verifier.verify(token, audiences: [Self.issuer], now: Sample.now + 4000)
        #expect(claims.warnAfter == Sample.now + 3607 && claims.expires == Sample.now + 365 * 86_400)
    }

    @Test func tokenReviews() async throws {
        let reviews = TokenReviews(try StaticTokens("secret,jane,7,dev"), audiences: ["api"])
        let context = Sample.context(UserInfo(name: "kubelet"))
        let good = try await reviews.create(["spec": ["token": "secret"]], context)
        #expect(
            good["status"] == [
                "authenticated": true,
                "user": ["username": "jane", "uid": "7", "groups": ["dev", "system:authenticated"]],
                "audiences": ["api"],
            ])
        let bad = try await reviews.create(["spec": ["token": "wrong"]], context)
        #expect(bad["status"] == ["user": [:], "error": "invalid bearer token"])
        await #expect(throws: Status.self) { try await reviews.create(["spec": [:]], context) }
    }

    @Test func impersonation() async throws {
        let jane = UserInfo(name: "jane", groups: ["dev"])
        let impersonation = Impersonation(
            SampleAuthorizer { request in
                request.verb == "impersonate"
                    && [
                        "users/bob", "groups/ops", "serviceaccounts/sa", "userextras/scopes/view", "uids/7",
                        "users/system:anonymous",
                    ].contains(request.resourceAndSubresource + "/" + request.name)
            })
        func act(_ headers: [String: [String]]) async throws -> UserInfo {
            try await impersonation.effectiveUser(of: jane, AuthenticationInput(headers: headers))
        }
        #expect(try await act([:]) == jane)
        #expect(
            try await act([
                "impersonate-user": ["bob"], "impersonate-group": ["ops"], "impersonate-uid": ["7"],
                "impersonate-extra-scopes": ["view"],
            ])
                == UserInfo(
                    name: "bob", uid: "7", groups: ["ops", "system:authenticated"], extra: ["scopes": ["view"]]))
        #expect(
            try await act(["impersonate-user": ["system:serviceaccount:ns:sa"]]).groups
                == ["system:serviceaccounts", "system:serviceaccounts:ns", "system:authenticated"])
        #expect(try await act(["impersonate-user": ["system:anonymous"]]).groups == ["system:unauthenticated"])
        let refused = await #expect(throws: Status.self) { _ = try await act(["impersonate-user": ["eve"]]) }
        #expect(
            refused?.message
                == #"users "eve" is forbidden: User "jane" cannot impersonate resource "users" in API group "" "#
                + "at the cluster scope")
        await #expect(throws: Status.self) {
            _ = try await act(["impersonate-user": ["bob"], "impersonate-group": ["system:masters"]])
        }
        await #expect(throws: Status.self) { _ = try await act(["impersonate-group": ["ops"]]) }
    }

    @Test func theCacheIsBounded() {
        let cache = BoundedCache<Int, Int>(limit: 10)
        for key in 0..<1000 {
            cache[key] = key
            #expect(cache[0] == 0)
        }
        #expect(cache.count <= 20)
        cache[0] = nil
        #expect(cache[0] == nil)
    }
}
