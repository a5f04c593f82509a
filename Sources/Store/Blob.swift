import Foundation
import GRDB
import StoreCore

/// Bytes as a column's value.
struct Blob: DatabaseValueConvertible {
    let bytes: Bytes

    init(_ bytes: Bytes) { self.bytes = bytes }

    var databaseValue: DatabaseValue { Data(bytes).databaseValue }

    static func fromDatabaseValue(_ value: DatabaseValue) -> Blob? {
        Data.fromDatabaseValue(value).map { Blob(Bytes($0)) }
    }

    /// A column's bytes, copied once; empty for NULL.
    static func bytes(_ row: Row, _ column: Int) -> Bytes {
        (try? row.withUnsafeData(atIndex: column) { $0.map { Bytes($0) } ?? [] }) ?? []
    }
}
