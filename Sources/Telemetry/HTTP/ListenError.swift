import Glibc
import NIOCore

/// Why a listener could not be opened.
public struct ListenError: Error, Sendable, CustomStringConvertible {
    /// `host:port`
    public let address: String
    /// Such as `address already in use`.
    public let reason: String
    /// What chose the address, such as `flag --metrics-bind-address`.
    public let origin: String

    init(_ endpoint: HTTPEndpoint, _ error: any Error) {
        switch error {
        case let error as IOError: self.init(endpoint, reason: Self.text(error.errnoCode))
        case is SocketAddressError: self.init(endpoint, reason: "not an IP address")
        default: self.init(endpoint, reason: "\(error)")
        }
    }

    init(_ endpoint: HTTPEndpoint, reason: String) {
        address = endpoint.address
        origin = endpoint.origin
        self.reason = reason
    }

    /// `cannot listen on 127.0.0.1:10249: address already in use (flag --metrics-bind-address)`
    public var description: String { "cannot listen on \(address): \(reason) (\(origin))" }

    private static func text(_ code: CInt) -> String {
        guard let message = strerror(code) else { return "error \(code)" }
        let text = String(cString: message)
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}
