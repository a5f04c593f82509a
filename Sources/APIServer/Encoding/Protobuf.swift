import KubeAPI
import KubeSchema

/// `application/vnd.kubernetes.protobuf`: the four bytes `k8s\0` and a runtime.Unknown. Built-in kinds only.
enum Protobuf {
    static func envelope(_ object: JSONValue) throws(Status) -> [UInt8] {
        guard let type = type(object["apiVersion"]?.string ?? "", object["kind"]?.string ?? "") else {
            throw .notAcceptable(["application/json", "application/yaml"])
        }
        return Schema.builtin.encodeProtobufBody(object, as: type)
    }

    /// The canonical tree with kind and apiVersion. `kind`, `apiVersion`: for an envelope that does not name them.
    static func decode(_ bytes: [UInt8], kind: String, apiVersion: String) throws -> JSONValue {
        let content = try ProtobufEnvelope.decode(bytes)
        let kind = content.kind.isEmpty ? kind : content.kind
        let apiVersion = content.apiVersion.isEmpty ? apiVersion : content.apiVersion
        guard let type = type(apiVersion, kind) else {
            throw Status.badRequest("no kind \"\(kind)\" is registered for version \"\(apiVersion)\"")
        }
        let object = try Schema.builtin.decodeProtobuf(content.raw, as: type).object ?? JSONObject()
        let rest = object.members.filter { $0.key != "kind" && $0.key != "apiVersion" }
        return .object(
            JSONObject([.init("kind", .string(kind)), .init("apiVersion", .string(apiVersion))] + rest))
    }

    /// metav1.WatchEvent, whose object is an envelope, with its length in four bytes before it.
    static func watchFrame(_ type: String, _ object: JSONValue) throws(Status) -> [UInt8] {
        let event = Schema.watchEvent(type, object: try envelope(object))
        let length = UInt32(clamping: event.count)
        return stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: length >> UInt32($0)) } + event
    }

    private static func type(_ apiVersion: String, _ kind: String) -> TypeReference? {
        let parts = apiVersion.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        return APICatalog.builtin.type(
            group: parts.count > 1 ? parts[0] : "", version: parts.last ?? "", kind: kind)
    }
}
