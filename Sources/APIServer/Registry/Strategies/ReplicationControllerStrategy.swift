/// ReplicationControllers: they leave their Pods behind, as before dependents were deleted at all.
public struct ReplicationControllerStrategy: ObjectStrategy {
    public init() {}

    public var defaultPropagation: DeleteOptions.Propagation? { .orphan }
}
