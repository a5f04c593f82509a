import NetTypes

/// core/v1 Endpoints, the predecessor of EndpointSlice.
public struct Endpoints: Sendable, Hashable {
    public var metadata: ObjectMeta
    public var subsets: [Subset]

    public init(metadata: ObjectMeta, subsets: [Subset] = []) {
        self.metadata = metadata
        self.subsets = subsets
    }

    /// Every address serves every port.
    public struct Subset: Sendable, Hashable {
        public var addresses: [Address]
        public var notReadyAddresses: [Address]
        public var ports: [EndpointSlice.Port]

        public init(
            addresses: [Address] = [], notReadyAddresses: [Address] = [], ports: [EndpointSlice.Port] = []
        ) {
            self.addresses = addresses
            self.notReadyAddresses = notReadyAddresses
            self.ports = ports
        }
    }

    public struct Address: Sendable, Hashable {
        public var ip: IPAddress
        public var nodeName: String?
        /// targetRef as `Pod namespace/name`.
        public var target: String?

        public init(ip: IPAddress, nodeName: String? = nil, target: String? = nil) {
            self.ip = ip
            self.nodeName = nodeName
            self.target = target
        }
    }
}

extension Endpoints {
    /// The slices that Kubernetes' EndpointSlice mirroring controller would make: one per address family and set of
    /// ports, an address that is ready in any subset being ready. Names are the object's with a number, hence stable;
    /// there is no limit on the number of endpoints. Empty when label `endpointslice.kubernetes.io/skip-mirror` or a
    /// leader-election annotation says that this is no list of backends.
    public var mirroredSlices: [EndpointSlice] {
        guard metadata.labels["endpointslice.kubernetes.io/skip-mirror"] != "true",
            metadata.annotations["control-plane.alpha.kubernetes.io/leader"] == nil
        else { return [] }
        var groups: [Group] = []
        for subset in subsets {
            let ports = subset.ports.sorted { ($0.name, $0.proto, $0.port ?? 0) < ($1.name, $1.proto, $1.port ?? 0) }
            for family in IPFamily.allCases { add(subset, ports, family, to: &groups) }
        }
        return groups.enumerated().map { index, group in group.slice(of: metadata, index: index) }
    }

    private func add(_ subset: Subset, _ ports: [EndpointSlice.Port], _ family: IPFamily, to groups: inout [Group]) {
        let ready = subset.addresses.filter { $0.ip.family == family }
        let notReady = subset.notReadyAddresses.filter { $0.ip.family == family }
        guard !ready.isEmpty || !notReady.isEmpty else { return }
        let index = groups.firstIndex { $0.family == family && $0.ports == ports } ?? groups.endIndex
        if index == groups.endIndex { groups.append(Group(family: family, ports: ports)) }
        for address in ready { groups[index].add(address, isReady: true) }
        for address in notReady { groups[index].add(address, isReady: false) }
    }

    /// What becomes one slice.
    private struct Group {
        let family: IPFamily
        let ports: [EndpointSlice.Port]
        private var endpoints: [EndpointSlice.Endpoint] = []
        private var indices: [IPAddress: Int] = [:]

        init(family: IPFamily, ports: [EndpointSlice.Port]) {
            self.family = family
            self.ports = ports
        }

        mutating func add(_ address: Address, isReady: Bool) {
            let endpoint = EndpointSlice.Endpoint(
                addresses: [address.ip], isReady: isReady, nodeName: address.nodeName, target: address.target)
            if let index = indices[address.ip] {
                if isReady { endpoints[index] = endpoint }
                return
            }
            indices[address.ip] = endpoints.count
            endpoints.append(endpoint)
        }

        func slice(of origin: ObjectMeta, index: Int) -> EndpointSlice {
            var metadata = origin
            metadata.name = "\(origin.name)-mirrored-\(index)"
            metadata.uid = ""
            metadata.labels["kubernetes.io/service-name"] = origin.name
            metadata.labels["endpointslice.kubernetes.io/managed-by"] = "endpointslicemirroring-controller.k8s.io"
            return EndpointSlice(
                metadata: metadata, addressType: family == .ipv4 ? .ipv4 : .ipv6, endpoints: endpoints, ports: ports)
        }
    }
}
