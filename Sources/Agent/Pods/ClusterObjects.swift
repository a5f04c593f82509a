import AgentCore
import ControlLoops
import KubeAPI
import KubeClient
import Logging
import NetTypes
import Synchronization

/// What pods refer to: ConfigMaps and Secrets, asked for when needed, and Services, which are followed.
final class ClusterObjects: Sendable {
    private static let configMaps = GroupVersionResource(resource: "configmaps")
    private static let secrets = GroupVersionResource(resource: "secrets")
    private static let accounts = GroupVersionResource(resource: "serviceaccounts")

    private struct Source: Hashable {
        var resource: GroupVersionResource
        var name: NamespacedName
    }

    /// What a ConfigMap or Secret held, for the refreshing of volumes: many pods show the same ones.
    private struct Shown {
        var data: [String: [UInt8]]?
        var asked: ContinuousClock.Instant
    }

    private struct TokenKey: Hashable {
        var uid: String
        var audience: String?
        var lifetime: Int64
    }

    let client: KubeClient?
    private let services: Informer?
    private let tokens = Mutex<[TokenKey: AccountToken]>([:])
    private let shown = Mutex<[Source: Shown]>([:])

    init(client: KubeClient?, logger: Logger) {
        self.client = client
        services = client.map { Informer(.services, client: $0, logger: logger) }
    }

    func run() async { await services?.run() }

    /// Returns once Services are known: a container's environment tells of them.
    func waitUntilSynced() async { await services?.waitUntilSynced() }

    /// Everything that the pod names; what does not exist is left out.
    func references(of pod: PodDeclaration) async throws -> PodReferences {
        var references = try await volumeReferences(of: pod, age: .zero)
        references.services = (services?.objects ?? []).compactMap { try? Service(json: $0.json) }
        return references
    }

    /// The ConfigMaps and Secrets that the pod names, as they were at most `age` ago.
    func volumeReferences(of pod: PodDeclaration, age: Duration) async throws -> PodReferences {
        var references = PodReferences()
        guard let client else { return references }
        let names = VolumePlan.references(of: pod)
        for name in names.configMaps {
            let source = Source(
                resource: Self.configMaps, name: NamespacedName(namespace: pod.key.namespace, name: name))
            references.configMaps[name] = try await data(source, client, age)
        }
        for name in names.secrets {
            let source = Source(resource: Self.secrets, name: NamespacedName(namespace: pod.key.namespace, name: name))
            references.secrets[name] = try await data(source, client, age)
        }
        return references
    }

    /// Nil for what does not exist.
    private func data(
        _ source: Source, _ client: KubeClient, _ age: Duration
    ) async throws -> [String: [UInt8]]? {
        let now = ContinuousClock.now
        if age > .zero, let known = shown.withLock({ $0[source] }), known.asked + age > now { return known.data }
        let data = try await ask(for: source, client)
        if age > .zero {
            shown.withLock { shown in
                shown = shown.filter { $0.value.asked + age > now }
                shown[source] = Shown(data: data, asked: now)
            }
        }
        return data
    }

    private func ask(for source: Source, _ client: KubeClient) async throws -> [String: [UInt8]]? {
        do {
            return Self.data(try await client.get(source.resource, source.name))
        } catch {
            guard error.isNotFound else { throw error }
            return nil
        }
    }

    /// A ConfigMap's texts are as they are; its binary data and a Secret's data are in base64.
    private static func data(_ object: APIObject) -> [String: [UInt8]] {
        var values: [String: [UInt8]] = [:]
        let isSecret = object["data"] != nil && object["binaryData"] == nil && object["type"] != nil
        for member in object["data"]?.object?.members ?? [] {
            let text = member.value.string ?? ""
            values[member.key] = isSecret ? Base64.decode(text) ?? [] : Array(text.utf8)
        }
        for member in object["binaryData"]?.object?.members ?? [] {
            values[member.key] = Base64.decode(member.value.string ?? "") ?? []
        }
        return values
    }

    /// Credentials for an image of a registry, from the pod's pull secrets.
    func pullSecrets(of pod: PodDeclaration) async -> [[UInt8]] {
        guard let client else { return [] }
        var texts: [[UInt8]] = []
        for reference in pod.object.spec?["imagePullSecrets"]?.array ?? [] {
            guard let name = reference["name"]?.string else { continue }
            let key = NamespacedName(namespace: pod.key.namespace, name: name)
            guard let secret = try? await client.get(Self.secrets, key) else { continue }
            let data = Self.data(secret)
            if let text = data[".dockerconfigjson"] ?? data[".dockercfg"] { texts.append(text) }
        }
        return texts
    }

    // MARK: - Tokens

    /// A token bound to the pod; the same while it is fresh.
    func token(for pod: PodDeclaration, audience: String?, lifetime: Int64) async throws -> String {
        let key = TokenKey(uid: pod.uid, audience: audience, lifetime: lifetime)
        let now = WallClock.now()
        if let known = tokens.withLock({ $0[key] }), known.isFresh(now) { return known.text }
        guard let client else {
            throw ConfigurationFailure("without an API server there are no service account tokens")
        }
        do {
            let made = try await client.create(
                Self.accounts, Self.request(pod, audience, lifetime), namespace: pod.key.namespace,
                subresource: "token", of: pod.serviceAccount)
            guard let text = made.status?["token"]?.string,
                let expires = made.status?["expirationTimestamp"]?.string.flatMap(RFC3339.nanoseconds)
            else { throw ConfigurationFailure("the API server gave no token for \(pod.serviceAccount)") }
            tokens.withLock { $0[key] = AccountToken(text, expires: expires, now: now) }
            return text
        } catch let failure {
            if let known = tokens.withLock({ $0[key] }), known.isValid(now) { return known.text }
            throw failure
        }
    }

    private static func request(_ pod: PodDeclaration, _ audience: String?, _ lifetime: Int64) -> JSONValue {
        var request: JSONValue = [
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
            "metadata": ["name": .string(pod.serviceAccount)],
            "spec": [
                "expirationSeconds": .integer(lifetime),
                "boundObjectRef": [
                    "apiVersion": "v1", "kind": "Pod", "name": .string(pod.key.name), "uid": .string(pod.uid),
                ],
            ],
        ]
        if let audience { request[path: "spec", "audiences"] = [.string(audience)] }
        return request
    }

    func forget(_ uid: String) { tokens.withLock { tokens in tokens = tokens.filter { $0.key.uid != uid } } }
}
