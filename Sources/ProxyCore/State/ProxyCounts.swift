/// Numbers for gauges; kept by difference.
public struct ProxyCounts: Hashable, Sendable {
    /// Services of this proxy.
    public var services = 0
    public var servicePorts = 0
    public var endpointSlices = 0
    /// Endpoints in slices, once per slice.
    public var endpoints = 0
    /// Service ports under internalTrafficPolicy Local with endpoints, but none on this node.
    public var noLocalEndpointsInternal = 0
    /// The same for externalTrafficPolicy Local.
    public var noLocalEndpointsExternal = 0

    mutating func count(_ port: ServicePort, _ sign: Int) {
        servicePorts += sign
        if port.internalPolicyIsLocal, port.hasAnyEndpoint, port.internalEndpoints.isEmpty {
            noLocalEndpointsInternal += sign
        }
        if port.externalPolicyIsLocal, port.hasAnyEndpoint, port.localEndpoints.isEmpty {
            noLocalEndpointsExternal += sign
        }
    }

    mutating func count(_ slice: SliceRecord, _ sign: Int) {
        endpointSlices += sign
        endpoints += sign * slice.endpoints.count
    }
}
