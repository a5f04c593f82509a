import Glibc
import NetTypes

/// An address that cannot be served.
public struct DNSListenError: Error, CustomStringConvertible {
    let address: AddressPort
    let transport: String
    let reason: String

    public var description: String { "cannot serve DNS on \(address) (\(transport)): \(reason)" }

    init(_ address: AddressPort, _ transport: String, _ reason: String) {
        self.address = address
        self.transport = transport
        self.reason = reason
    }

    init(_ address: AddressPort, _ transport: String, code: CInt) {
        let remedy =
            switch code {
            case EADDRINUSE: "; another name server has it: see `ss -lnp sport = \(address.port)`, or choose --port"
            case EACCES: "; ports below 1024 need root (CAP_NET_BIND_SERVICE), or choose --port"
            case EADDRNOTAVAIL: "; this machine has no such address: choose --bind-address"
            default: ""
            }
        self.init(address, transport, String(cString: strerror(code)) + remedy)
    }
}
