import Glibc
import NetTypes

/// A client of a UDP frontend: it has a socket of its own, connected to one endpoint.
struct DatagramSession {
    /// What makes two datagrams one client's.
    struct Key: Hashable {
        /// The socket that the client's first datagram came to.
        let listener: CInt
        let peer: AddressPort
        /// Where the client sends to, on listeners that take every frontend's datagrams.
        var destination: AddressPort?
    }

    /// The way back to the client.
    enum Client {
        /// By the frontend's socket, from the address that the client's datagrams arrive at.
        case redirected(peer: sockaddr_in6, local: in6_addr)
        /// By a transparent socket between the service address and the client, where its next datagrams arrive too.
        case intercepted(CInt)
    }

    let key: Key
    let frontend: RouteKey
    let isInside: Bool
    let client: Client
    /// Connected to the endpoint.
    let socket: CInt
    let endpoint: AddressPort
    let route: Route
    /// Seconds of the loop's clock.
    var lastActive: Int

    /// The descriptor that only this session uses to talk to its client.
    var ownClientSocket: CInt? { if case .intercepted(let fd) = client { fd } else { nil } }
}
