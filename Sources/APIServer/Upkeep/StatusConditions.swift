import KubeAPI

/// The list `status.conditions` of an object that the server itself keeps.
enum StatusConditions {
    /// A condition of the type as it should be. Its time stays as long as its status does. `now`: nanoseconds since 1970.
    static func set(
        _ conditions: inout [JSONValue], _ type: String, _ value: Bool, _ reason: String, _ message: String, now: Int64
    ) {
        let index = conditions.firstIndex { $0["type"]?.string == type }
        let old = index.map { conditions[$0] }
        let status: JSONValue = value ? "True" : "False"
        if old?["status"] == status, old?["reason"]?.string == reason, old?["message"]?.string == message { return }
        let time =
            old?["status"] == status
            ? old?["lastTransitionTime"] ?? .null : .string(RFC3339.text(nanoseconds: now, .seconds))
        let condition: JSONValue = [
            "type": .string(type), "status": status, "lastTransitionTime": time, "reason": .string(reason),
            "message": .string(message),
        ]
        if let index { conditions[index] = condition } else { conditions.append(condition) }
    }
}
