import KubeAPI

/// A node's taint.
public struct Taint: Sendable, Hashable {
    public enum Effect: String, Sendable {
        case noSchedule = "NoSchedule"
        case preferNoSchedule = "PreferNoSchedule"
        case noExecute = "NoExecute"
    }

    public var key: String
    public var value: String
    public var effect: Effect

    public init(key: String, value: String = "", effect: Effect) {
        self.key = key
        self.value = value
        self.effect = effect
    }

    /// nil for an effect that is not known.
    public init?(json: JSONValue) {
        guard let effect = json["effect"]?.string.flatMap(Effect.init) else { return nil }
        self.init(key: json["key"]?.string ?? "", value: json["value"]?.string ?? "", effect: effect)
    }
}

/// What a pod puts up with.
public struct Toleration: Sendable, Hashable {
    /// Empty for every key.
    public let key: String
    public let exists: Bool
    public let value: String
    /// nil for every effect.
    public let effect: Taint.Effect?
    /// How long a taint of effect NoExecute is put up with; nil for ever.
    public let seconds: Int64?

    /// nil for an effect that is not known.
    public init?(json: JSONValue) {
        let effect = json["effect"]?.string ?? ""
        self.effect = Taint.Effect(rawValue: effect)
        guard effect.isEmpty || self.effect != nil else { return nil }
        key = json["key"]?.string ?? ""
        exists = json["operator"]?.string == "Exists"
        value = json["value"]?.string ?? ""
        seconds = json["tolerationSeconds"]?.integer
    }

    public func tolerates(_ taint: Taint) -> Bool {
        (effect == nil || effect == taint.effect) && (key.isEmpty || key == taint.key)
            && (exists || value == taint.value)
    }
}

extension [Toleration] {
    /// `spec.tolerations` of a pod.
    public init(spec: JSONValue?) {
        self = (spec?["tolerations"]?.array ?? []).compactMap(Toleration.init(json:))
    }

    public func tolerate(_ taint: Taint) -> Bool { contains { $0.tolerates(taint) } }
}

extension [Taint] {
    /// `spec.taints` of a node.
    public init(node: JSONValue) { self = (node["spec"]?["taints"]?.array ?? []).compactMap(Taint.init(json:)) }

    /// The first taint that keeps pods away and is not tolerated.
    public func firstUntolerated(by tolerations: [Toleration]) -> Taint? {
        first { $0.effect != .preferNoSchedule && !tolerations.tolerate($0) }
    }
}
