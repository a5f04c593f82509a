import ControllerCore
import KubeAPI
import KubeClient

extension ObjectLoop {
    /// A pod leads to the Services that select it, before and after.
    func watchBackends() {
        let services = context[.service]
        also(.pod) { change in
            if case .updated(let old, let new) = change, !ServiceMatching.matters(old, new) { return [] }
            let pods = [change.old, change.new].compactMap { $0 }
            return Array(ServiceMatching.services(of: pods) { services.objects(Indexes.selector, $0) })
        }
    }
}

extension ControllerContext {
    func pods(of service: APIObject) -> [APIObject] {
        ServiceMatching.pair(service).map { self[.pod].objects(Indexes.label, $0) } ?? []
    }
}

extension APIObject {
    /// Of a node.
    var zone: String? { label("topology.kubernetes.io/zone") }

    /// Of an EndpointSlice: the Service it belongs to.
    var service: NamespacedName? {
        label("kubernetes.io/service-name").map { NamespacedName(namespace: namespace, name: $0) }
    }
}
