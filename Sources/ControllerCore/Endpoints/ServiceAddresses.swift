import KubeAPI
import KubeSchema
import NetTypes

/// Services and IPAddresses that do not agree (KEP-1880): every cluster IP has an IPAddress that names its Service, and the
/// other way around. The API server writes both in one transaction; what users or other servers did beside it is mended.
public enum ServiceAddresses {
    private static let kind = APIKind.ipAddress
    private static let familyLabel = "ipaddress.kubernetes.io/ip-family"
    /// Seconds in which one of the two may be there alone: a stock API server writes the IPAddress first, and informers
    /// hear of the two at different times.
    static let grace: Int64 = 60
    static let patience: Int64 = 5

    // MARK: - A Service

    /// - Parameters:
    ///   - ranges: every ServiceCIDR; without any nothing is known of addresses.
    ///   - address: the IPAddress of that name; nil only when the server says that there is none.
    ///   - holder: the Service of that key; nil when there is none.
    public static func decide(
        _ service: APIObject, ranges: [APIObject], address: (String) -> APIObject?,
        holder: (NamespacedName) -> APIObject?
    ) -> Decision {
        guard !ranges.isEmpty, !service.isBeingDeleted else { return Decision() }
        let prefixes = ranges.flatMap(ServiceRanges.prefixes)
        var decision = Decision()
        for text in clusterIPs(service) {
            guard let ip = IPAddress(text) else {
                decision.events.append(
                    EventText(
                        .warning, "ClusterIPNotValid", "Cluster IP \(text) is not a valid IP; please recreate Service"))
                continue
            }
            let label = "[\(family(ip))]"
            guard prefixes.contains(where: { $0.contains(ip) }) else {
                let note =
                    "Cluster IP \(label): \(ip) is not within any configured Service CIDR; please recreate service"
                decision.events.append(EventText(.warning, "ClusterIPOutOfRange", note))
                continue
            }
            guard let object = address(ip.description) else {
                let note = "Cluster IP \(label): \(ip) is not allocated; repairing"
                decision.events.append(EventText(.warning, "ClusterIPNotAllocated", note))
                decision.perform(.create(kind, namespace: "", json(ip, service)))
                continue
            }
            mend(object, ip, service, holder, &decision)
        }
        return decision
    }

    /// The IPAddress is there, but is it the Service's?
    private static func mend(
        _ object: APIObject, _ ip: IPAddress, _ service: APIObject, _ holder: (NamespacedName) -> APIObject?,
        _ decision: inout Decision
    ) {
        let isOwn = parent(object) == service.key
        if !isOwn, let other = parent(object).flatMap(holder), clusterIPs(other).contains(object.name) {
            let note = "Cluster IP [\(family(ip))]:\(ip) was assigned to multiple services; please recreate service"
            decision.events.append(EventText(.warning, "ClusterIPAlreadyAllocated", note))
            return
        }
        let isLabelled =
            object.label(ServiceRanges.managerLabel) == ServiceRanges.manager
            && object.label(familyLabel) == family(ip)
        guard !isOwn || !isLabelled else { return }
        if !isOwn {
            let note =
                "the ClusterIP [\(family(ip))]: \(ip) for Service \(service.key) has a wrong reference; repairing"
            decision.events.append(EventText(.warning, "ClusterIPNotAllocated", note))
        }
        decision.perform(.delete(kind, object))
        decision.perform(.create(kind, namespace: "", json(ip, service)))
    }

    /// For how long to wait before the server is asked about a Service whose addresses the informer does not know.
    public static func wait(_ service: APIObject, now: Int64) -> Duration? { remaining(service, patience, now) }

    // MARK: - An IPAddress

    /// - Parameter service: the one that it names; nil only when the server says that there is none.
    public static func decide(address: APIObject, service: APIObject?, now: Int64) -> Decision {
        guard isManaged(address), !address.isBeingDeleted else { return Decision() }
        guard let key = parent(address) else {
            return remove(
                address,
                "IPAddress \(address.name) appears to have been modified, not referencing a Service: cleaning up")
        }
        let subject = "IPAddress: \(address.name) for Service \(key)"
        guard let service else {
            if let wait = wait(address: address, isServiceKnown: false, now: now) {
                return Decision(requeueAfter: wait)
            }
            return remove(address, "\(subject) appears to have leaked: cleaning up")
        }
        guard !clusterIPs(service).contains(address.name) else { return Decision() }
        return remove(
            address, "\(subject) has a wrong reference; cleaning up", reason: "IPAddressWrongReference")
    }

    /// For how long an IPAddress is left alone whose Service is not known, or is known without it.
    public static func wait(address: APIObject, isServiceKnown: Bool, now: Int64) -> Duration? {
        remaining(address, isServiceKnown ? patience : grace, now)
    }

    /// Whether it was made for a Service, not by a user or for something else.
    public static func isManaged(_ address: APIObject) -> Bool {
        address.label(ServiceRanges.managerLabel) == ServiceRanges.manager
    }

    /// The Service that an IPAddress names.
    public static func parent(_ address: APIObject) -> NamespacedName? {
        let reference = address.spec?["parentRef"]
        guard reference?["group"]?.string ?? "" == "", reference?["resource"]?.string == "services" else { return nil }
        return NamespacedName(
            namespace: reference?["namespace"]?.string ?? "", name: reference?["name"]?.string ?? "")
    }

    /// Empty for headless Services.
    public static func clusterIPs(_ service: APIObject) -> [String] {
        guard service.spec?["type"]?.string != "ExternalName" else { return [] }
        return (service.spec?["clusterIPs"]?.array ?? []).compactMap(\.string).filter { $0 != "None" && !$0.isEmpty }
    }

    private static func remove(
        _ address: APIObject, _ note: String, reason: String = "IPAddressNotAllocated"
    ) -> Decision {
        Decision([Action(.delete(kind, address))], events: [EventText(.warning, reason, note)])
    }

    private static func remaining(_ object: APIObject, _ seconds: Int64, _ now: Int64) -> Duration? {
        let created = Timestamp.nanoseconds(object.metadata?["creationTimestamp"]) ?? 0
        let end = Timestamp.adding(seconds: seconds, to: created)
        return end > now ? Timestamp.wait(from: now, until: end) : nil
    }

    private static func family(_ ip: IPAddress) -> String { ip.family == .ipv4 ? "IPv4" : "IPv6" }

    private static func json(_ ip: IPAddress, _ service: APIObject) -> JSONValue {
        [
            "apiVersion": .string(kind.apiVersion), "kind": .string(kind.kind),
            "metadata": [
                "name": .string(ip.description),
                "labels": [
                    familyLabel: .string(family(ip)), ServiceRanges.managerLabel: .string(ServiceRanges.manager),
                ],
            ],
            "spec": [
                "parentRef": [
                    "resource": "services", "namespace": .string(service.namespace), "name": .string(service.name),
                ]
            ],
        ]
    }
}
