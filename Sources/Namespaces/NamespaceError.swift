import Glibc

/// A system call on a namespace that failed: what was tried, on what, and the errno.
public struct NamespaceError: Error, Equatable, CustomStringConvertible {
    public let operation: String
    public let code: CInt

    public init(_ operation: String, code: CInt) {
        self.operation = operation
        self.code = code
    }

    /// Takes the calling thread's errno: make it before anything else runs.
    static func last(_ operation: String) -> NamespaceError { NamespaceError(operation, code: errno) }

    public var description: String { "\(operation): \(String(cString: strerror(code)))" }
}
