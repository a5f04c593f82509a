import Glibc

/// Why an image cannot be had; one sentence for people.
public struct ImageError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: Sendable, Equatable {
        /// The text is no image reference.
        case invalidReference
        /// An archive, manifest or layer that breaks its format, or would reach outside its directory.
        case malformed
        /// A format or feature that Apus does not read.
        case unsupported
        /// Bytes that do not have the digest they should have.
        case digestMismatch
        case notFound
        /// A container uses it.
        case inUse
        /// Past a limit of `UnpackLimits`.
        case tooLarge
        /// The registry refuses the credentials, or asks for some.
        case unauthorized
        /// The registry cannot be reached, or answers with an error.
        case registry
        /// A system call failed with this errno.
        case system(CInt)
    }

    public let code: Code
    public let description: String

    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    /// Takes the calling thread's errno: make it before anything else runs.
    static func last(_ operation: String) -> ImageError {
        let code = errno
        return ImageError(.system(code), "cannot \(operation): \(String(cString: strerror(code)))")
    }

    /// The same with where it happened in front.
    func within(_ place: String) -> ImageError { ImageError(code, "\(place): \(description)") }
}
