import KubeAPI

/// Names and amounts of resources.
extension Findings {
    /// Whether the name is well formed at all.
    @discardableResult
    mutating func resourceName(_ name: String, _ field: FieldCursor) -> Bool {
        let field = field.holding(.string(name))
        let details = NameFormats.qualifiedName(name)
        invalid(field, details)
        guard details.isEmpty else { return false }
        guard ResourceNames.isQualified(name) || ResourceNames.isStandard(name) else {
            invalid(field, "must be a standard resource type or fully qualified")
            return false
        }
        return true
    }

    mutating func containerResourceName(_ name: String, _ field: FieldCursor) {
        resourceName(name, field)
        let field = field.holding(.string(name))
        if !ResourceNames.isQualified(name) {
            if !ResourceNames.isStandardForContainers(name) {
                invalid(field, "must be a standard resource for containers")
            }
        } else if !ResourceNames.isNative(name), !ResourceNames.isExtended(name) {
            invalid(field, "doesn't follow extended resource name standard")
        }
    }

    /// Of a whole Pod (KEP-2837).
    private mutating func podResourceName(_ name: String, _ field: FieldCursor) {
        guard resourceName(name, field), !["cpu", "memory"].contains(name), !ResourceNames.isHugePages(name) else {
            return
        }
        notSupported(field.holding(.string(name)), ["cpu", "hugepages-", "memory"])
    }

    /// Not negative, and whole where parts make no sense; nil when there is none.
    @discardableResult
    mutating func amount(_ field: FieldCursor, of name: String) -> Quantity? {
        guard let amount = quantity(field) else { return nil }
        if ResourceNames.isWhole(name), amount.milliValue % 1000 != 0 { invalid(field, "must be an integer") }
        return amount
    }

    /// requests, limits and claims of a container, or of a Pod as a whole; `claims` are the Pod's.
    mutating func resourceRequirements(_ resources: FieldCursor, claims: Set<String> = [], ofPod: Bool = false) {
        let (limits, requests) = (resources["limits"], resources["requests"])
        for (name, field) in limits.entries { requirement(name, field, ofPod) }
        for (name, field) in requests.entries {
            guard let request = requirement(name, field, ofPod) else { continue }
            compare(request, field.placed(at: requests.path), name, limits)
        }
        let names = (limits.entries + requests.entries).map(\.key)
        if names.contains(where: ResourceNames.isHugePages), !names.contains("cpu"), !names.contains("memory") {
            forbidden(resources, "HugePages require cpu or memory")
        }
        if !ofPod { resourceClaims(resources["claims"], claims) }
    }

    @discardableResult
    private mutating func requirement(_ name: String, _ field: FieldCursor, _ ofPod: Bool) -> Quantity? {
        if ofPod { podResourceName(name, field) } else { containerResourceName(name, field) }
        guard let amount = amount(field, of: name) else { return nil }
        if ResourceNames.isHugePages(name), !isWholePages(amount, name) {
            invalid(field, "\(amount) is not positive integer multiple of \(name)")
        }
        return amount
    }

    private func isWholePages(_ amount: Quantity, _ name: String) -> Bool {
        guard let page = try? Quantity(parsing: String(name.dropFirst("hugepages-".count))), page.sign > 0,
            page.milliValue % 1000 == 0
        else { return false }
        return amount.value % page.value == 0
    }

    private mutating func compare(_ request: Quantity, _ field: FieldCursor, _ name: String, _ limits: FieldCursor) {
        let mayOvercommit = ResourceNames.mayOvercommit(name)
        guard let limit = (limits[key: name].value?.string).flatMap({ try? Quantity(parsing: $0) }) else {
            if !mayOvercommit { missing(limits, "Limit must be set for non overcommitable resources") }
            return
        }
        if request != limit, !mayOvercommit {
            invalid(field, "must be equal to \(name) limit of \(limit)")
        } else if request > limit {
            invalid(field, "must be less than or equal to \(name) limit of \(limit)")
        }
    }

    private mutating func resourceClaims(_ list: FieldCursor, _ known: Set<String>) {
        var seen: Set<String> = []
        for claim in list.items {
            let (name, request) = (claim["name"].string, claim["request"].string)
            guard !name.isEmpty else {
                missing(claim)
                continue
            }
            if !request.isEmpty { invalid(claim["request"], NameFormats.dns1123Label(request)) }
            let key = request.isEmpty ? name : "\(name)/\(request)"
            let isCovered = seen.contains(name) || request.isEmpty && seen.contains { $0.hasPrefix("\(name)/") }
            if isCovered || !seen.insert(key).inserted { duplicate(claim.holding(.string(isCovered ? name : key))) }
            guard !known.contains(name) else { continue }
            let others = known.isEmpty ? " which is empty" : ": \(known.sorted().joined(separator: ", "))"
            add(
                FieldError(
                    .notFound, claim.path, .string(name), "must be one of the names in pod.spec.resourceClaims\(others)"
                ))
        }
    }
}
