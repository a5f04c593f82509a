import Namespaces

/// A member of a lab with its namespace, shareable between threads.
final class Place: Sendable {
    let name: String
    let namespace: NetworkNamespace

    init(_ name: String, _ namespace: consuming NetworkNamespace) {
        self.name = name
        self.namespace = namespace
    }
}
