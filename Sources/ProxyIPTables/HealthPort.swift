import ProxyCore

/// A health-check node port that the node accepts, as kube-proxy does, whatever the node's own firewall says later on.
struct HealthPort: Hashable, Comparable {
    /// `namespace/name`.
    private let service: String
    private let port: UInt16

    /// nil for Services that have none.
    init?(_ port: ServicePort) {
        guard let number = port.healthCheckNodePort else { return nil }
        service = "\(port.name.service)"
        self.port = number
    }

    static func < (a: HealthPort, b: HealthPort) -> Bool {
        a.service != b.service ? a.service < b.service : a.port < b.port
    }

    var rule: String {
        "-p tcp \(RuleText.comment("\(service) health check node port")) -m tcp --dport \(port) -j ACCEPT"
    }
}
