import KubeAPI

/// What a kind adds to the generic registry. Everything that is not said here does nothing.
///
/// Functions throw `Status`, or `[FieldError]` wrapped in `InvalidObject`, to refuse. Order of a write, as upstream's:
/// decode, defaults, name and uid, mutating admission, `prepareFor…`, `validate`, validating admission, store, `after…`.
public protocol ObjectStrategy: Sendable {
    /// Fills in what the client does not decide; may take what must be given back (see `released`).
    func prepareForCreate(_ object: inout JSONValue, _ context: RequestContext) async throws
    /// `object` has the parts that the subresource may not change from `old` already. `subresource` is empty for the
    /// object itself.
    func prepareForUpdate(
        _ object: inout JSONValue, old: JSONValue, subresource: String, _ context: RequestContext) async throws
    /// After mutating admission. `old` is nil on creation.
    func validate(_ object: JSONValue, old: JSONValue?, _ context: RequestContext) async throws
    /// Before anything of a deletion happens.
    func beforeDelete(_ object: JSONValue, _ context: RequestContext) async throws
    /// The object is about to leave the store: at once, or when its last finalizer or its grace period is gone. Here it
    /// gives back, with `alsoWrite`, what it was given.
    func prepareForRemoval(_ object: JSONValue, _ context: RequestContext) async throws
    /// Something of the kind's own holds the object although its deletion was asked for and it has no finalizers.
    func isHeld(_ object: JSONValue) -> Bool
    /// Deletion was asked for, and the object stays for now: what its status says of that.
    func markDeleted(_ object: inout JSONValue)
    /// Seconds between the request to delete and the deletion; nil when the kind goes at once. `requested` is the
    /// client's gracePeriodSeconds.
    func gracePeriod(of object: JSONValue, requested: Int64?, _ context: RequestContext) -> Int64?

    func afterCreate(_ object: JSONValue, _ context: RequestContext) async
    func afterUpdate(_ object: JSONValue, old: JSONValue, _ context: RequestContext) async
    func afterDelete(_ object: JSONValue, _ context: RequestContext) async
    /// What `prepareForCreate` or `prepareForUpdate` made of the object does not come about: the store refused, the
    /// request was a dry run, or something after it failed.
    func released(_ object: JSONValue, old: JSONValue?, _ context: RequestContext) async

    /// Whether the change counts in metadata.generation, for kinds that have one.
    func changesGeneration(_ object: JSONValue, old: JSONValue) -> Bool
    /// Whether a new object may bring its status.
    var keepsStatusOnCreate: Bool { get }
    /// Names are checked by `KubeSchema.Validation`; a kind with a life time gives seconds here (Events: 3600).
    var lifetimeSeconds: Int64? { get }
    /// What becomes of dependents when a deletion does not say; nil: the garbage collector deletes them.
    var defaultPropagation: DeleteOptions.Propagation? { get }
}

extension ObjectStrategy {
    public func prepareForCreate(_ object: inout JSONValue, _ context: RequestContext) async throws {}
    public func prepareForUpdate(
        _ object: inout JSONValue, old: JSONValue, subresource: String, _ context: RequestContext
    ) async throws {}
    public func validate(_ object: JSONValue, old: JSONValue?, _ context: RequestContext) async throws {}
    public func beforeDelete(_ object: JSONValue, _ context: RequestContext) async throws {}
    public func prepareForRemoval(_ object: JSONValue, _ context: RequestContext) async throws {}
    public func isHeld(_ object: JSONValue) -> Bool { false }
    public func markDeleted(_ object: inout JSONValue) {}
    public func gracePeriod(of object: JSONValue, requested: Int64?, _ context: RequestContext) -> Int64? { nil }
    public func afterCreate(_ object: JSONValue, _ context: RequestContext) async {}
    public func afterUpdate(_ object: JSONValue, old: JSONValue, _ context: RequestContext) async {}
    public func afterDelete(_ object: JSONValue, _ context: RequestContext) async {}
    public func released(_ object: JSONValue, old: JSONValue?, _ context: RequestContext) async {}

    public func changesGeneration(_ object: JSONValue, old: JSONValue) -> Bool {
        Self.specification(object) != Self.specification(old)
    }

    public var keepsStatusOnCreate: Bool { false }
    public var lifetimeSeconds: Int64? { nil }
    public var defaultPropagation: DeleteOptions.Propagation? { nil }

    /// Everything but metadata and status.
    public static func specification(_ object: JSONValue) -> [JSONObject.Member] {
        guard case .object(let object) = object else { return [] }
        return object.members.filter { !["metadata", "status", "kind", "apiVersion"].contains($0.key) }
    }
}

/// For kinds that need nothing.
public struct PlainStrategy: ObjectStrategy {
    public init() {}
}
