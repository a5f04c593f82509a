import Foundation
import TestPrograms

/// The real `openssl`, as witness. Blocks: for suites on threads of their own.
enum OpenSSL {
    /// Standard output of a run that succeeded.
    @discardableResult
    static func run(_ arguments: String...) throws -> String { try Program.output(of: "openssl", arguments) }
}

/// A folder for one test, removed at its end.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "apus-pki-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ text: String, _ name: String) throws -> String {
        let file = path + "/" + name
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        return file
    }

    func mode(_ name: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path + "/" + name)
        return (attributes[.posixPermissions] as? Int ?? 0) & 0o777
    }
}

/// Seconds since 1970.
func wallClock() -> Int64 { Int64(Date().timeIntervalSince1970) }
