import AccessControl
import KubeAPI

/// Certificate signing requests: who asks is not the client's to say, and conditions are for approvers and signers.
public struct CertificateSigningRequestStrategy: ObjectStrategy {
    public init() {}

    public func prepareForCreate(_ object: inout JSONValue, _ context: RequestContext) async throws {
        let user = context.user
        object[path: "spec", "username"] = .string(user.name)
        object[path: "spec", "uid"] = user.uid.isEmpty ? nil : .string(user.uid)
        object[path: "spec", "groups"] = user.groups.isEmpty ? nil : .array(user.groups.map(JSONValue.string))
        let extra = user.extra.sorted { $0.key < $1.key }
        object[path: "spec", "extra"] =
            extra.isEmpty
            ? nil : .object(JSONObject(extra.map { .init($0.key, .array($0.value.map(JSONValue.string))) }))
    }

    private static let approvals: Set = ["Approved", "Denied"]

    public func prepareForUpdate(
        _ object: inout JSONValue, old: JSONValue, subresource: String, _ context: RequestContext
    ) async throws {
        switch subresource {
        case "approval":
            let conditions = object[path: "status", "conditions"]
            object[path: "spec"] = old["spec"]
            object[path: "status"] = old["status"]
            object[path: "status", "conditions"] = stamped(conditions, old, context)
        case "status":
            // Approval and denial are made elsewhere.
            let kept = (old[path: "status", "conditions"]?.array ?? []).filter(Self.isApproval)
            let new = (object[path: "status", "conditions"]?.array ?? []).filter { !Self.isApproval($0) }
            object[path: "status", "conditions"] =
                kept.isEmpty && new.isEmpty ? nil : stamped(.array(kept + new), old, context)
        default: object[path: "status"] = old["status"]
        }
    }

    private static func isApproval(_ condition: JSONValue) -> Bool {
        condition["type"]?.string.map(approvals.contains) ?? false
    }

    /// Conditions with their times: a new one's is now.
    private func stamped(_ conditions: JSONValue?, _ old: JSONValue, _ context: RequestContext) -> JSONValue? {
        guard let all = conditions?.array else { return conditions }
        let now = JSONValue.string(RFC3339.text(nanoseconds: context.now, .seconds))
        let before = old[path: "status", "conditions"]?.array ?? []
        return .array(
            all.map { condition in
                var condition = condition
                let same = before.first { $0["type"] == condition["type"] }
                if (condition["lastUpdateTime"] ?? .null) == .null { condition[path: "lastUpdateTime"] = now }
                if (condition["lastTransitionTime"] ?? .null) == .null {
                    condition[path: "lastTransitionTime"] =
                        same?["status"] == condition["status"] ? same?["lastTransitionTime"] ?? now : now
                }
                return condition
            })
    }
}
