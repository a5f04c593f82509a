import Foundation

/// A folder that goes with the value.
public final class TestFolder: Sendable {
    public let path = NSTemporaryDirectory() + "apus-test-\(UUID().uuidString)"

    public init() { try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    public func file(_ name: String, _ content: String) throws -> String {
        let file = "\(path)/\(name)"
        try content.write(toFile: file, atomically: false, encoding: .utf8)
        return file
    }
}
