import KubeAPI

/// The flow schemas and priority levels that hold now, and the seats that each level has.
public struct FlowConfiguration: Sendable {
    /// By precedence, then by name.
    public private(set) var schemas: [FlowSchema] = []
    public private(set) var levels: [String: PriorityLevel] = [:]

    public static let exempt = "exempt"
    public static let catchAll = "catch-all"

    /// The objects that every server makes at start.
    public static let bootstrap = FlowConfiguration(
        BootstrapObjects.ofKind("PriorityLevelConfiguration") + BootstrapObjects.ofKind("FlowSchema"))

    public init(_ objects: some Sequence<JSONValue> = []) {
        for object in objects { upsert(object) }
    }

    /// Takes a FlowSchema or PriorityLevelConfiguration, new or changed; ignores anything else.
    public mutating func upsert(_ object: JSONValue) {
        switch object["kind"]?.string {
        case "PriorityLevelConfiguration":
            if let level = PriorityLevel(json: object) { levels[level.name] = level }
        case "FlowSchema":
            guard let schema = FlowSchema(json: object) else { return }
            schemas.removeAll { $0.name == schema.name }
            let place = schemas.firstIndex { Self.precedes(schema, $0) } ?? schemas.count
            schemas.insert(schema, at: place)
        default: break
        }
    }

    /// The mandatory objects stay, whoever deletes them.
    public mutating func remove(kind: String, name: String) {
        guard name != Self.exempt, name != Self.catchAll else { return }
        if kind == "PriorityLevelConfiguration" { levels[name] = nil }
        if kind == "FlowSchema" { schemas.removeAll { $0.name == name } }
    }

    private static func precedes(_ a: FlowSchema, _ b: FlowSchema) -> Bool {
        (a.precedence, a.name) < (b.precedence, b.name)
    }

    /// The first schema that matches and whose level exists.
    public func classify(_ request: RequestAttributes) -> (schema: FlowSchema, level: PriorityLevel)? {
        for schema in schemas where schema.matches(request) {
            if let level = levels[schema.priorityLevel] { return (schema, level) }
        }
        return nil
    }

    /// Seats of each limited level out of `total`: its share, rounded up. Borrowing gives it, beyond these, what other
    /// levels lend and do not use.
    public func nominalSeats(_ name: String, total: Int) -> Int {
        guard let level = levels[name] else { return 0 }
        let sum = levels.values.reduce(Int64(0)) { $0 + $1.shares }
        guard sum > 0 else { return 0 }
        return Int((Int64(total) * level.shares + sum - 1) / sum)
    }
}
