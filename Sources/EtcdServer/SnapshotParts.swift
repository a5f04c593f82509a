import Crypto
import Foundation
import Store
import StoreCore

/// A snapshot's bytes, a part at a time: a whole SQLite file, then its SHA-256, as etcdctl expects.
struct SnapshotParts: AsyncSequence {
    struct Part {
        let bytes: Data
        /// How many come after it.
        let remaining: Int
    }

    private static let partBytes = 64 << 10
    private let file: TemporaryCopy

    init(of store: EmbeddedStore) async throws {
        file = try TemporaryCopy(try await store.snapshot())
    }

    func makeAsyncIterator() -> Iterator { Iterator(file: file) }

    struct Iterator: AsyncIteratorProtocol {
        let file: TemporaryCopy
        private var hash = SHA256()
        private var sent = 0
        private var isDone = false

        fileprivate init(file: TemporaryCopy) { self.file = file }

        mutating func next() async throws -> Part? {
            guard !isDone else { return nil }
            if sent < file.size, let bytes = try file.read(upTo: Swift.min(partBytes, file.size - sent)) {
                sent += bytes.count
                hash.update(data: bytes)
                return Part(bytes: bytes, remaining: file.size - sent + SHA256.byteCount)
            }
            isDone = true
            return Part(bytes: Data(hash.finalize()), remaining: 0)
        }
    }
}

/// A file that goes with the value; read from its beginning.
final class TemporaryCopy: Sendable {
    let size: Int
    private let handle: FileHandle
    private let path: String

    init(_ path: String) throws {
        self.path = path
        handle = try FileHandle(forReadingFrom: URL(filePath: path))
        size = Int(try handle.seekToEnd())
        try handle.seek(toOffset: 0)
    }

    func read(upTo count: Int) throws -> Data? { try handle.read(upToCount: count) }

    deinit {
        try? handle.close()
        try? FileManager.default.removeItem(atPath: path)
    }
}
