import KubeAPI

/// What the EndpointSlices of one Service, or of one Endpoints object, should hold, and the least that must be written
/// so that they do.
///
/// Endpoints with the same ports and address family share slices of at most `limit` endpoints. An endpoint stays in the
/// slice it is in; free places are filled before a slice is made; slices that need no change are not touched. What is
/// written says since when it was due (`endpoints.kubernetes.io/last-change-trigger-time`), by which clients measure how
/// long a change takes to reach them.
public struct SliceReconciliation: Sendable {
    /// Slices that may be put together.
    struct Group: Hashable {
        /// `IPv4`, `IPv6` or `FQDN`.
        var addressType: String
        /// discovery/v1 EndpointPorts, sorted.
        var ports: [JSONValue]

        init(addressType: String, ports: [JSONValue]) {
            self.addressType = addressType
            self.ports = ports.sorted { Self.order($0) < Self.order($1) }
        }

        private static func order(_ port: JSONValue) -> String {
            "\(port["name"]?.string ?? "")/\(port["protocol"]?.string ?? "TCP")/\(port["port"]?.integer ?? 0)"
        }

        /// As a slice on the server tells it: absent members have their defaults.
        init(of slice: APIObject) {
            let ports = slice["ports"]?.array ?? []
            self.init(addressType: slice["addressType"]?.string ?? "", ports: ports.map(Self.normal))
        }

        static func normal(_ port: JSONValue) -> JSONValue {
            var normal: JSONValue = [
                "name": .string(port["name"]?.string ?? ""), "protocol": .string(port["protocol"]?.string ?? "TCP"),
            ]
            if let number = port["port"]?.integer { normal[path: "port"] = .integer(number) }
            if let application = port["appProtocol"]?.string { normal[path: "appProtocol"] = .string(application) }
            return normal
        }
    }

    /// Whose slices they are.
    let owner: APIObject
    let ownerKind: APIKind
    let labels: JSONValue
    var annotations: JSONValue?
    let limit: Int
    /// Since when a new slice without endpoints is wanted; nil where slices do not say what they were written for.
    let created: Int64?
    private(set) var groups: [Group: [JSONValue]] = [:]
    private var order: [Group] = []
    private var changes: [EndpointIdentity: Int64] = [:]

    static let trigger = "endpoints.kubernetes.io/last-change-trigger-time"

    init(
        owner: APIObject, _ ownerKind: APIKind, labels: JSONValue, annotations: JSONValue? = nil, limit: Int = 100,
        created: Int64? = nil
    ) {
        self.owner = owner
        self.ownerKind = ownerKind
        self.labels = labels
        self.annotations = annotations
        self.limit = max(1, limit)
        self.created = created
    }

    /// The group may stay without endpoints: then it has one empty slice.
    ///
    /// - Parameter since: when the endpoint came to be as it is, in nanoseconds since 1970.
    mutating func add(_ endpoint: JSONValue?, to group: Group, since: Int64? = nil) {
        if let endpoint { changes[EndpointIdentity(endpoint)] = since }
        if groups[group] == nil { order.append(group) }
        groups[group, default: []] += endpoint.map { [$0] } ?? []
    }

    /// - Parameter existing: the owner's slices that this controller manages and that are not being deleted.
    func writes(existing: [APIObject]) -> [Write] {
        var plans: [Plan] = []
        let byGroup = Dictionary(grouping: existing, by: Group.init(of:))
        for group in order {
            plans += plan(group, groups[group] ?? [], (byGroup[group] ?? []).sorted { $0.name < $1.name })
        }
        for (group, slices) in byGroup where groups[group] == nil {
            plans += slices.map { Plan(slice: $0, group: group, endpoints: []) }
        }
        return writes(plans)
    }

    /// One slice as it will be.
    private struct Plan {
        /// nil for a new one.
        let slice: APIObject?
        let group: Group
        var endpoints: [JSONValue]
        var isChanged = false
        /// The earliest of the changes that it is written for.
        var since: Int64?

        mutating func note(_ change: Int64?) { since = [since, change].compactMap(\.self).min() }
    }

    private func plan(_ group: Group, _ desired: [JSONValue], _ slices: [APIObject]) -> [Plan] {
        var wanted: [EndpointIdentity: JSONValue] = [:]
        for endpoint in desired { wanted[EndpointIdentity(endpoint)] = endpoint }
        var plans = slices.map { kept($0, group, &wanted) }
        // In the order they were asked for.
        var rest = desired.filter { wanted.removeValue(forKey: EndpointIdentity($0)) != nil }[...]
        // A slice that is written anyway takes what fits.
        for index in plans.indices where plans[index].isChanged { fill(&plans[index], &rest) }
        // What is left goes into the fullest slice that has room for all of it, or into new ones.
        if !rest.isEmpty, rest.count < limit {
            let free = plans.indices.filter { !plans[$0].isChanged && plans[$0].endpoints.count + rest.count <= limit }
            if let fullest = free.max(by: { plans[$0].endpoints.count < plans[$1].endpoints.count }) {
                fill(&plans[fullest], &rest)
            }
        }
        while !rest.isEmpty {
            var new = Plan(slice: nil, group: group, endpoints: [])
            fill(&new, &rest)
            plans.append(new)
        }
        if plans.allSatisfy(\.endpoints.isEmpty) {
            // One empty slice stays, so that clients see that there is nothing.
            return plans.isEmpty ? [Plan(slice: nil, group: group, endpoints: [], isChanged: true)] : placeholder(plans)
        }
        return plans
    }

    private func placeholder(_ plans: [Plan]) -> [Plan] {
        var plans = plans
        // `isChanged` on an empty plan keeps it as the placeholder.
        plans[0].isChanged = true
        for index in plans.indices.dropFirst() { plans[index].isChanged = false }
        return plans
    }

    private func fill(_ plan: inout Plan, _ rest: inout ArraySlice<JSONValue>) {
        let room = limit - plan.endpoints.count
        guard room > 0, !rest.isEmpty else { return }
        for endpoint in rest.prefix(room) {
            plan.endpoints.append(endpoint)
            plan.note(changes[EndpointIdentity(endpoint)])
        }
        plan.isChanged = true
        rest = rest.dropFirst(room)
    }

    private func kept(_ slice: APIObject, _ group: Group, _ wanted: inout [EndpointIdentity: JSONValue]) -> Plan {
        var plan = Plan(slice: slice, group: group, endpoints: [])
        for endpoint in slice["endpoints"]?.array ?? [] {
            let identity = EndpointIdentity(endpoint)
            guard plan.endpoints.count < limit, let new = wanted.removeValue(forKey: identity) else {
                plan.isChanged = true
                continue
            }
            if !new.isEquivalent(to: endpoint) { plan.isChanged = true }
            if new["conditions"] != endpoint["conditions"] { plan.note(changes[identity]) }
            plan.endpoints.append(new)
        }
        return plan
    }

    // MARK: - Writes

    /// Deletions last, so that no endpoint is missing in between.
    private func writes(_ plans: [Plan]) -> [Write] {
        var changes: [Write] = []
        var deletions: [Write] = []
        for plan in plans {
            guard let slice = plan.slice else {
                changes.append(.create(.endpointSlice, namespace: owner.namespace, object(plan)))
                continue
            }
            if plan.endpoints.isEmpty, !plan.isChanged || groups[plan.group] == nil {
                deletions.append(.delete(.endpointSlice, slice))
            } else if let changed = changed(slice, plan) {
                changes.append(.update(.endpointSlice, changed))
            }
        }
        return changes + deletions
    }

    private func changed(_ slice: APIObject, _ plan: Plan) -> APIObject? {
        var changed = slice
        changed[path: "metadata", "labels"] = labels
        if let annotations { changed[path: "metadata", "annotations"] = annotations }
        changed["endpoints"] = .array(plan.endpoints)
        guard !changed.json.isEquivalent(to: slice.json) else { return nil }
        if created != nil {
            changed[path: "metadata", "annotations", Self.trigger] = plan.since.map(Timestamp.text)
        }
        return changed
    }

    private func object(_ plan: Plan) -> JSONValue {
        var object: JSONValue = [
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
            "metadata": [
                "generateName": .string("\(owner.name)-"), "namespace": .string(owner.namespace), "labels": labels,
                "ownerReferences": [OwnerReference(owner, ownerKind).json],
            ], "addressType": .string(plan.group.addressType), "endpoints": .array(plan.endpoints),
            "ports": .array(plan.group.ports),
        ]
        if let annotations { object[path: "metadata", "annotations"] = annotations }
        if let created {
            object[path: "metadata", "annotations", Self.trigger] = Timestamp.text(plan.since ?? created)
        }
        return object
    }
}

/// What makes an endpoint the same endpoint: its address and the pod behind it.
private struct EndpointIdentity: Hashable {
    private let addresses: [JSONValue]
    private let target: String

    init(_ endpoint: JSONValue) {
        addresses = endpoint["addresses"]?.array ?? []
        target = endpoint["targetRef"]?["uid"]?.string ?? ""
    }
}
