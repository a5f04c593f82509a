import KubeSchema
import Synchronization

/// All resources that are served now. Custom resources come and go; each request sees one state.
public final class ServedResources: Sendable {
    struct Key: Hashable, Sendable {
        var group: String
        var version: String
        var resource: String
    }

    /// One state; a value.
    public struct Snapshot: Sendable {
        /// In the order of discovery.
        public fileprivate(set) var all: [ServedResource] = []
        private(set) var index: [Key: Int] = [:]
        /// Counts changes, so that what is made of a state can be kept.
        public fileprivate(set) var generation: UInt64 = 0

        public subscript(group: String, version: String, resource: String) -> ServedResource? {
            index[Key(group: group, version: version, resource: resource)].map { all[$0] }
        }

        fileprivate mutating func reindex() {
            index = Dictionary(
                all.enumerated().map { offset, served in
                    let definition = served.definition
                    return (
                        Key(group: definition.group, version: definition.version, resource: definition.resource), offset
                    )
                }, uniquingKeysWith: { first, _ in first })
            generation += 1
        }
    }

    private let state = Mutex(Snapshot())

    public init() {}

    /// The built-in resources.
    public convenience init(_ catalog: APICatalog = .builtin, _ strategies: StrategyTable) {
        self.init()
        let owners = Self.storageOwners(catalog)
        replace { all in
            all = catalog.resources.compactMap { definition in
                let kind = definition.kind
                guard
                    let type = catalog.type(group: definition.group, version: definition.version, kind: kind)
                        ?? Schema.builtin.type(named: definition.typeName)
                else { return nil }
                var served = ServedResource(
                    definition, schema: .builtin, type: type,
                    strategy: strategies[definition.group, kind],
                    storageAPIVersion: owners[definition.storePrefix]
                ) { label in
                    catalog.fieldLabel(
                        group: definition.group, version: definition.version, kind: kind, label: label)
                }
                if !served.isStoredAsServed { served.conversion = BuiltinConversions.conversion(definition) }
                return served
            }
        }
    }

    /// By store prefix the apiVersion of the stored form: the named storage version where it is served, else the preferred.
    private static func storageOwners(_ catalog: APICatalog) -> [String: String] {
        var owners: [String: String] = [:]
        for definition in catalog.resources where !definition.storePrefix.isEmpty {
            let isNamed = definition.storageVersion == definition.apiVersion
            if isNamed || owners[definition.storePrefix] == nil {
                owners[definition.storePrefix] = definition.apiVersion
            }
        }
        return owners
    }

    public var snapshot: Snapshot { state.withLock { $0 } }

    /// Changes what is served.
    public func replace(_ change: (inout [ServedResource]) -> Void) {
        state.withLock { state in
            change(&state.all)
            state.reindex()
        }
    }
}
