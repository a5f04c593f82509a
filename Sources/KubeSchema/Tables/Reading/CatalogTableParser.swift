/// Reads the tables of resources, kinds and field selectors; scripts/generate-schema names their columns.
enum CatalogTableParser {
    static func catalog(schema: Schema) -> APICatalog {
        APICatalog(resources: resources(), kinds: kinds(schema), labels: labels())
    }

    private static func resources() -> [ResourceDefinition] {
        TableText.rows(ResourceTable.text, columns: 15).map { row in
            var resource = ResourceDefinition(
                group: row[0].string, version: row[1].string, resource: row[2].string, singular: row[3].string,
                kind: row[4].string, listKind: row[5].string, isNamespaced: false, verbs: row[7].split(","),
                typeName: row[6].string)
            resource.shortNames = row[8].split(",")
            resource.categories = row[9].split(",")
            resource.storageVersion = row[10].string
            resource.storageVersionHash = row[11].string
            resource.storePrefix = row[12].string
            resource.subresources = row[13].split(";").compactMap(subresource)
            let flags = row[14].string
            resource.isNamespaced = flags.contains("n")
            resource.isPreferredVersion = flags.contains("p")
            resource.createsOnUpdate = flags.contains("c")
            resource.updatesUnconditionally = flags.contains("u")
            resource.hasGeneration = flags.contains("g")
            return resource
        }
    }

    /// `scale:autoscaling/v1.Scale:get,patch,update`
    private static func subresource(_ text: String) -> ResourceDefinition.Subresource? {
        let parts = text.split(separator: ":").map(String.init)
        guard parts.count == 3, let dot = parts[1].lastIndex(of: ".") else { return nil }
        let groupVersion = parts[1][..<dot].split(separator: "/").map(String.init)
        return ResourceDefinition.Subresource(
            name: parts[0], group: groupVersion.count == 2 ? groupVersion[0] : "", version: groupVersion.last ?? "",
            kind: String(parts[1][dot...].dropFirst()), verbs: parts[2].split(separator: ",").map(String.init))
    }

    private static func kinds(_ schema: Schema) -> [APICatalog.Key: TypeReference] {
        let rows = TableText.rows(KindTable.text, columns: 4).compactMap { row in
            schema.type(named: row[3].string).map { (key(row), $0) }
        }
        return Dictionary(rows, uniquingKeysWith: { first, _ in first })
    }

    private static func labels() -> [APICatalog.Key: [String: FieldLabel]] {
        var labels: [APICatalog.Key: [String: FieldLabel]] = [:]
        for row in TableText.rows(FieldLabelTable.text, columns: 6) {
            let indexed = row[4].string
            labels[key(row), default: [:]][row[3].string] = FieldLabel(
                path: storedPaths[indexed] ?? indexed, absent: absentTexts[indexed] ?? "",
                isIndexed: row[5].string == "1")
        }
        return labels
    }

    private static func key(_ row: [TableText]) -> APICatalog.Key {
        APICatalog.Key(group: row[0].string, version: row[1].string, name: row[2].string)
    }

    /// Labels that are not named as the field they read.
    private static let storedPaths = ["status.successful": "status.succeeded", "source": "source.component"]

    private static let absentTexts = [
        "spec.hostNetwork": "false", "spec.unschedulable": "false", "status.successful": "0", "status.replicas": "0",
    ]
}
