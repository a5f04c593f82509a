import KubeAPI
import NetTypes

/// ServiceCIDRs (KEP-1880): a range is ready as long as it is not being deleted, and goes only when every address that was
/// given from it is in another range too.
public enum ServiceRanges {
    private static let kind = APIKind.serviceCIDR
    private static let finalizer = "networking.k8s.io/service-cidr-finalizer"
    static let managerLabel = "ipaddress.kubernetes.io/managed-by"
    static let manager = "ipallocator.k8s.io"
    /// Seconds until no server can still give an address from a range that is being deleted.
    static let grace: Int64 = 10

    /// - Parameters:
    ///   - all: every ServiceCIDR.
    ///   - addresses: every IPAddress.
    public static func decide(_ range: APIObject, all: [APIObject], addresses: [APIObject], now: Int64) -> Decision {
        guard range.isBeingDeleted else { return keep(range, now) }
        guard range.finalizers.contains(finalizer) else { return Decision() }
        let others = all.filter { $0.uid != range.uid && !$0.isBeingDeleted }.flatMap(prefixes)
        let own = prefixes(range)
        let isHeld = addresses.contains { object in
            guard object.label(managerLabel) == manager, let address = IPAddress(object.name) else { return false }
            return own.contains { $0.contains(address) } && !others.contains { $0.contains(address) }
        }
        if isHeld {
            return status(
                range,
                Condition(
                    "Ready", false, "Terminating",
                    "There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR"
                ), now)
        }
        let requested = Timestamp.nanoseconds(range.metadata?["deletionTimestamp"]) ?? now
        let end = Timestamp.adding(seconds: grace, to: requested)
        guard end <= now else { return Decision(requeueAfter: Timestamp.wait(from: now, until: end)) }
        return finalizers(range, range.finalizers.filter { $0 != finalizer })
    }

    private static func keep(_ range: APIObject, _ now: Int64) -> Decision {
        guard range.finalizers.contains(finalizer) else { return finalizers(range, range.finalizers + [finalizer]) }
        return status(range, Condition("Ready", true, "", "Kubernetes Service CIDR is ready"), now)
    }

    static func prefixes(_ range: APIObject) -> [CIDR] {
        (range.spec?["cidrs"]?.array ?? []).compactMap { $0.string.flatMap { CIDR($0) } }
    }

    private static func finalizers(_ range: APIObject, _ list: [String]) -> Decision {
        Decision([Action(.finalizers(kind, range, list))])
    }

    private static func status(_ range: APIObject, _ condition: Condition, _ now: Int64) -> Decision {
        var status = range.status ?? .emptyObject
        Conditions.set(condition, in: &status, now: now)
        guard let changed = range.changing(status: status) else { return Decision() }
        return Decision([Action(.updateStatus(kind, changed))])
    }
}
