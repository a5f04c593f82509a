import KubeAPI

/// Something that changes what the proxy should do.
public enum ProxyEvent: Sendable {
    /// Created or changed.
    case service(Service)
    case serviceDeleted(NamespacedName)
    /// Created or changed.
    case endpointSlice(EndpointSlice)
    case endpointSliceDeleted(NamespacedName)
    case node(NodeFacts)
}
