import AccessControl
import KubeAPI
import KubeSchema
import NetTypes
import StoreCore

/// Makes what every cluster has before anybody asks: system namespaces, bootstrap roles and bindings, flow schemas,
/// priority classes, the ServiceCIDR and the `kubernetes` Service with its endpoints. Run again it changes only what is
/// missing.
public struct ClusterBootstrap: Sendable {
    private let registry: Registry
    private let network: ServiceNetwork
    let advertised: AddressPort
    private let clock: @Sendable () -> Int64

    /// `advertised`: where this server is reached.
    public init(
        _ registry: Registry, network: ServiceNetwork, advertised: AddressPort, clock: @escaping @Sendable () -> Int64
    ) {
        self.registry = registry
        self.network = network
        self.advertised = advertised
        self.clock = clock
    }

    /// - Parameter isAlone: whether no other server has this store; if one may have, `ServerEndpoints` publishes.
    public func run(isAlone: Bool) async throws {
        let all = BootstrapObjects.all + BootstrapPolicy.objects
        try await reconcile(all.filter { $0["kind"] == "Namespace" })
        // Together, so that they share the store's commits.
        try await reconcile(all.filter { $0["kind"] != "Namespace" } + [serviceRange])
        try await reconcile([service])
        if isAlone { try await publish([advertised.address]) }
    }

    private func reconcile(_ objects: [JSONValue]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for object in objects { group.addTask { try await reconcile(object) } }
            try await group.waitForAll()
        }
    }

    private func reconcile(_ expected: JSONValue) async throws {
        guard let served = served(expected) else { return }
        let (namespace, name) = (expected.meta("namespace"), expected.meta("name"))
        let existing = try await registry.get(served, namespace: namespace, name: name)
        switch BootstrapReconciliation(existing: existing, expected: expected) {
        case .nothing: break
        case .create(let object): try await create(object, served)
        case .update(let object):
            let update = ObjectUpdate(namespace: namespace, name: name) { _ in object }
            _ = try await registry.update(update, served, context(served, "update"))
        case .replace(let object):
            _ = try await registry.delete(
                served, namespace: namespace, name: name, DeleteOptions(), context(served, "delete"))
            try await create(object, served)
        }
    }

    /// Another server of the same store may have been faster.
    private func create(_ object: JSONValue, _ served: ServedResource) async throws {
        do {
            let canonical = try served.canonical(object).value
            _ = try await registry.create(
                canonical, served, namespace: object.meta("namespace"), context(served, "create"))
        } catch let status as Status where status.reason == "AlreadyExists" {
        }
    }

    private func served(_ object: JSONValue) -> ServedResource? {
        let apiVersion = object["apiVersion"]?.string ?? ""
        let kind = object["kind"]?.string
        return registry.resources.snapshot.all.first {
            $0.definition.apiVersion == apiVersion && $0.definition.kind == kind && $0.isStored
        }
    }

    private func context(_ served: ServedResource, _ verb: String) -> RequestContext {
        let user = UserInfo(name: "system:apiserver", groups: ["system:masters"])
        return RequestContext(
            user: user, attributes: RequestAttributes(user: user, verb: verb, path: "/"),
            resource: served.definition, fieldManager: "kube-apiserver", now: clock())
    }

    // MARK: The cluster's own Service

    private var serviceRange: JSONValue {
        [
            "kind": "ServiceCIDR", "apiVersion": "networking.k8s.io/v1", "metadata": ["name": "kubernetes"],
            "spec": ["cidrs": .array(network.ranges.map { .string($0.description) })],
        ]
    }

    /// At the first address of the cluster's range.
    private var service: JSONValue {
        let address = JSONValue.string(network.ranges[0].serviceAddress(0).description)
        return [
            "kind": "Service", "apiVersion": "v1",
            "metadata": [
                "name": "kubernetes", "namespace": "default",
                "labels": ["component": "apiserver", "provider": "kubernetes"],
            ],
            "spec": [
                "type": "ClusterIP", "clusterIP": address, "clusterIPs": [address], "ipFamilyPolicy": "SingleStack",
                "ipFamilies": [.string(network.families[0].serviceName)], "sessionAffinity": "None",
                "ports": [
                    ["name": "https", "protocol": "TCP", "port": 443, "targetPort": .integer(Int64(advertised.port))]
                ],
            ],
        ]
    }

    /// Endpoints and EndpointSlice of the `kubernetes` Service name these servers; not when only this machine reaches
    /// one, for endpoints may not be loopback addresses.
    func publish(_ servers: [IPAddress]) async throws {
        let family = advertised.address.family
        let addresses = servers.filter { $0.family == family && !$0.isLoopback && !$0.isLinkLocal }
            .map { JSONValue.string($0.description) }
        guard !addresses.isEmpty else { return }
        let port: JSONValue = ["name": "https", "protocol": "TCP", "port": .integer(Int64(advertised.port))]
        let metadata: JSONValue = ["name": "kubernetes", "namespace": "default"]
        var labels: JSONValue = metadata
        labels[path: "labels"] = ["kubernetes.io/service-name": "kubernetes"]
        let slice: JSONValue = [
            "kind": "EndpointSlice", "apiVersion": "discovery.k8s.io/v1", "metadata": labels,
            "addressType": .string(family.serviceName),
            "endpoints": .array(addresses.map { ["addresses": [$0], "conditions": ["ready": true]] }), "ports": [port],
        ]
        var skipped = metadata
        skipped[path: "labels"] = ["endpointslice.kubernetes.io/skip-mirror": "true"]
        let endpoints: JSONValue = [
            "kind": "Endpoints", "apiVersion": "v1", "metadata": skipped,
            "subsets": [["addresses": .array(addresses.map { ["ip": $0] }), "ports": [port]]],
        ]
        try await put(endpoints)
        try await put(slice)
    }

    /// Creates it, or gives the one that is there these contents.
    private func put(_ object: JSONValue) async throws {
        guard let served = served(object) else { return }
        let canonical = try served.canonical(object).value
        var update = ObjectUpdate(namespace: "default", name: "kubernetes") { old in
            var new = canonical
            new[path: "metadata"] = old["metadata"]
            return new
        }
        update.creation = { canonical }
        update.isPatch = true
        do {
            _ = try await registry.update(update, served, context(served, "update"))
        } catch is InvalidObject {
            // Of another address family than this server's: made anew.
            _ = try await registry.delete(
                served, namespace: "default", name: "kubernetes", DeleteOptions(), context(served, "delete"))
            try await create(object, served)
        }
    }
}
