import Foundation

enum ObjectIdentifiers {
    /// A random UUID (RFC 9562, version 4), as metadata.uid.
    static func uid() -> String { UUID().uuidString.lowercased() }
}
