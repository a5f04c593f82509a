import KubeAPI

/// One of the conditions of a status.
public struct Condition: Sendable, Hashable {
    public var type: String
    public var status: String
    public var reason: String
    public var message: String

    public init(_ type: String, _ isTrue: Bool, _ reason: String = "", _ message: String = "") {
        self.init(type, status: isTrue ? "True" : "False", reason, message)
    }

    public init(_ type: String, status: String, _ reason: String = "", _ message: String = "") {
        self.type = type
        self.status = status
        self.reason = reason
        self.message = message
    }
}

/// The list `status.conditions`, one per type.
public enum Conditions {
    public static func find(_ type: String, in status: JSONValue?) -> JSONValue? {
        status?["conditions"]?.array?.first { $0["type"]?.string == type }
    }

    public static func isTrue(_ type: String, in status: JSONValue?) -> Bool {
        find(type, in: status)?["status"]?.string == "True"
    }

    /// Puts a condition into `status`. The transition time is that of the last change of its `status`; with
    /// `updateTime` there is also one for the last change of anything, as Deployments have.
    public static func set(
        _ condition: Condition, in status: inout JSONValue, now: Int64, updateTime: Bool = false,
        extra: [JSONObject.Member] = []
    ) {
        var list = status["conditions"]?.array ?? []
        let old = list.first { $0["type"]?.string == condition.type }
        let isSame =
            old?["status"]?.string == condition.status && (old?["reason"]?.string ?? "") == condition.reason
            && (old?["message"]?.string ?? "") == condition.message
            && extra.allSatisfy { old?[$0.key] == $0.value }
        guard !isSame else { return }
        var new: JSONValue = ["type": .string(condition.type), "status": .string(condition.status)]
        for member in extra { new[path: member.key] = member.value }
        if updateTime { new[path: "lastUpdateTime"] = Timestamp.text(now) }
        let keepsTransition = old?["status"]?.string == condition.status
        new[path: "lastTransitionTime"] = keepsTransition ? old?["lastTransitionTime"] : Timestamp.text(now)
        if !condition.reason.isEmpty { new[path: "reason"] = .string(condition.reason) }
        if !condition.message.isEmpty { new[path: "message"] = .string(condition.message) }
        if let index = list.firstIndex(where: { $0["type"]?.string == condition.type }) {
            list[index] = new
        } else {
            list.append(new)
        }
        status[path: "conditions"] = .array(list)
    }

    public static func remove(_ type: String, from status: inout JSONValue) {
        guard let list = status["conditions"]?.array, find(type, in: status) != nil else { return }
        let rest = list.filter { $0["type"]?.string != type }
        status[path: "conditions"] = rest.isEmpty ? nil : .array(rest)
    }
}

extension APIObject {
    /// The same object with another status; nil when it is the same status.
    public func changing(status: JSONValue) -> APIObject? {
        guard !status.isEquivalent(to: self.status ?? .emptyObject) else { return nil }
        var changed = self
        changed["status"] = status
        return changed
    }
}

extension JSONValue {
    /// Equal but for the order of members and for members that are null, zero, false or empty, which the API leaves
    /// out or fills in as a kind likes.
    public func isEquivalent(to other: JSONValue) -> Bool {
        switch (self, other) {
        case (.object(let a), .object(let b)):
            let theirs = Dictionary(b.members.map { ($0.key, $0.value) }) { $1 }
            let ours = Dictionary(a.members.map { ($0.key, $0.value) }) { $1 }
            return Set(ours.keys).union(theirs.keys).allSatisfy { key in
                switch (ours[key], theirs[key]) {
                case (let mine?, let its?): mine.isEquivalent(to: its)
                case (let only?, nil), (nil, let only?): only.isEmptyValue
                case (nil, nil): true
                }
            }
        case (.array(let a), .array(let b)):
            return a.count == b.count && zip(a, b).allSatisfy { $0.isEquivalent(to: $1) }
        default: return self == other || (isEmptyValue && other.isEmptyValue)
        }
    }

    private var isEmptyValue: Bool {
        switch self {
        case .null, .bool(false), .integer(0): true
        case .string(let text): text.isEmpty
        case .array(let array): array.isEmpty
        case .object(let object): object.members.allSatisfy { $0.value.isEmptyValue }
        default: false
        }
    }
}
