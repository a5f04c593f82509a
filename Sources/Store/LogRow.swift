import GRDB
import StoreCore

/// A row of the log, as it was written: a checksum tells.
struct LogRow {
    static let columns = "id, kind, key, value, created, version, lease, sum"

    let number: RowNumber
    let kind: StoreEvent.Kind
    let keyValue: KeyValue

    struct Damage: Error, CustomStringConvertible {
        let revision: Revision
        var description: String { "what was written at revision \(revision) is no longer what was written" }
    }

    /// `row` has `columns`.
    init(_ row: Row) throws(Damage) {
        number = RowNumber(value: row[0])
        keyValue = KeyValue(
            key: Blob.bytes(row, 2), value: Blob.bytes(row, 3), createRevision: row[4], modRevision: number.revision,
            version: row[5], lease: row[6])
        guard let kind = StoreEvent.Kind(rawValue: row[1]),
            (row[7] as Int64) == Self.checksum(number, kind, keyValue)
        else { throw Damage(revision: number.revision) }
        self.kind = kind
    }

    static func checksum(_ number: RowNumber, _ kind: StoreEvent.Kind, _ keyValue: KeyValue) -> Int64 {
        var sum = CRC32C()
        sum.add(number.value)
        sum.add(kind.rawValue)
        sum.add(keyValue)
        return Int64(sum.value)
    }
}

/// A row of the log: its revision, and its place among the events of that.
struct RowNumber {
    /// A million events at one revision, and revisions for 28 years of 10,000 a second.
    private static let bits: Int64 = 20
    static let lastPlace = KeySpace.mostChanges - 1

    let value: Int64

    init(value: Int64) { self.value = value }
    init(_ revision: Revision, _ place: Int) { value = revision << Self.bits | Int64(place) }

    var revision: Revision { value >> Self.bits }
}
