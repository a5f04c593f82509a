/// metav1.ListMeta, as far as a client needs it.
public struct ListMeta: Sendable, Hashable {
    public var resourceVersion: String
    /// Token for the next page; nil on the last.
    public var continuation: String?

    public init(resourceVersion: String = "", continuation: String? = nil) {
        self.resourceVersion = resourceVersion
        self.continuation = continuation
    }

    /// Reads field `metadata` of a list; a list without has none.
    public init(ofList json: JSONValue) throws(DecodingFailure) {
        var reader = try ObjectReader(json)
        let meta = try reader.object("metadata") { metadata throws(DecodingFailure) in
            let token = try metadata.string("continue") ?? ""
            return ListMeta(
                resourceVersion: try metadata.string("resourceVersion") ?? "", continuation: token.isEmpty ? nil : token
            )
        }
        self = meta ?? ListMeta()
    }
}

/// Reads the body of a Kubernetes list item by item, so that only one item is a tree at a time.
public enum ListReader {
    /// Hands each element of `items`, without `managedFields`, to `item` and returns the list without its items.
    public static func read(
        _ body: some Collection<UInt8>, item: (JSONValue) -> Void
    ) throws(JSONError) -> JSONObject {
        try JSONParser.scan(body, leavingOut: JSONParser.managedFields) { scanner throws(JSONScanner.Fault) in
            var envelope = JSONObject()
            try scanner.eachMember(depth: 0) { scanner, key, depth throws(JSONScanner.Fault) in
                guard key == "items", scanner.isAtArray else {
                    envelope.members.append(.init(key, try scanner.value(depth: depth)))
                    return
                }
                try scanner.eachElement(depth: depth) { scanner, depth throws(JSONScanner.Fault) in
                    item(try scanner.value(depth: depth))
                }
            }
            try scanner.end()
            return envelope
        }
    }
}
