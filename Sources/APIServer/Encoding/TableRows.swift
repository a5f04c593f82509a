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

    // MARK: Columns

    private var columns: [JSONValue] {
        if let custom = served.custom { return Self.customColumns(custom) }
        let definition = served.definition
        return TableColumns.columns(group: definition.group, version: definition.version, kind: definition.kind).map {
            Self.column($0.name, $0.type, $0.format, "", Int64($0.priority))
        }
    }

    private func cells(_ object: JSONValue) -> [JSONValue] {
        if let custom = served.custom { return customCells(object, custom) }
        let definition = served.definition
        return TableColumns.cells(
            of: object, group: definition.group, version: definition.version, kind: definition.kind, now: now)
    }

    private static func column(
        _ name: String, _ type: String, _ format: String, _ description: String, _ priority: Int64
    ) -> JSONValue {
        [
            "name": .string(name), "type": .string(type), "format": .string(format),
            "description": .string(description), "priority": .integer(priority),
        ]
    }

    // MARK: Custom resources

    private static func customColumns(_ custom: CustomResourceDefinition.Version) -> [JSONValue] {
        let own = custom.columns.map { column($0.name, $0.type, $0.format, $0.description, $0.priority) }
        let age = custom.columns.isEmpty ? [column("Age", "date", "", "", 0)] : []
        return [column("Name", "string", "name", "", 0)] + own + age
    }

    private func customCells(_ object: JSONValue, _ custom: CustomResourceDefinition.Version) -> [JSONValue] {
        let own = custom.columns.map { column -> JSONValue in
            guard let value = column.query?.values(in: object).first, value != .null else { return .null }
            return column.type == "date" ? .string(age(value.string ?? "")) : Self.cell(value, column.type)
        }
        let time: [JSONValue] = custom.columns.isEmpty ? [.string(age(object.meta("creationTimestamp")))] : []
        return [.string(object.meta("name"))] + own + time
    }

    /// Numbers and booleans as they are; everything else as text.
    private static func cell(_ value: JSONValue, _ type: String) -> JSONValue {
        switch (type, value) {
        case ("integer", .integer), ("number", .integer), ("number", .double), ("boolean", .bool): value
        case (_, .string): value
        case ("string", _): .string(JSONWriter.text(value))
        default: .null
        }
    }

    private func age(_ text: String) -> String {
        guard let then = RFC3339.seconds(text) else { return "<unknown>" }
        return HumanDuration.text(seconds: now - then)
    }
}
