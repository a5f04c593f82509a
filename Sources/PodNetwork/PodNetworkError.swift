import Glibc

/// Why a pod's network cannot be made; one sentence for people.
public struct PodNetworkError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }

    /// Takes the calling thread's errno: make it before anything else runs.
    static func last(_ operation: String) -> PodNetworkError {
        PodNetworkError("cannot \(operation): \(String(cString: strerror(errno)))")
    }
}
