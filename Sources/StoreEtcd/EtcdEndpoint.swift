import GRPCNIOTransportHTTP2Posix
import StoreCore

/// A member of the cluster, written as `--etcd-servers` does: http://10.0.0.1:2379, https://etcd-0:2379, or
/// unix:///run/etcd.sock.
public struct EtcdEndpoint: Sendable, Hashable, CustomStringConvertible {
    public let description: String
    let hasTLS: Bool
    private let place: Place

    private enum Place: Hashable {
        case host(String, port: Int)
        case socket(String)
    }

    public init(_ text: String) throws(StoreError) {
        description = text
        let refusal = StoreError.unavailable("'\(text)' is no address of etcd: write https://10.0.0.1:2379")
        let parts = text.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, parts[1].hasPrefix("//") else { throw refusal }
        let rest = String(parts[1].dropFirst(2))
        hasTLS = ["https", "unixs"].contains(parts[0])
        switch parts[0] {
        case "unix", "unixs":
            guard !rest.isEmpty else { throw refusal }
            place = .socket(rest)
        case "http", "https":
            let authority = rest.prefix { $0 != "/" }
            guard let colon = authority.lastIndex(of: ":"), colon > authority.startIndex,
                let port = UInt16(authority[authority.index(after: colon)...])
            else { throw refusal }
            let host = authority[..<colon].drop { $0 == "[" }.prefix { $0 != "]" }
            place = .host(String(host), port: Int(port))
        default: throw refusal
        }
    }

    /// A list separated by commas.
    public static func list(_ text: String) throws(StoreError) -> [EtcdEndpoint] {
        var endpoints: [EtcdEndpoint] = []
        for part in text.split(separator: ",") { endpoints.append(try EtcdEndpoint(String(part))) }
        guard !endpoints.isEmpty else { throw .unavailable("--etcd-servers names no address") }
        return endpoints
    }

    var target: any ResolvableTarget {
        switch place {
        case .socket(let path): .unixDomainSocket(path: path)
        case .host(let host, let port):
            if host.contains(":") {
                .ipv6(address: host, port: port)
            } else if host.split(separator: ".").count == 4, host.allSatisfy({ $0.isNumber || $0 == "." }) {
                .ipv4(address: host, port: port)
            } else {
                .dns(host: host, port: port)
            }
        }
    }
}

/// The files of kube-apiserver's `--etcd-cafile`, `--etcd-certfile` and `--etcd-keyfile`. PEM.
public struct EtcdCredentials: Sendable, Hashable {
    public var authorities: String?
    public var certificate: String?
    public var key: String?

    public init(authorities: String? = nil, certificate: String? = nil, key: String? = nil) {
        self.authorities = authorities
        self.certificate = certificate
        self.key = key
    }

    var security: HTTP2ClientTransport.Posix.TransportSecurity {
        .tls { configuration in
            if let authorities {
                configuration.trustRoots = .certificates([.file(path: authorities, format: .pem)])
            }
            if let certificate, let key {
                configuration.certificateChain = [.file(path: certificate, format: .pem)]
                configuration.privateKey = .file(path: key, format: .pem)
            }
        }
    }
}
