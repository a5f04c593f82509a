import Crypto
import Foundation
import StoreCore

/// Makes a store's folder of a snapshot, after its checksum has been found right.
public enum SnapshotRestore {
    public static func run(snapshot: String, folder: String) throws {
        guard let data = FileManager.default.contents(atPath: snapshot) else {
            throw StoreError.unavailable("cannot read the snapshot \(snapshot)")
        }
        let content = data.dropLast(SHA256.byteCount)
        guard content.starts(with: Data("SQLite format 3\0".utf8)) else {
            throw StoreError.unavailable("\(snapshot) is no snapshot of apus etcd; etcd's own are restored by etcd")
        }
        guard Data(SHA256.hash(data: content)) == data.suffix(SHA256.byteCount) else {
            throw StoreError.unavailable("\(snapshot) is damaged: its checksum is not that of its content")
        }
        let path = folder + "/store.sqlite"
        guard !FileManager.default.fileExists(atPath: path) else {
            throw StoreError.unavailable("\(folder) holds a store already: choose another folder")
        }
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try content.write(to: URL(filePath: path), options: .atomic)
    }
}
