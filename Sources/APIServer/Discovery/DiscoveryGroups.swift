import KubeAPI
import KubeSchema

/// The served resources by group and version, and the documents about them.
struct DiscoveryGroups {
    /// In the order of discovery; the core group is empty.
    private(set) var names: [String] = []
    private var definitions: [String: [ResourceDefinition]] = [:]

    init(_ snapshot: ServedResources.Snapshot) {
        for served in snapshot.all {
            let group = served.definition.group
            if definitions[group] == nil { names.append(group) }
            definitions[group, default: []].append(served.definition)
        }
    }

    /// The preferred one first.
    func versions(of group: String) -> [String] {
        var versions: [String] = []
        let all = definitions[group] ?? []
        for definition in all.filter(\.isPreferredVersion) + all where !versions.contains(definition.version) {
            versions.append(definition.version)
        }
        return versions
    }

    func group(_ name: String) -> JSONValue {
        let versions: [JSONValue] = versions(of: name).map { version in
            ["groupVersion": .string("\(name)/\(version)"), "version": .string(version)]
        }
        return [
            "name": .string(name), "versions": .array(versions), "preferredVersion": versions.first ?? .emptyObject,
        ]
    }

    private func resources(_ group: String, _ version: String) -> [ResourceDefinition] {
        (definitions[group] ?? []).filter { $0.version == version }
    }

    // MARK: Legacy

    func resourceList(group: String, version: String) -> JSONValue? {
        let found = resources(group, version)
        guard !found.isEmpty else { return nil }
        let rows = found.flatMap { [row($0)] + subrows($0) }
            .sorted { ($0["name"]?.string ?? "") < ($1["name"]?.string ?? "") }
        var list: [JSONObject.Member] = [.init("kind", "APIResourceList")]
        if !group.isEmpty { list.append(.init("apiVersion", "v1")) }
        list.append(.init("groupVersion", .string(group.isEmpty ? version : "\(group)/\(version)")))
        list.append(.init("resources", .array(rows)))
        return .object(JSONObject(list))
    }

    private func row(_ definition: ResourceDefinition) -> JSONValue {
        var members: [JSONObject.Member] = [
            .init("name", .string(definition.resource)), .init("singularName", .string(definition.singular)),
            .init("namespaced", .bool(definition.isNamespaced)), .init("kind", .string(definition.kind)),
            .init("verbs", .array(definition.verbs.map { .string($0) })),
        ]
        func add(_ name: String, _ values: [String]) {
            if !values.isEmpty { members.append(.init(name, .array(values.map { .string($0) }))) }
        }
        add("shortNames", definition.shortNames)
        add("categories", definition.categories)
        if !definition.storageVersionHash.isEmpty {
            members.append(.init("storageVersionHash", .string(definition.storageVersionHash)))
        }
        return .object(JSONObject(members))
    }

    private func subrows(_ definition: ResourceDefinition) -> [JSONValue] {
        definition.subresources.map { subresource in
            var members: [JSONObject.Member] = [
                .init("name", .string("\(definition.resource)/\(subresource.name)")), .init("singularName", ""),
                .init("namespaced", .bool(definition.isNamespaced)),
            ]
            if subresource.group != definition.group || subresource.version != definition.version {
                members.append(.init("group", .string(subresource.group)))
                members.append(.init("version", .string(subresource.version)))
            }
            members.append(.init("kind", .string(subresource.kind)))
            members.append(.init("verbs", .array(subresource.verbs.map { .string($0) })))
            return .object(JSONObject(members))
        }
    }

    // MARK: Aggregated

    func aggregated(isCore: Bool, version: String) -> JSONValue {
        [
            "kind": "APIGroupDiscoveryList", "apiVersion": .string("apidiscovery.k8s.io/\(version)"),
            "metadata": .emptyObject,
            "items": .array(
                names.filter { $0.isEmpty == isCore }.map { name in
                    [
                        "metadata": name.isEmpty
                            ? ["creationTimestamp": .null] : ["name": .string(name), "creationTimestamp": .null],
                        "versions": .array(versions(of: name).map { aggregatedVersion(name, $0) }),
                    ]
                }),
        ]
    }

    private func aggregatedVersion(_ group: String, _ version: String) -> JSONValue {
        [
            "version": .string(version),
            "resources": .array(resources(group, version).map(aggregatedResource)), "freshness": "Current",
        ]
    }

    private func aggregatedResource(_ definition: ResourceDefinition) -> JSONValue {
        var members: [JSONObject.Member] = [
            .init("resource", .string(definition.resource)),
            .init("responseKind", Self.kind(definition.group, definition.version, definition.kind)),
            .init("scope", definition.isNamespaced ? "Namespaced" : "Cluster"),
            .init("singularResource", .string(definition.singular)),
            .init("verbs", .array(definition.verbs.map { .string($0) })),
        ]
        func add(_ name: String, _ values: [JSONValue]) {
            if !values.isEmpty { members.append(.init(name, .array(values))) }
        }
        add("shortNames", definition.shortNames.map { .string($0) })
        add("categories", definition.categories.map { .string($0) })
        add(
            "subresources",
            definition.subresources.map {
                [
                    "subresource": .string($0.name), "responseKind": Self.kind($0.group, $0.version, $0.kind),
                    "verbs": .array($0.verbs.map { .string($0) }),
                ]
            })
        return .object(JSONObject(members))
    }

    private static func kind(_ group: String, _ version: String, _ kind: String) -> JSONValue {
        ["group": .string(group), "version": .string(version), "kind": .string(kind)]
    }
}
