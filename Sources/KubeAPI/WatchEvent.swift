/// One line of a watch. Objects are not decoded yet, so that one that cannot be is still known by its identity.
public enum WatchEvent: Sendable, Hashable {
    case added(JSONValue)
    case modified(JSONValue)
    case deleted(JSONValue)
    /// `endsInitialEvents`: annotation `k8s.io/initial-events-end` (KEP-3157).
    case bookmark(resourceVersion: String, endsInitialEvents: Bool)
    case error(Status)

    public init(json: JSONValue) throws(DecodingFailure) {
        var reader = try ObjectReader(json)
        let type = try reader.requiredString("type")
        guard let object = reader.value("object") else { throw DecodingFailure("object", "required") }
        switch type {
        case "ADDED": self = .added(object)
        case "MODIFIED": self = .modified(object)
        case "DELETED": self = .deleted(object)
        case "BOOKMARK":
            let end = object["metadata"]?["annotations"]?["k8s.io/initial-events-end"]
            self = .bookmark(
                resourceVersion: ObjectIdentity(object).resourceVersion, endsInitialEvents: end == .string("true"))
        case "ERROR":
            do { self = .error(try Status(json: object)) } catch { throw error.under("object") }
        default:
            throw DecodingFailure("type", "must be one of ADDED, MODIFIED, DELETED, BOOKMARK, ERROR, got \"\(type)\"")
        }
    }
}
