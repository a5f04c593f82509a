import KubeAPI

/// The roles and bindings that every cluster has (upstream's 1.36 bootstrap policy).
public enum BootstrapPolicy {
    /// ClusterRoles, Roles and their bindings; the rules of aggregated roles are filled in.
    public static let objects: [JSONValue] = {
        let objects = assemble(BootstrapTable.rows(BootstrapRBACTable.text, columns: 12))
        let index = RBACIndex(objects)
        return objects.map { object in
            guard object["aggregationRule"] != nil, let name = object["metadata"]?["name"]?.string,
                let rules = index.rules(of: RoleKey(namespace: "", name: name))
            else { return object }
            return object.setting("rules", .array(rules.map(\.json)))
        }
    }()

    /// What any node may do, whatever runs on it.
    public static let nodeRules: [PolicyRule] =
        RBACIndex(objects).rules(of: RoleKey(namespace: "", name: "system:node")) ?? []

    /// One object of the rows with the same kind, namespace and name, in the order of the first.
    private static func assemble(_ rows: [[Substring]]) -> [JSONValue] {
        var order: [[Substring]] = []
        var groups: [[Substring]: [[Substring]]] = [:]
        for row in rows {
            let key = Array(row[0..<3])
            if groups[key] == nil { order.append(key) }
            groups[key, default: []].append(row)
        }
        return order.compactMap { groups[$0].flatMap(object) }
    }

    private static func object(_ rows: [[Substring]]) -> JSONValue? {
        guard let first = rows.first else { return nil }
        let isBinding = first[0].hasSuffix("Binding")
        var members: [JSONObject.Member] = [
            .init("kind", .string(String(first[0]))),
            .init("apiVersion", .string(RBACIndex.group + "/v1")),
            .init("metadata", metadata(namespace: first[1], name: first[2], labels: first[10])),
        ]
        if isBinding {
            if !first[9].isEmpty {
                members.append(.init("subjects", .array(first[9].split(separator: ";").map(subject))))
            }
            members.append(.init("roleRef", roleReference(first[8])))
        } else {
            members.append(.init("rules", .array(rows.filter { !$0[3].isEmpty }.map { rule($0).json })))
            let selectors = rows.filter { !$0[11].isEmpty }.map { BootstrapTable.map($0[11]) }
            if !selectors.isEmpty {
                members.append(
                    .init("aggregationRule", ["clusterRoleSelectors": .array(selectors.map { ["matchLabels": $0] })]))
            }
        }
        return .object(JSONObject(members))
    }

    private static func metadata(namespace: Substring, name: Substring, labels: Substring) -> JSONValue {
        var metadata = JSONObject([.init("name", .string(String(name)))])
        if !namespace.isEmpty { metadata["namespace"] = .string(String(namespace)) }
        var all = JSONObject([.init("kubernetes.io/bootstrapping", "rbac-defaults")])
        if case .object(let own) = BootstrapTable.map(labels) { all.members += own.members }
        metadata["labels"] = .object(all)
        metadata["annotations"] = [BootstrapReconciliation.roleAnnotation: "true"]
        return .object(metadata)
    }

    private static func rule(_ row: [Substring]) -> PolicyRule {
        PolicyRule(
            verbs: BootstrapTable.list(row[3]), apiGroups: BootstrapTable.list(row[4]),
            resources: BootstrapTable.list(row[5]), resourceNames: BootstrapTable.list(row[6]),
            nonResourceURLs: BootstrapTable.list(row[7]))
    }

    /// `Group:system:masters`, `ServiceAccount:kube-system/kube-dns`
    private static func subject(_ text: Substring) -> JSONValue {
        let kind = text.prefix { $0 != ":" }
        let rest = text.dropFirst(kind.count + 1)
        guard kind == "ServiceAccount" else {
            return [
                "kind": .string(String(kind)), "apiGroup": .string(RBACIndex.group), "name": .string(String(rest)),
            ]
        }
        let namespace = rest.prefix { $0 != "/" }
        return [
            "kind": "ServiceAccount", "name": .string(String(rest.dropFirst(namespace.count + 1))),
            "namespace": .string(String(namespace)),
        ]
    }

    /// `ClusterRole/view`
    private static func roleReference(_ text: Substring) -> JSONValue {
        let kind = text.prefix { $0 != "/" }
        return [
            "apiGroup": .string(RBACIndex.group), "kind": .string(String(kind)),
            "name": .string(String(text.dropFirst(kind.count + 1))),
        ]
    }
}

/// Reads the embedded tables: tab-separated, a row a line.
enum BootstrapTable {
    static func rows(_ text: String, columns: Int) -> [[Substring]] {
        text.split(separator: "\n").map { line in
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false)
            return cells + Array(repeating: "", count: max(0, columns - cells.count))
        }
    }

    /// `get,list`; `""` is the empty string.
    static func list(_ cell: Substring) -> [String] {
        cell.split(separator: ",").map { $0 == "\"\"" ? "" : String($0) }
    }

    /// `key=value,key=value`
    static func map(_ cell: Substring) -> JSONValue {
        .object(
            JSONObject(
                cell.split(separator: ",").map { pair in
                    let key = pair.prefix { $0 != "=" }
                    return .init(String(key), .string(String(pair.dropFirst(key.count + 1))))
                }))
    }
}

extension JSONValue {
    /// An object with one member changed or added; anything else as it is.
    func setting(_ key: String, _ value: JSONValue) -> JSONValue {
        guard case .object(var object) = self else { return self }
        object[key] = value
        return .object(object)
    }
}
