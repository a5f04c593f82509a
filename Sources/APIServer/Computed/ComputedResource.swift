import AccessControl
import KubeAPI
import StoreCore

/// A resource whose objects are made when they are asked for, and stored nowhere.
public protocol ComputedResource: Sendable {
    /// - Parameters:
    ///   - namespace: empty for all, and for what has none.
    ///   - name: the only one that is wanted; empty for all.
    /// - Returns: whole objects, with apiVersion and kind, in any order.
    func objects(namespace: String, name: String) async throws -> [JSONValue]
}

/// GET of one object or of a collection that is computed.
struct ComputedHandler: Sendable {
    let resource: any ComputedResource
    let request: APIRequest

    func run() async throws -> HTTPResponse {
        let info = request.info
        switch info.verb {
        case "get":
            let found = try await resource.objects(namespace: info.namespace, name: info.name)
            guard let object = found.first(where: { $0[path: "metadata", "name"]?.string == info.name }) else {
                throw Status.notFound(request.served.definition, info.name)
            }
            return try request.answer(object)
        case "list":
            let selection = try request.selection()
            let objects = try await resource.objects(namespace: info.namespace, name: selection.name ?? "")
            var found = ListHandler.Found()
            found.keyValues = objects.filter(selection.matches).map(Self.entry).sorted {
                $0.key.lexicographicallyPrecedes($1.key)
            }
            return try ListEncoder(request, found).response()
        default: throw Status.methodNotAllowed
        }
    }

    private static func entry(_ object: JSONValue) -> KeyValue {
        let metadata = object["metadata"]
        let key = "\(metadata?["namespace"]?.string ?? "")/\(metadata?["name"]?.string ?? "")"
        return KeyValue(key: Array(key.utf8), value: JSONWriter.bytes(object))
    }
}
