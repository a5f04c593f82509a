import KubeAPI

/// A page that is always the same.
public struct StaticDocument: Sendable {
    public var contentType: String
    public var bytes: [UInt8]

    public init(_ contentType: String = "application/json", _ json: JSONValue) {
        self.contentType = contentType
        bytes = JSONWriter.bytes(json)
    }
}
