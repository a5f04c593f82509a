import KubeAPI

/// What the API's types look like: the one table behind decoding, pruning, defaulting, patches, server-side apply, OpenAPI
/// and Table output. The built-in types have one; every version of a CustomResourceDefinition makes its own.
public struct Schema: Sendable {
    /// A `TypeReference` is an index into it.
    public let types: [TypeDefinition]
    private let byName: [String: TypeReference]
    let plans: CodecPlans

    public init(types: [TypeDefinition]) {
        self.types = types
        plans = CodecPlans(types)
        byName = Dictionary(
            types.enumerated().map { ($0.element.name, TypeReference(index: $0.offset)) },
            uniquingKeysWith: { first, _ in first })
    }

    public subscript(reference: TypeReference) -> TypeDefinition { types[reference.index] }

    /// By full name, such as `io.k8s.api.core.v1.ServicePort`.
    public func type(named name: String) -> TypeReference? { byName[name] }
}

/// A type of one `Schema`.
public struct TypeReference: Sendable, Hashable {
    public let index: Int

    public init(index: Int) { self.index = index }
}
