import NetTypes
import ProxyCore

/// The endpoint changes a cluster sees most, one Service after the other in a scattered order: an endpoint replaced,
/// then removed, then added back; each Service ends as it began.
public struct EndpointChanges: Sequence, IteratorProtocol {
    public enum Kind: String, CaseIterable { case replaced, removed, added }

    public let cluster: SampleCluster
    private var service = 0
    private var step = 0

    public init(_ cluster: SampleCluster) { self.cluster = cluster }

    public mutating func next() -> (kind: Kind, event: ProxyEvent)? {
        guard cluster.services > 0 else { return nil }
        let kind = Kind.allCases[step % 3]
        if step % 3 == 0 { service = (service + 7919) % cluster.services }
        let victim = step / 3 % cluster.endpointsPerService
        step += 1
        var addresses = (0..<cluster.endpointsPerService).map { cluster.endpoint(service, $0) }
        switch kind {
        case .replaced: addresses[victim] = cluster.endpoint(service, victim, generation: 1)
        case .removed: addresses.remove(at: victim)
        case .added: break
        }
        return (kind, .endpointSlice(cluster.slice(service, addresses)))
    }
}
