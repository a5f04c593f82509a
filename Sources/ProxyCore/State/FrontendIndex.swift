import KubeAPI
import NetTypes

/// An address, port and protocol that at most one service port can serve.
struct FrontendKey: Hashable, Sendable {
    /// The unspecified address of the family stands for a node port.
    let ip: IPAddress
    let port: UInt16
    let proto: TransportProtocol

    init(_ frontend: Frontend, _ proto: TransportProtocol, _ family: IPFamily) {
        self.init(frontend.address.ip ?? .unspecified(family), frontend.port, proto)
    }

    init(_ ip: IPAddress, _ port: UInt16, _ proto: TransportProtocol) {
        self.ip = ip
        self.port = port
        self.proto = proto
    }
}

/// A port of the Service in a slot of the state.
struct PortReference: Hashable, Sendable {
    let slot: Int32
    /// Index into the Service's ports.
    let port: UInt16
}

/// A service port that asks for a frontend. The smallest claim wins: the oldest Service, then namespace and name.
struct FrontendClaim: Comparable, Sendable {
    let created: UInt64
    let service: NamespacedName
    let reference: PortReference

    static func < (a: FrontendClaim, b: FrontendClaim) -> Bool {
        if a.created != b.created { return a.created < b.created }
        return a.service != b.service ? a.service < b.service : a.reference.port < b.reference.port
    }
}

/// Who serves which frontend.
struct FrontendIndex: Sendable {
    private var owners: [FrontendKey: PortReference] = [:]
    /// All claims of frontends that more than one service port asks for, the winner's first.
    private var contested: [FrontendKey: [FrontendClaim]] = [:]

    func owner(_ key: FrontendKey) -> PortReference? { owners[key] }

    /// Those who ask for a frontend that another one serves, best claim first.
    func losers(_ key: FrontendKey) -> [PortReference] {
        contested[key].map { $0.dropFirst().map(\.reference) } ?? []
    }

    /// `incumbent` is the claim of the present owner; nil only without one.
    mutating func add(_ key: FrontendKey, _ claim: FrontendClaim, incumbent: FrontendClaim?) {
        guard let incumbent else {
            owners[key] = claim.reference
            return
        }
        let claims = ((contested[key] ?? [incumbent]) + [claim]).sorted()
        contested[key] = claims
        owners[key] = claims.first?.reference
    }

    /// Withdraws all claims of a slot to a frontend.
    mutating func remove(_ key: FrontendKey, slot: Int32) {
        if var claims = contested[key] {
            claims.removeAll { $0.reference.slot == slot }
            contested[key] = claims.count > 1 ? claims : nil
            owners[key] = claims.first?.reference
        } else if owners[key]?.slot == slot {
            owners[key] = nil
        }
    }
}
