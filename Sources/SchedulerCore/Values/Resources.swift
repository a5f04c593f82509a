import KubeAPI
import KubeSchema

/// Amounts of what a node has or a pod asks for. Sums stay at the bounds of 64 bits instead of overflowing.
public struct Resources: Sendable, Hashable {
    /// Thousandths of a processor.
    public var milliCPU: Int64 = 0
    /// Bytes.
    public var memory: Int64 = 0
    /// Bytes.
    public var ephemeralStorage: Int64 = 0
    /// How many pods a node takes; zero in what pods ask for.
    public var pods: Int64 = 0
    /// Extended resources and huge pages by name.
    public var scalars: [String: Int64] = [:]

    public init(milliCPU: Int64 = 0, memory: Int64 = 0) {
        self.milliCPU = milliCPU
        self.memory = memory
    }

    /// Of a ResourceList: names to quantities.
    init(list: JSONValue?) throws(DecodingFailure) {
        guard case .object(let object)? = list else { return }
        for member in object.members {
            let quantity = try Self.quantity(member)
            switch member.key {
            case "cpu": milliCPU = quantity.milliValue
            case "memory": memory = quantity.value
            case "ephemeral-storage": ephemeralStorage = quantity.value
            case "pods": pods = quantity.value
            default: scalars[member.key] = quantity.value
            }
        }
    }

    private static func quantity(_ member: JSONObject.Member) throws(DecodingFailure) -> Quantity {
        let text: String
        switch member.value {
        case .string(let string): text = string
        case .integer(let integer): return Quantity(integer)
        case .double(let double): text = "\(double)"
        default: throw DecodingFailure(member.key, "must be a quantity, got \(member.value.typeName)")
        }
        do {
            return try Quantity(parsing: text)
        } catch {
            throw DecodingFailure(member.key, "\(error)")
        }
    }

    public static func += (a: inout Resources, b: Resources) { a.combine(b) { $0.addingClamped($1) } }

    public static func -= (a: inout Resources, b: Resources) { a.combine(b) { $0.subtractingClamped($1) } }

    public static func + (a: Resources, b: Resources) -> Resources {
        var sum = a
        sum += b
        return sum
    }

    /// The larger of both, resource by resource.
    mutating func formMaximum(_ other: Resources) { combine(other) { max($0, $1) } }

    private mutating func combine(_ other: Resources, _ join: (Int64, Int64) -> Int64) {
        milliCPU = join(milliCPU, other.milliCPU)
        memory = join(memory, other.memory)
        ephemeralStorage = join(ephemeralStorage, other.ephemeralStorage)
        guard !other.scalars.isEmpty else { return }
        for (name, amount) in other.scalars { scalars[name] = join(scalars[name] ?? 0, amount) }
    }

    /// The amount of a resource by its name.
    public subscript(name: String) -> Int64 {
        switch name {
        case "cpu": milliCPU
        case "memory": memory
        case "ephemeral-storage": ephemeralStorage
        case "pods": pods
        default: scalars[name] ?? 0
        }
    }
}

extension Int64 {
    func addingClamped(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other > 0 ? .max : .min) : sum
    }

    func subtractingClamped(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other > 0 ? .min : .max) : difference
    }

    func multipliedClamped(by other: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? ((self < 0) == (other < 0) ? .max : .min) : product
    }
}
