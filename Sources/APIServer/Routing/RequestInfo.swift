import KubeSchema

/// What a request is about, read from its method and URL alone (apiserver's RequestInfo).
struct RequestInfo: Sendable, Hashable {
    var path: String
    /// `get list watch create update patch delete deletecollection`, or the lower-case method for a path.
    var verb: String
    var isResourceRequest = false
    /// Empty for the core group.
    var group = ""
    var version = ""
    var namespace = ""
    var resource = ""
    var subresource = ""
    var name = ""
    /// What stands behind the subresource, such as the path that a proxy passes on.
    var rest: [String] = []

    init(method: String, path: String, query: Query) {
        self.path = path
        verb = method.lowercased()
        var parts = path.split(separator: "/").map(String.init)[...]
        guard parts.count >= 3, let prefix = parts.popFirst(), prefix == "api" || prefix == "apis" else { return }
        if prefix == "apis" {
            guard parts.count >= 3 else { return }
            group = parts.removeFirst()
        }
        version = parts.removeFirst()
        isResourceRequest = true
        // `/api/v1/watch/…`, the old way to watch.
        let isOldWatch = parts.first == "watch" && parts.count > 1
        if isOldWatch { parts.removeFirst() }
        readNamespace(&parts)
        resource = parts.popFirst() ?? ""
        name = parts.popFirst() ?? ""
        subresource = parts.popFirst() ?? ""
        rest = Array(parts)
        verb = Self.verb(method)
        if isOldWatch { verb = "watch" }
        readCollectionVerb(query)
    }

    private mutating func readNamespace(_ parts: inout ArraySlice<String>) {
        guard parts.first == "namespaces", parts.count > 1 else { return }
        let start = parts.startIndex
        namespace = parts[start + 1]
        // The namespace object itself and its subresources stay.
        if parts.count > 2, !["status", "finalize"].contains(parts[start + 2]) { parts = parts.dropFirst(2) }
    }

    private static func verb(_ method: String) -> String {
        switch method {
        case "POST": "create"
        case "GET", "HEAD": "get"
        case "PUT": "update"
        case "PATCH": "patch"
        case "DELETE": "delete"
        default: ""
        }
    }

    private mutating func readCollectionVerb(_ query: Query) {
        if name.isEmpty, verb == "get" { verb = query.flag("watch") ? "watch" : "list" }
        if name.isEmpty, verb == "delete" { verb = "deletecollection" }
        // A collection of one: authorization may allow that one.
        guard ["list", "watch", "deletecollection"].contains(verb), name.isEmpty,
            let text = query["fieldSelector"], let selector = try? FieldSelector(parsing: text),
            let wanted = selector.requiredValue(of: "metadata.name"), Self.isPathSegment(wanted)
        else { return }
        name = wanted
    }

    private static func isPathSegment(_ text: String) -> Bool {
        !text.isEmpty && text != "." && text != ".." && !text.contains("/") && !text.contains("%")
    }

    var isMutating: Bool { !["get", "list", "watch", "head", "options"].contains(verb) }

    /// Watches and streams: they last, and are not counted in request times.
    var isLong: Bool {
        verb == "watch" || ["attach", "exec", "log", "portforward", "proxy"].contains(subresource)
    }
}
