/// The connection that a pod gets from its service account.
public enum InClusterConfig {
    public static let directory = "/var/run/secrets/kubernetes.io/serviceaccount"

    public enum Failure: Error, CustomStringConvertible {
        case noServer
        case invalidServer(String)
        case unreadable(String)

        public var description: String {
            switch self {
            case .noServer:
                "not inside a pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set; "
                    + "name a kubeconfig file instead"
            case .invalidServer(let text): "KUBERNETES_SERVICE_HOST and _PORT do not form an address: \(text)"
            case .unreadable(let reason): "the service account is not mounted: \(reason)"
            }
        }
    }

    /// `host` and `port` are the values of KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT.
    public static func connection(
        host: String?, port: String?, directory: String = InClusterConfig.directory
    ) throws(Failure) -> ServerConnection {
        guard let host, let port, !host.isEmpty, !port.isEmpty else { throw .noServer }
        guard let number = UInt16(port), number > 0 else { throw .invalidServer("\(host):\(port)") }
        var connection = ServerConnection(server: ServerAddress(host: host, port: Int(number)))
        let token = directory + "/token"
        let authority = directory + "/ca.crt"
        for path in [token, authority] where FileFingerprint(path: path) == nil { throw .unreadable("no file \(path)") }
        connection.credential = .tokenFile(token)
        connection.authority = .file(authority)
        if let namespace = try? readFile(directory + "/namespace") {
            connection.namespace = trimmed(namespace)
        }
        return connection
    }
}

/// Text without white space at both ends.
func trimmed(_ bytes: [UInt8]) -> String {
    var slice = bytes[...]
    while let last = slice.last, last <= 0x20 { slice.removeLast() }
    while let first = slice.first, first <= 0x20 { slice.removeFirst() }
    return String(decoding: slice, as: UTF8.self)
}
