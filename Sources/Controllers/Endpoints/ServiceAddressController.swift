import ControllerCore
import KubeAPI
import KubeClient

/// Mends Services and IPAddresses that do not agree.
public struct ServiceAddressController: Controller {
    public static let name = "ipallocator-repair-controller"
    private let services: ObjectLoop
    private let addresses: ObjectLoop

    public init(_ context: ControllerContext) {
        services = ObjectLoop(Self.name, .service, context, workers: 1)
        addresses = ObjectLoop("ipaddress-repair-controller", .ipAddress, context, workers: 1)
        services.also(.ipAddress) { change in
            // A new one is as its maker wants it; its own look follows.
            change.old.flatMap(ServiceAddresses.parent).map { [$0] } ?? []
        }
        addresses.also(.service) { change in
            let had = change.old.map(ServiceAddresses.clusterIPs) ?? []
            let has = change.new.map(ServiceAddresses.clusterIPs) ?? []
            return Set(had).subtracting(has).map { NamespacedName(namespace: "", name: $0) }
        }
        _ = context[.serviceCIDR]
    }

    public func run() async {
        let context = services.context
        await withDiscardingTaskGroup { group in
            group.addTask { await services.decide { try await context.look(service: $0) } }
            group.addTask { await addresses.decide { try await context.look(address: $0) } }
        }
    }
}

extension ControllerContext {
    fileprivate func look(service: APIObject) async throws(ClientError) -> Decision {
        var known: [String: APIObject] = [:]
        for name in ServiceAddresses.clusterIPs(service) {
            let key = NamespacedName(namespace: "", name: name)
            if self[.ipAddress][key] == nil, let wait = ServiceAddresses.wait(service, now: now) {
                return Decision(requeueAfter: wait)
            }
            known[name] = try await find(.ipAddress, key)
        }
        let decision = ServiceAddresses.decide(
            service, ranges: self[.serviceCIDR].objects, address: { known[$0] }, holder: { self[.service][$0] })
        guard !decision.actions.isEmpty else { return decision }
        // It may be gone, and its addresses with it.
        let live = try await live(.service, service.key)
        let isSame =
            live.map {
                $0.uid == service.uid && ServiceAddresses.clusterIPs($0) == ServiceAddresses.clusterIPs(service)
            }
        return isSame == true ? decision : Decision()
    }

    fileprivate func look(address: APIObject) async throws(ClientError) -> Decision {
        guard ServiceAddresses.isManaged(address), let key = ServiceAddresses.parent(address) else {
            return ServiceAddresses.decide(address: address, service: nil, now: now)
        }
        let known = self[.service][key]
        if let known, ServiceAddresses.clusterIPs(known).contains(address.name) { return Decision() }
        if let wait = ServiceAddresses.wait(address: address, isServiceKnown: known != nil, now: now) {
            return Decision(requeueAfter: wait)
        }
        let decision = ServiceAddresses.decide(address: address, service: try await live(.service, key), now: now)
        guard !decision.actions.isEmpty else { return decision }
        // It may have gone with its Service.
        return try await live(.ipAddress, address.key)?.uid == address.uid ? decision : Decision()
    }
}
