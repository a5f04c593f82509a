import KubeAPI
import KubeSchema
import StoreCore

/// The parameters of a list or a watch (metav1.ListOptions).
struct ListQuery: Sendable {
    enum Match: Sendable, Hashable {
        case exact, notOlderThan
        case unknown(String)

        init(_ text: String) {
            switch text {
            case "Exact": self = .exact
            case "NotOlderThan": self = .notOlderThan
            default: self = .unknown(text)
            }
        }
    }

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
        match = query["resourceVersionMatch"].flatMap { $0.isEmpty ? nil : $0 }.map(Match.init)
    }

    static func number(_ text: String?) throws(Status) -> Int64? {
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

    /// The combinations that upstream refuses, all in one answer.
    func check(isWatch: Bool) throws(Status) {
        let errors = isWatch ? watchErrors : listErrors
        guard errors.isEmpty else { throw .invalid(kind: "ListOptions", group: "meta.k8s.io", "", errors) }
    }

    private static func forbidden(_ why: String) -> FieldError {
        FieldError(.forbidden, "resourceVersionMatch", nil, why)
    }

    private var listErrors: [FieldError] {
        var errors: [FieldError] = []
        if let match {
            if revision == nil {
                errors.append(
                    Self.forbidden("resourceVersionMatch is forbidden unless resourceVersion is provided"))
            }
            errors += continuedErrors
            if case .unknown(let text) = match {
                errors.append(Self.unsupported(text, #""Exact", "NotOlderThan", """#))
            }
            if match == .exact, revision == 0 {
                errors.append(
                    Self.forbidden("resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""))
            }
        }
        if sendsInitialEvents != nil {
            errors.append(
                FieldError(.forbidden, "sendInitialEvents", nil, "sendInitialEvents is forbidden for list"))
        }
        return errors
    }

    private var watchErrors: [FieldError] {
        var errors: [FieldError] = []
        if sendsInitialEvents != nil, match != .notOlderThan {
            errors.append(
                Self.forbidden("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"))
        }
        guard let match else { return errors }
        if sendsInitialEvents == nil {
            errors.append(
                Self.forbidden("resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"))
        }
        switch match {
        case .notOlderThan: break
        case .exact: errors.append(Self.unsupported("Exact", #""NotOlderThan""#))
        case .unknown(let text): errors.append(Self.unsupported(text, #""NotOlderThan""#))
        }
        return errors + continuedErrors
    }

    private var continuedErrors: [FieldError] {
        continuation.isEmpty
            ? [] : [Self.forbidden("resourceVersionMatch is forbidden when continue is provided")]
    }

    private static func unsupported(_ text: String, _ known: String) -> FieldError {
        FieldError(.notSupported, "resourceVersionMatch", .string(text), "supported values: \(known)")
    }
}
