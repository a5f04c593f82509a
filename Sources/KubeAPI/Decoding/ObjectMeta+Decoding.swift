extension ObjectMeta {
    /// The annotation in which kubectl keeps a copy of the whole object; it is left out to save memory.
    static let lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

    /// Reads field `metadata` of an object.
    init(of object: inout ObjectReader) throws(DecodingFailure) {
        let metadata = try object.object("metadata") { reader throws(DecodingFailure) in
            try ObjectMeta(fields: &reader)
        }
        guard let metadata else { throw DecodingFailure("metadata", "required") }
        self = metadata
    }

    private init(fields: inout ObjectReader) throws(DecodingFailure) {
        let name = try fields.requiredString("name")
        guard Self.isSubdomain(name) else {
            throw DecodingFailure("name", "must be a lower-case DNS subdomain (RFC 1123), got \"\(name)\"")
        }
        let namespace = try fields.string("namespace") ?? ""
        guard namespace.isEmpty || Self.isLabel(namespace.utf8) else {
            throw DecodingFailure("namespace", "must be a lower-case DNS label (RFC 1123), got \"\(namespace)\"")
        }
        self.init(
            name: name, namespace: namespace, uid: try fields.string("uid") ?? "",
            resourceVersion: try fields.string("resourceVersion") ?? "",
            creationTimestamp: try fields.string("creationTimestamp") ?? "",
            deletionTimestamp: try fields.string("deletionTimestamp"), labels: try fields.stringMap("labels"),
            annotations: try fields.stringMap("annotations", except: Self.lastApplied))
    }

    private static func isSubdomain(_ name: String) -> Bool {
        guard name.utf8.count <= 253 else { return false }
        return name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .allSatisfy { isDashedWord($0) }
    }

    private static func isLabel(_ bytes: some BidirectionalCollection<UInt8>) -> Bool {
        bytes.count <= 63 && isDashedWord(bytes)
    }

    /// `[a-z0-9]([-a-z0-9]*[a-z0-9])?`
    private static func isDashedWord(_ bytes: some BidirectionalCollection<UInt8>) -> Bool {
        let dash = UInt8(ascii: "-")
        guard let first = bytes.first, first != dash, bytes.last != dash else { return false }
        return bytes.allSatisfy { $0 &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == dash }
    }
}
