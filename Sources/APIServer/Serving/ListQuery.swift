import KubeAPI
import StoreCore

/// The parameters of a list or a watch (metav1.ListOptions).
struct ListQuery: Sendable {
    enum Match: String { case exact = "Exact", notOlderThan = "NotOlderThan" }

    var limit: Int64
    var continuation: String
    /// nil when not given; 0 for any version.
    var revision: Revision?
    var match: Match?
    var timeoutSeconds: Int64?
    var allowsBookmarks: Bool
    var sendsInitialEvents: Bool?

    init(_ query: Query) throws(Status) {
        limit = try Self.number(query["limit"]) ?? 0
        continuation = query["continue"] ?? ""
        timeoutSeconds = try Self.number(query["timeoutSeconds"])
        allowsBookmarks = query.flag("allowWatchBookmarks")
        sendsInitialEvents = query["sendInitialEvents"] == nil ? nil : query.flag("sendInitialEvents")
        revision = try Self.revision(query["resourceVersion"])
        match = try Self.match(query["resourceVersionMatch"])
    }

    private static func number(_ text: String?) throws(Status) -> Int64? {
        guard let text, !text.isEmpty else { return nil }
        guard let number = Int64(text) else {
            throw .badRequest("strconv.ParseInt: parsing \"\(text)\": invalid syntax")
        }
        return number
    }

    private static func revision(_ text: String?) throws(Status) -> Revision? {
        guard let text, !text.isEmpty else { return nil }
        guard let revision = UInt64(text), revision <= UInt64(Int64.max) else {
            throw .badRequest("Invalid value: \"\(text)\": strconv.ParseUint: parsing \"\(text)\": invalid syntax")
        }
        return Revision(revision)
    }

    private static func match(_ text: String?) throws(Status) -> Match? {
        guard let text, !text.isEmpty else { return nil }
        guard let match = Match(rawValue: text) else {
            throw invalid(
                "resourceVersionMatch: Unsupported value: \"\(text)\": supported values: \"Exact\", \"NotOlderThan\"")
        }
        return match
    }

    private static func invalid(_ text: String) -> Status {
        Status(code: 422, reason: "Invalid", message: "ListOptions.meta.k8s.io \"\" is invalid: \(text)")
    }

    /// The combinations that upstream refuses.
    func check(isWatch: Bool) throws(Status) {
        if let sendsInitialEvents, isWatch {
            guard match == .notOlderThan else {
                throw Self.invalid(
                    "resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to "
                        + "NotOlderThan")
            }
            guard allowsBookmarks || !sendsInitialEvents else {
                throw Self.invalid(
                    "allowWatchBookmarks: Forbidden: sendInitialEvents requires allowWatchBookmarks")
            }
            return
        }
        if sendsInitialEvents != nil {
            throw Self.invalid("sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list")
        }
        guard let match else { return }
        if isWatch {
            throw Self.invalid(
                "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
            )
        }
        guard let revision else {
            throw Self.invalid(
                "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided")
        }
        if !continuation.isEmpty {
            throw Self.invalid(
                "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided")
        }
        if match == .exact, revision == 0 {
            throw Self.invalid(
                "resourceVersionMatch: Forbidden: resourceVersionMatch \"exact\" is forbidden for resourceVersion "
                    + "\"0\"")
        }
    }
}
