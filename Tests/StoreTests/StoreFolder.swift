import Foundation

@testable import Store

/// A folder for a store that goes with the value.
final class StoreFolder: Sendable {
    let path = NSTemporaryDirectory() + "apus-store-\(UUID().uuidString)"

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
