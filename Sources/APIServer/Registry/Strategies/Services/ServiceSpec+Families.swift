import KubeAPI
import KubeSchema
import NetTypes

extension ServiceSpec {
    /// Settles ipFamilyPolicy and ipFamilies from what was asked for, what was before and what the cluster has
    /// (KEP-563).
    mutating func settleFamilies(old: ServiceSpec?, _ network: ServiceNetwork) throws(InvalidObject) {
        guard !isExternalName else { return }
        if familyPolicy == nil {
            familyPolicy =
                old?.isExternalName == false ? old?.familyPolicy : isHeadless && !hasSelector ? "RequireDualStack" : nil
        }
        if familyPolicy == nil { familyPolicy = "SingleStack" }
        if let old, !old.isExternalName { try releaseSecondary(old) }
        try checkCounts()
        try inferFamilies(network)

        if isHeadless, !hasSelector {
            if families.isEmpty { families = [network.families[0].serviceName] }
            if families.count < 2, familyPolicy != "SingleStack" { families.append(Self.other(families[0])) }
            return
        }
        try checkCluster(network)
        if families.isEmpty { families = [network.families[0].serviceName] }
        if familyPolicy != "SingleStack", families.count == 1, network.families.count == 2 {
            families.append(Self.other(families[0]))
        }
    }

    private static func other(_ family: String) -> String { family == "IPv4" ? "IPv6" : "IPv4" }

    /// SingleStack gives the second address back; anything else may not lose it silently.
    private mutating func releaseSecondary(_ old: ServiceSpec) throws(InvalidObject) {
        if familyPolicy == "SingleStack" {
            if clusterIPs == old.clusterIPs, clusterIPs.count > 1 { clusterIPs = [clusterIPs[0]] }
            if families == old.families, families.count > 1 { families = [families[0]] }
            return
        }
        if !clusterIPs.isEmpty, clusterIPs.count < old.clusterIPs.count {
            throw policyError("must be 'SingleStack' to release the secondary cluster IP")
        }
        if !families.isEmpty, families.count < old.families.count {
            throw policyError("must be 'SingleStack' to release the secondary IP family")
        }
    }

    private func checkCounts() throws(InvalidObject) {
        guard familyPolicy == "SingleStack" else { return }
        let wanted = "must be 'RequireDualStack' or 'PreferDualStack' when multiple"
        if clusterIPs.count == 2 { throw policyError("\(wanted) cluster IPs are specified") }
        if families.count == 2 { throw policyError("\(wanted) IP families are specified") }
    }

    /// An address says its family.
    private mutating func inferFamilies(_ network: ServiceNetwork) throws(InvalidObject) {
        for (index, text) in clusterIPs.enumerated() where text != "None" && index >= families.count {
            guard let family = IPAddress(text)?.family else { continue }
            guard network.families.contains(family) else {
                throw InvalidObject([
                    FieldError(
                        .invalid, "spec.clusterIPs[\(index)]", json["clusterIPs"],
                        "\(family.serviceName) is not configured on this cluster")
                ])
            }
            families.append(family.serviceName)
        }
    }

    private func checkCluster(_ network: ServiceNetwork) throws(InvalidObject) {
        if familyPolicy == "RequireDualStack", network.families.count < 2 {
            throw policyError("this cluster is not configured for dual-stack services")
        }
        let configured = network.families.map(\.serviceName)
        for (index, family) in families.enumerated() where !configured.contains(family) {
            throw InvalidObject([
                FieldError(.invalid, "spec.ipFamilies[\(index)]", .string(family), "not configured on this cluster")
            ])
        }
    }

    private func policyError(_ detail: String) -> InvalidObject {
        InvalidObject([FieldError(.invalid, "spec.ipFamilyPolicy", familyPolicy.map(JSONValue.string), detail)])
    }
}
