import KubeAPI

/// A port of the node that a container takes.
public struct HostPort: Sendable, Hashable {
    public var address: String
    public var transport: String
    public var port: Int64

    static let anyAddress = "0.0.0.0"

    /// Ports collide when protocol and number are the same and one address covers the other.
    func collides(with other: HostPort) -> Bool {
        port == other.port && transport == other.transport
            && (address == other.address || address == Self.anyAddress || other.address == Self.anyAddress)
    }

    /// Of all containers that run at the same time.
    static func all(in spec: JSONValue) -> [HostPort] {
        let sidecars = (spec["initContainers"]?.array ?? []).filter { $0["restartPolicy"]?.string == "Always" }
        return ((spec["containers"]?.array ?? []) + sidecars).flatMap { container in
            (container["ports"]?.array ?? []).compactMap(HostPort.init)
        }
    }

    private init?(_ json: JSONValue) {
        guard let port = json["hostPort"]?.integer, port > 0 else { return nil }
        let address = json["hostIP"]?.string ?? ""
        self.init(
            address: address.isEmpty ? Self.anyAddress : address, transport: json["protocol"]?.string ?? "TCP",
            port: port)
    }

    init(address: String, transport: String, port: Int64) {
        self.address = address
        self.transport = transport
        self.port = port
    }
}
