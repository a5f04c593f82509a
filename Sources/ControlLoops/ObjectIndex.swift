import KubeAPI

/// Objects by key, with named secondary indexes. A change costs what it changes, whatever the number of objects.
public struct ObjectIndex<Object: Sendable>: Sendable {
    /// The values under which an object is found in one index.
    public typealias Indexer = @Sendable (Object) -> [String]

    private var objects: [NamespacedName: Object] = [:]
    private let indexers: [String: Indexer]
    private var indexes: [String: [String: Set<NamespacedName>]] = [:]

    public init(_ indexers: [String: Indexer] = [:]) { self.indexers = indexers }

    public var count: Int { objects.count }
    public var keys: some Collection<NamespacedName> { objects.keys }
    public var values: some Collection<Object> { objects.values }

    public subscript(key: NamespacedName) -> Object? { objects[key] }

    /// What stood there before.
    @discardableResult
    public mutating func update(_ object: Object, for key: NamespacedName) -> Object? {
        let old = objects.updateValue(object, forKey: key)
        reindex(key, from: old, to: object)
        return old
    }

    @discardableResult
    public mutating func remove(_ key: NamespacedName) -> Object? {
        guard let old = objects.removeValue(forKey: key) else { return nil }
        reindex(key, from: old, to: nil)
        return old
    }

    /// Keys of the objects that `index` knows under `value`; empty also when there is no such index.
    public func keys(_ index: String, _ value: String) -> Set<NamespacedName> { indexes[index]?[value] ?? [] }

    public func objects(_ index: String, _ value: String) -> [Object] {
        keys(index, value).compactMap { objects[$0] }
    }

    /// The values under which `index` knows objects.
    public func values(_ index: String) -> [String] { indexes[index].map { Array($0.keys) } ?? [] }

    private mutating func reindex(_ key: NamespacedName, from old: Object?, to new: Object?) {
        for (name, indexer) in indexers {
            let before = old.map(indexer) ?? []
            let after = new.map(indexer) ?? []
            guard before != after else { continue }
            for value in before {
                indexes[name]?[value]?.remove(key)
                if indexes[name]?[value]?.isEmpty == true { indexes[name]?[value] = nil }
            }
            for value in after { indexes[name, default: [:]][value, default: []].insert(key) }
        }
    }
}
