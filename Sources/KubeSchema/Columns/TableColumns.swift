import KubeAPI

/// A column of a Table answer (metav1.TableColumnDefinition).
public struct TableColumn: Sendable, Hashable {
    public var name: String
    /// OpenAPI's: `string`, `integer`, `boolean`, `date`.
    public var type: String
    /// `name` for the primary column.
    public var format: String
    /// 0 is always shown; 1 with `-o wide`.
    public var priority: Int
}

/// What `kubectl get` shows of built-in kinds: upstream's printers.
public enum TableColumns {
    /// Kinds without a printer have a name and a time.
    public static func columns(group: String, version: String, kind: String) -> [TableColumn] {
        table["\(group)/\(version)/\(kind)"] ?? generic
    }

    /// One cell per column, wide ones included. `now` is in seconds since 1970.
    public static func cells(
        of object: JSONValue, group: String, version: String, kind: String, now: Int64
    ) -> [JSONValue] {
        let row = PrintedRow(object: object, now: now)
        return printers["\(group)/\(kind)"]?(row) ?? [
            .string(row.name), .string(row.text("metadata", "creationTimestamp")),
        ]
    }

    typealias Printer = @Sendable (PrintedRow) -> [JSONValue]

    private static let printers: [String: Printer] = [
        core, workloads, networking, storage, access, admission, others,
    ].reduce(into: [:]) { all, area in all.merge(area) { first, _ in first } }

    private static let generic = [
        TableColumn(name: "Name", type: "string", format: "name", priority: 0),
        TableColumn(name: "Created At", type: "date", format: "", priority: 0),
    ]

    private static let table: [String: [TableColumn]] = TableText.rows(ColumnTable.text, columns: 7).reduce(
        into: [:]
    ) { table, row in
        table["\(row[0].string)/\(row[1].string)/\(row[2].string)", default: []].append(
            TableColumn(
                name: row[3].string, type: row[4].string, format: row[5].string, priority: Int(row[6].string) ?? 0))
    }
}
