import KubeAPI

/// All that is known of one Service: what the API said, and what became of it.
struct ServiceEntry: Sendable {
    let name: NamespacedName
    /// nil while only slices are known.
    var record: ServiceRecord?
    var slices: [SliceRecord] = []
    /// Resolved: by family, then in the Service's order.
    var ports: [ServicePort] = []
    /// Frontends that it asks for and an older Service holds.
    var lostFrontends: [FrontendKey] = []
    var healthCheck: HealthCheck?
    /// Waits for `settle`.
    var isDirty = false

    init(name: NamespacedName) { self.name = name }

    var isVacant: Bool { record == nil && slices.isEmpty }
    var hasZoneHints: Bool { slices.contains(where: \.hasZoneHints) }
    /// Whether its source ranges are compared with the node's addresses.
    var looksAtLocalAddresses: Bool {
        record.map { !$0.sourceRanges.isEmpty && !$0.loadBalancerIPs.isEmpty } ?? false
    }

    var subject: Advice.Subject { Advice.Subject(kind: "Service", name: name, uid: record?.uid ?? "") }
    var advice: [Advice] { (record?.tuning.advice ?? []) + slices.flatMap(\.advice) }
}
