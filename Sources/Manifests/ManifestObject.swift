import KubeAPI

/// A kind of object that manifests bring; Endpoints have become slices.
public enum ManifestKind: String, Sendable, Hashable, CaseIterable {
    case service = "Service"
    case endpointSlice = "EndpointSlice"
    case node = "Node"
    case serviceCIDR = "ServiceCIDR"
}

public enum ManifestObject: Sendable, Hashable {
    case service(Service)
    case endpointSlice(EndpointSlice)
    case node(Node)
    case serviceCIDR(ServiceCIDR)

    public struct ID: Sendable, Hashable, Comparable, CustomStringConvertible {
        public let kind: ManifestKind
        public let key: NamespacedName

        public init(_ kind: ManifestKind, _ key: NamespacedName) {
            self.kind = kind
            self.key = key
        }

        /// `Service default/web`
        public var description: String { "\(kind.rawValue) \(key)" }

        public static func < (a: ID, b: ID) -> Bool {
            a.kind != b.kind ? a.kind.rawValue < b.kind.rawValue : a.key < b.key
        }
    }

    public var id: ID {
        switch self {
        case .service(let object): ID(.service, object.metadata.key)
        case .endpointSlice(let object): ID(.endpointSlice, object.metadata.key)
        case .node(let object): ID(.node, object.metadata.key)
        case .serviceCIDR(let object): ID(.serviceCIDR, object.metadata.key)
        }
    }
}

/// What a manifest source tells its consumer.
public enum ManifestEvent: Sendable, Hashable {
    /// The object is new or has changed.
    case upsert(ManifestObject)
    case delete(ManifestKind, NamespacedName)
    /// Something cannot be used; what was good before stays in force.
    case failure(ManifestFailure)
    /// All that was there at the start has been told. Comes once.
    case synced
}
