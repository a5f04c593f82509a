import KubeAPI
import KubeSchema

/// `meta.k8s.io` `Table`: what kubectl prints.
struct TableRows: Sendable {
    enum IncludeObject: String, Sendable { case none = "None", metadata = "Metadata", object = "Object" }

    private let served: ServedResource
    private let version: String
    private let now: Int64
    private let includes: IncludeObject

    init(_ served: ServedResource, version: String, now: Int64, includes: IncludeObject) {
        self.served = served
        self.version = version
        self.now = now
        self.includes = includes
    }

    /// `showsColumns` false: a later event of a watch, whose client knows them.
    func table(_ objects: [JSONValue], metadata: JSONValue, showsColumns: Bool = true) -> JSONValue {
        [
            "kind": "Table", "apiVersion": .string("meta.k8s.io/\(version)"), "metadata": metadata,
            "columnDefinitions": showsColumns ? .array(columns) : .null,
            "rows": .array(objects.map(row)),
        ]
    }

    private func row(_ object: JSONValue) -> JSONValue {
        var row: JSONValue = ["cells": .array(cells(object))]
        switch includes {
        case .none: break
        case .metadata: row[path: "object"] = PartialMetadata.object(object, version)
        case .object: row[path: "object"] = object
        }
        return row
    }

    private var columns: [JSONValue] {
        [
            ["name": "Name", "type": "string", "format": "name", "description": "", "priority": 0],
            ["name": "Age", "type": "string", "format": "", "description": "", "priority": 0],
        ]
    }

    private func cells(_ object: JSONValue) -> [JSONValue] {
        [.string(object.meta("name")), .string(age(object.meta("creationTimestamp")))]
    }

    private func age(_ text: String) -> String {
        RFC3339.seconds(text).map { "\(max(0, now - $0))s" } ?? "<unknown>"
    }
}
