import Foundation
import GRDB
import StoreCore

/// The durable side of the store: one SQLite file in write-ahead mode, every commit synced to disk.
///
/// Table `log` holds every event that has not been compacted; a row's number is its revision and its place in it. What is
/// live is the latest row of each key that is not a deletion. Nothing is stored twice, and each row has a checksum.
struct StoreFile: Sendable {
    private let pool: DatabasePool
    private let lock: FolderLock
    private let folder: String
    private var path: String { folder + "/store.sqlite" }

    /// Opens or makes the store in a folder, which belongs to this process from now on.
    init(folder: String) throws(StoreError) {
        lock = try FolderLock(folder)
        self.folder = folder
        let path = folder + "/store.sqlite"
        do {
            var configuration = Configuration()
            configuration.label = "store"
            configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA temp_store = MEMORY") }
            pool = try DatabasePool(path: path, configuration: configuration)
            // After the pool is open: it chooses less by itself.
            try pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA synchronous = FULL") }
            guard try syncLevel() == Self.fullSync else {
                throw StoreError.unavailable("the store \(path) cannot be told to sync each commit to disk")
            }
            try Self.prepare(pool, path)
            Self.removeSnapshots(folder)
        } catch let error as StoreError {
            throw error
        } catch {
            throw Self.refusal(path, error)
        }
    }

    /// SQLite's number for `PRAGMA synchronous = FULL`: the log is synced at the end of each transaction.
    static let fullSync = 2

    /// What the connection that writes has been told of syncing.
    func syncLevel() throws -> Int? {
        try pool.writeWithoutTransaction { db in try Int.fetchOne(db, sql: "PRAGMA synchronous") }
    }

    /// Why a store cannot be opened or read.
    private static func refusal(_ path: String, _ error: any Error) -> StoreError {
        if let error = error as? DatabaseError, [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode) {
            return damaged(path, error.message ?? "\(error)")
        }
        return (error as? StoreError) ?? .unavailable("cannot open the store \(path): \(error)")
    }

    private static func damaged(_ path: String, _ reason: String) -> StoreError {
        .unavailable(
            "the store \(path) is damaged (\(reason)) and was left as it is: restore a snapshot into another folder with 'apus etcd restore'"
        )
    }

    /// Closes the file, which then holds everything without its log, and gives up the folder. Reads after that fail.
    func close() throws {
        defer { lock.release() }
        try pool.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
        try pool.close()
    }

    private static let schema: Int64 = 2

    private static func prepare(_ pool: DatabasePool, _ path: String) throws {
        try pool.write { db in
            let version = try Int64.fetchOne(db, sql: "PRAGMA user_version") ?? 0
            guard version != schema else { return }
            guard version == 0, try !db.tableExists("log") else {
                throw StoreError.unavailable(
                    "the store \(path) has layout \(version), this program knows \(schema): use the program that wrote it"
                )
            }
            try db.execute(
                sql: """
                    CREATE TABLE log (
                      id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL,
                      created INTEGER NOT NULL, version INTEGER NOT NULL, lease INTEGER NOT NULL,
                      sum INTEGER NOT NULL);
                    CREATE INDEX log_of_key ON log (key, id);
                    CREATE TABLE lease (id INTEGER PRIMARY KEY, seconds INTEGER NOT NULL, deadline INTEGER NOT NULL);
                    CREATE TABLE compaction (revision INTEGER NOT NULL, done INTEGER NOT NULL);
                    INSERT INTO compaction VALUES (0, 0);
                    PRAGMA user_version = \(schema);
                    """)
        }
    }

    // MARK: Writing

    /// Everything is on disk when it returns, or nothing is.
    func commit(_ changes: [StoreChange]) throws {
        try pool.writeWithoutTransaction { db in
            // GRDB would parse its BEGIN and COMMIT anew each time.
            try db.cachedStatement(sql: "BEGIN IMMEDIATE").execute()
            do {
                for change in changes { try Self.write(change, db) }
                try db.cachedStatement(sql: "COMMIT").execute()
            } catch {
                try? db.rollback()
                throw error
            }
        }
    }

    private static func write(_ change: StoreChange, _ db: Database) throws {
        switch change {
        case .events(let events):
            let insert = try db.cachedStatement(sql: "INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
            for (index, event) in events.enumerated() {
                let row = event.keyValue
                let number = RowNumber(event.revision, index)
                try insert.execute(arguments: [
                    number.value, event.kind.rawValue, Blob(row.key), Blob(row.value), row.createRevision, row.version,
                    row.lease, LogRow.checksum(number, event.kind, row),
                ])
            }
        case .lease(let lease):
            try db.cachedStatement(sql: "INSERT OR REPLACE INTO lease VALUES (?, ?, ?)").execute(arguments: [
                lease.id, lease.seconds, lease.deadline,
            ])
        case .leaseGone(let id):
            try db.cachedStatement(sql: "DELETE FROM lease WHERE id = ?").execute(arguments: [id])
        case .compacted(let revision):
            try db.execute(sql: "UPDATE compaction SET revision = ?", arguments: [revision])
        }
    }

    /// Deletes some of what compaction made unreadable: of `rows` rows looked at, what came before them for their keys,
    /// and they themselves if they are deletions. False when nothing is left to do.
    func compactSome(rows: Int) throws -> Bool {
        try pool.write { db in
            guard let state = try Row.fetchOne(db, sql: "SELECT revision, done FROM compaction") else { return false }
            let (revision, done): (Int64, Int64) = (state[0], state[1])
            let end = RowNumber(revision, RowNumber.lastPlace).value
            guard done < end else { return false }
            let found = try Row.fetchAll(
                db, sql: "SELECT id, key, kind FROM log WHERE id > ? AND id <= ? ORDER BY id LIMIT ?",
                arguments: [done, end, rows])
            let delete = try db.cachedStatement(sql: "DELETE FROM log WHERE key = ? AND id < ?")
            for row in found {
                let id: Int64 = row[0]
                let isDeletion = StoreEvent.Kind(rawValue: row[2]) == .delete
                // A deletion at the compacted revision itself can still be watched.
                let isPast = RowNumber(value: id).revision < revision
                try delete.execute(arguments: [row[1] as DatabaseValue, isDeletion && isPast ? id + 1 : id])
            }
            let isLeft = found.count == rows
            let last: Int64? = found.last?[0]
            // The last revision is looked at again next time, for its deletions.
            let reached = isLeft ? last ?? done : max(0, RowNumber(revision, 0).value - 1)
            if reached != done { try db.execute(sql: "UPDATE compaction SET done = ?", arguments: [reached]) }
            return isLeft
        }
    }

    // MARK: Reading

    /// What a restart begins with.
    func load(now: Int64) throws(StoreError) -> KeySpace {
        do {
            return try read(now: now)
        } catch let damage as LogRow.Damage {
            throw Self.damaged(path, "\(damage)")
        } catch {
            throw Self.refusal(path, error)
        }
    }

    private func read(now: Int64) throws -> KeySpace {
        try pool.read { db in
            let latest = try Int64.fetchOne(db, sql: "SELECT max(id) FROM log")
            let compacted = try Int64.fetchOne(db, sql: "SELECT revision FROM compaction") ?? 0
            let leases = try Row.fetchAll(db, sql: "SELECT id, seconds, deadline FROM lease").map {
                let seconds: Int64 = $0[1]
                // Nobody has more time left than was granted, wherever the clock stood before.
                return Lease(id: $0[0], seconds: seconds, deadline: min($0[2], now + seconds * 1000))
            }
            let cursor = try Row.fetchCursor(
                db,
                sql: """
                    SELECT log.id, kind, log.key, value, created, version, lease, sum FROM log
                    JOIN (SELECT max(id) AS id FROM log GROUP BY key) AS newest ON log.id = newest.id
                    WHERE kind = 0 ORDER BY log.key
                    """)
            var live: [KeyValue] = []
            while let row = try cursor.next() { live.append(try LogRow(row).keyValue) }
            return KeySpace(
                revision: max(1, latest.map { RowNumber(value: $0).revision } ?? 1), compactedRevision: compacted,
                live: live, leases: LeaseTable(leases))
        }
    }

    /// For each key of the range that changed after `revision`, an event whose `previous` is its state then.
    func undo(_ range: KeyRange, after revision: Revision) throws -> [StoreEvent] {
        try pool.read { db in
            let last = RowNumber(revision, RowNumber.lastPlace).value
            let keys = try Row.fetchCursor(
                db, sql: "SELECT DISTINCT key FROM log WHERE id > ? AND key >= ?",
                arguments: [last, Blob(range.start)])
            var events: [StoreEvent] = []
            while let row = try keys.next() {
                let key: Bytes = Blob.bytes(row, 0)
                guard range.contains(key) else { continue }
                let previous = try Self.state(of: key, atRow: last, db)
                events.append(StoreEvent(.put, KeyValue(key: key), previous: previous))
            }
            return events
        }
    }

    /// Events of whole revisions from `first` on, about as much as `part` says; less when there is no more.
    func events(from first: Revision, _ part: WatchPart) throws -> [StoreEvent] {
        try pool.read { db in
            let rows = try Row.fetchCursor(
                db, sql: "SELECT \(LogRow.columns) FROM log WHERE id >= ? ORDER BY id",
                arguments: [RowNumber(first, 0).value])
            var events: [StoreEvent] = []
            var bytes = 0
            while let row = try rows.next().map(LogRow.init) {
                if part.isFull(events.count, bytes: bytes), row.number.revision != events.last?.revision { break }
                let previous = try Self.state(of: row.keyValue.key, atRow: row.number.value - 1, db)
                let event = StoreEvent(row.kind, row.keyValue, previous: previous)
                events.append(event)
                bytes += event.bytes
            }
            return events
        }
    }

    private static func state(of key: Bytes, atRow id: Int64, _ db: Database) throws -> KeyValue? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT \(LogRow.columns) FROM log WHERE key = ? AND id <= ? ORDER BY id DESC LIMIT 1
                """)
        guard let row = try Row.fetchOne(statement, arguments: [Blob(key), id]).map(LogRow.init), row.kind == .put
        else { return nil }
        return row.keyValue
    }

    // MARK: Maintenance

    func size() throws -> StoreSize {
        try pool.read { db in
            let page = try Int64.fetchOne(db, sql: "PRAGMA page_size") ?? 0
            let pages = try Int64.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            let free = try Int64.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
            return StoreSize(allocated: pages * page, used: (pages - free) * page)
        }
    }

    private static let snapshotPrefix = "snapshot-"

    func snapshot() throws -> String {
        let path = "\(folder)/\(Self.snapshotPrefix)\(UUID().uuidString)"
        let copy = try DatabaseQueue(path: path)
        try pool.backup(to: copy)
        try copy.close()
        return path
    }

    private static func removeSnapshots(_ folder: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        where name.hasPrefix(snapshotPrefix) {
            try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
        }
    }

    func defragment() throws {
        try pool.vacuum()
        try pool.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
    }
}

/// What a commit writes.
enum StoreChange: Sendable {
    /// All of one revision.
    case events([StoreEvent])
    case lease(Lease)
    case leaseGone(LeaseID)
    case compacted(Revision)
}
