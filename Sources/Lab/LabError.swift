import Glibc

/// A system call of the lab that failed: what was tried, on what, and the errno.
public struct LabError: Error, Equatable, CustomStringConvertible {
    public let operation: String
    public let code: CInt

    init(_ operation: String, code: CInt) {
        self.operation = operation
        self.code = code
    }

    /// Takes the calling thread's errno: make it before anything else runs.
    static func last(_ operation: String) -> LabError { LabError(operation, code: errno) }

    public var description: String { "\(operation): \(String(cString: strerror(code)))" }
}
