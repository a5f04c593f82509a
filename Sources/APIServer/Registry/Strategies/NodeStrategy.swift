/// Nodes: a node agent says how its node is when it registers it.
public struct NodeStrategy: ObjectStrategy {
    public init() {}

    public var keepsStatusOnCreate: Bool { true }
}
