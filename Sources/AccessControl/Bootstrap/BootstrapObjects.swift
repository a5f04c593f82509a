import KubeAPI

/// The other objects that an API server makes by itself at start: system namespaces, flow schemas and priority levels,
/// priority classes, API services. Those with addresses in them (the `kubernetes` Service, its ServiceCIDR and
/// IPAddress) are the caller's.
public enum BootstrapObjects {
    public static let all: [JSONValue] = BootstrapTable.rows(BootstrapObjectsTable.text, columns: 7).compactMap(object)

    public static func ofKind(_ kind: String) -> [JSONValue] { all.filter { $0["kind"]?.string == kind } }

    private static func object(_ row: [Substring]) -> JSONValue? {
        var metadata = JSONObject([.init("name", .string(String(row[3])))])
        if !row[2].isEmpty { metadata["namespace"] = .string(String(row[2])) }
        if !row[4].isEmpty { metadata["labels"] = BootstrapTable.map(row[4]) }
        if !row[5].isEmpty { metadata["annotations"] = BootstrapTable.map(row[5]) }
        guard case .object(let content)? = try? JSONParser.parse(row[6].isEmpty ? "{}" : String(row[6])) else {
            return nil
        }
        return .object(
            JSONObject(
                [
                    .init("kind", .string(String(row[1]))), .init("apiVersion", .string(String(row[0]))),
                    .init("metadata", .object(metadata)),
                ] + content.members))
    }
}
