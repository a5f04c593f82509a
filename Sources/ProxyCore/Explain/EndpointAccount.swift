import KubeAPI
import NetTypes

/// What becomes of one endpoint of one slice, and why.
public struct EndpointAccount: Hashable, Sendable {
    public let address: IPAddress
    /// nil when the slice does not serve the port.
    public let port: UInt16?
    public let slice: String
    public let node: String?
    public let zone: String?
    public let weight: UInt16
    /// Under policy Cluster.
    public let clusterFate: EndpointFate
    /// Under policy Local.
    public let localFate: EndpointFate
}

extension ProxyState {
    /// Every endpoint of every slice of a service port's Service, and its fate. Computed when asked.
    public func endpoints(of name: ServicePortName) -> [EndpointAccount] {
        guard let slot = slots[name.service] else { return [] }
        let entry = entries[Int(slot)]
        guard let record = entry.record,
            let port = record.ports.first(where: { $0.name == name.port && $0.proto == name.proto })
        else { return [] }
        let candidates = candidates(entry, record, port, name.family)
        let choice = EndpointChoice(candidates)
        var unseen = Dictionary(uniqueKeysWithValues: candidates.map { ($0.target, $0) })
        let view = NodeView(node, tables)
        return entry.slices.flatMap { slice in
            let number = tables.portNumber(slice, name: name.port, proto: name.proto)
            return slice.endpoints.map { endpoint in
                func account(_ weight: UInt16, _ cluster: EndpointFate, _ local: EndpointFate) -> EndpointAccount {
                    EndpointAccount(
                        address: endpoint.address, port: number, slice: slice.name,
                        node: tables.strings[endpoint.node], zone: tables.strings[endpoint.zone], weight: weight,
                        clusterFate: cluster, localFate: local)
                }
                guard slice.family == name.family else { return account(slice.weight, .otherFamily, .otherFamily) }
                guard let number else { return account(slice.weight, .portMissing, .portMissing) }
                let candidate = view.candidate(endpoint, number, slice, record.tuning)
                guard unseen[candidate.target] == candidate else {
                    return account(candidate.weight, .duplicate, .duplicate)
                }
                unseen[candidate.target] = nil
                return account(candidate.weight, choice.clusterFate(candidate), choice.localFate(candidate))
            }
        }
    }

    /// Every service port that asks for the place another one serves.
    func losers(of destination: AddressPort, _ proto: TransportProtocol, isNodePort: Bool) -> [ServicePortName] {
        let ip = isNodePort ? IPAddress.unspecified(destination.address.family) : destination.address
        return frontends.losers(FrontendKey(ip, destination.port, proto)).compactMap { reference in
            name(of: reference, FrontendKey(ip, destination.port, proto))
        }
    }
}
