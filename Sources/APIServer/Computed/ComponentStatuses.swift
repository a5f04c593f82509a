import KubeAPI

/// How the scheduler, the controller manager and the store are: the first two as their health pages on this machine say,
/// which is where clusters without more machines run them. Upstream calls the resource deprecated, and looks there too.
public struct ComponentStatuses: ComputedResource {
    private static let ports = ["controller-manager": 10_257, "scheduler": 10_259]

    private let client: NodeAgentClient
    private let store: StoredObjects

    public init(_ client: NodeAgentClient, store: StoredObjects) {
        self.client = client
        self.store = store
    }

    public func objects(namespace: String, name: String) async throws -> [JSONValue] {
        var objects: [JSONValue] = []
        for (component, port) in Self.ports where name.isEmpty || name == component {
            objects.append(Self.object(component, await health(port)))
        }
        if name.isEmpty || name == "etcd-0" { objects.append(Self.object("etcd-0", await storeHealth())) }
        return objects
    }

    private enum Health {
        case good(String)
        case bad(String)
    }

    private static func object(_ name: String, _ health: Health) -> JSONValue {
        var condition: JSONValue = ["type": "Healthy"]
        switch health {
        case .good(let message):
            condition[path: "status"] = "True"
            condition[path: "message"] = .string(message)
        case .bad(let error):
            condition[path: "status"] = "False"
            condition[path: "error"] = .string(error)
        }
        return [
            "apiVersion": "v1", "kind": "ComponentStatus", "metadata": ["name": .string(name)],
            "conditions": [condition],
        ]
    }

    private func storeHealth() async -> Health {
        do {
            _ = try await store.get(StorePrefix.namespaces, name: "default")
            return .good("ok")
        } catch {
            return .bad("\(error)")
        }
    }

    /// Why nobody answered, as Go says it.
    static func words(_ error: any Error, port: Int) -> String {
        let why = (error as? Status)?.message ?? "\(error)"
        let shown =
            why.contains("Connection refused") ? "dial tcp 127.0.0.1:\(port): connect: connection refused" : why
        return "Get \"https://127.0.0.1:\(port)/healthz\": \(shown)"
    }

    /// Ours answer in plain HTTP, stock ones in TLS.
    private func health(_ port: Int) async -> Health {
        let location = NodeAgentLocation(host: "127.0.0.1", port: port)
        let request = AgentRequest(method: "GET", uri: "/healthz")
        for security in [NodeAgentClient.Security.none, .unverified] {
            do {
                let response = try await client.send(request, to: location, security)
                let body = String(decoding: try await response.body(limit: 4096), as: UTF8.self)
                if response.head.status == .ok { return .good(body) }
                if security == .unverified { return .bad(body) }
            } catch {
                if security == .unverified { return .bad(Self.words(error, port: port)) }
            }
        }
        return .bad("")
    }
}
