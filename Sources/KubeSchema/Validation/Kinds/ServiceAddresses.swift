import KubeAPI
import NetTypes

/// The cluster IPs of a Service and their families.
struct ServiceAddresses {
    private let spec: FieldCursor
    private let addresses: FieldCursor
    private let families: FieldCursor

    init(_ spec: FieldCursor) {
        self.spec = spec
        addresses = spec["clusterIPs"]
        families = spec["ipFamilies"]
    }

    func check(_ findings: inout Findings) {
        let first = spec["clusterIP"]
        if let address = addresses.items.first {
            if first.isEmpty {
                findings.invalid(addresses, "must be empty when `clusterIP` is not specified")
            } else if address.string != first.string {
                findings.invalid(addresses, "first value must match `clusterIP`")
            }
        } else if !first.isEmpty {
            findings.missing(addresses)
        }
        var seen: Set<String> = []
        for family in families.items {
            if !["IPv4", "IPv6"].contains(family.string) { findings.notSupported(family, ["IPv4", "IPv6"]) }
            if !seen.insert(family.string).inserted { findings.duplicate(family) }
        }
        let policy = spec["ipFamilyPolicy"]
        if policy.string == "SingleStack", addresses.count > 1 || families.count > 1 {
            findings.invalid(
                policy, "must be RequireDualStack or PreferDualStack when multiple ipFamilies are specified")
        }
        checkAddresses(&findings)
    }

    private func checkAddresses(_ findings: inout Findings) {
        var (isRight, found): (Bool, [IPFamily]) = (true, [])
        for (index, address) in addresses.items.enumerated() {
            if index == 0, address.string == "None" {
                guard addresses.count > 1 else { continue }
                isRight = false
                findings.invalid(addresses, "'None' must be the first and only value")
            } else if let family = findings.address(address)?.family {
                found.append(family)
            } else {
                isRight = false
            }
        }
        if addresses.count > 2 { findings.invalid(addresses, "may only hold up to 2 values") }
        guard isRight else { return }
        if found.count > 1, !(found.count == 2 && found[0] != found[1]) {
            findings.invalid(addresses, "may specify no more than one IP for each IP family")
        }
        guard !Validation.isHeadless(spec) else { return }
        for (index, family) in found.enumerated() where index < families.count {
            let wanted = families.items[index].string
            guard wanted == "IPv4" || wanted == "IPv6", (family == .ipv4) != (wanted == "IPv4") else { continue }
            findings.invalid(
                addresses.items[index], "expected an \(wanted) value as indicated by `ipFamilies[\(index)]`")
        }
    }

    // MARK: - Updates

    /// The second address can come and go; the first one stays.
    func check(since old: FieldCursor, _ findings: inout Findings) {
        let (isHeadless, wasHeadless) = (Validation.isHeadless(spec), Validation.isHeadless(old))
        if !(isHeadless && wasHeadless) { change("clusterIPs", "clusterIP", old, &findings) }
        if !isHeadless, !wasHeadless { change("ipFamilies", "ipFamily", old, &findings) }
    }

    private func change(_ name: String, _ one: String, _ old: FieldCursor, _ findings: inout Findings) {
        let (now, before) = (spec[name], old[name])
        func found(_ index: Int, _ detail: String) {
            findings.add(FieldError(.invalid, "\(now.path)[\(index)]", now.value ?? .null, detail))
        }
        let policy = spec["ipFamilyPolicy"]
        if now.isEmpty, !before.isEmpty { found(0, "primary \(one) can not be unset") }
        if now.count == before.count {
            for (index, (new, was)) in zip(now.items, before.items).enumerated() where new.value != was.value {
                found(name == "ipFamilies" ? 0 : index, "may not change once set")
            }
        } else if let first = now.items.first, let was = before.items.first, first.value != was.value {
            found(0, "may not change once set")
        }
        if now.count == 1, before.count > 1, policy.string != "SingleStack" {
            findings.invalid(
                policy.holding(policy.value ?? .string("")),
                "must be set to 'SingleStack' when releasing the secondary \(one)")
        }
    }
}
