import AccessControl
import KubeAPI

/// The name in `…/proxy` paths: `[scheme:]name[:port]`, the port a number or a name.
public struct ProxyName: Sendable, Hashable {
    public var isSecure: Bool
    public var name: String
    /// Empty: the first there is.
    public var port: String

    /// nil when it is none of these forms.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        switch parts.count {
        case 1: (isSecure, name, port) = (false, parts[0], "")
        case 2: (isSecure, name, port) = (false, parts[0], parts[1])
        case 3:
            guard ["", "http", "https"].contains(parts[0]) else { return nil }
            (isSecure, name, port) = (parts[0] == "https", parts[1], parts[2])
        default: return nil
        }
        guard !name.isEmpty else { return nil }
    }

    /// The pod's address and the port that is meant: a named port of a container, its first one, or 80.
    /// Throws `Status` 400.
    public func target(pod: JSONValue) throws -> NodeAgentLocation {
        guard let host = pod["status"]?["podIP"]?.string, !host.isEmpty else {
            throw NodeAgentPath.badRequest("address not allowed: pod \(name) has no address yet")
        }
        let ports = (pod["spec"]?["containers"]?.array ?? []).flatMap { $0["ports"]?.array ?? [] }
        let named = port.isEmpty ? ports.first : ports.first { $0["name"]?.string == port }
        let number = Int64(port) ?? named?["containerPort"]?.integer ?? (port.isEmpty ? 80 : 0)
        return try location(host, number)
    }

    /// A ready endpoint of the service, `choice` counted among them (any number).
    /// - Parameter slices: the service's EndpointSlices.
    /// - Throws: `Status` 503 when there is no endpoint, 400 for an unknown port.
    public func target(service: JSONValue, slices: [JSONValue], choice: Int) throws -> NodeAgentLocation {
        let ports = service["spec"]?["ports"]?.array ?? []
        let wanted =
            port.isEmpty
            ? ports.first
            : ports.first { $0["name"]?.string == port || $0["port"]?.integer == Int64(port) && Int64(port) != nil }
        guard let wanted else {
            throw NodeAgentPath.badRequest(
                "no service port \(GoText.quoted(port)) found for service \(GoText.quoted(name))")
        }
        let portName = wanted["name"]?.string ?? ""
        var targets: [(host: String, port: Int64)] = []
        for slice in slices {
            let number = slice["ports"]?.array?.first { ($0["name"]?.string ?? "") == portName }?["port"]?.integer
            guard let number else { continue }
            for endpoint in slice["endpoints"]?.array ?? [] where endpoint["conditions"]?["ready"] != .bool(false) {
                if let host = endpoint["addresses"]?.array?.first?.string { targets.append((host, number)) }
            }
        }
        guard !targets.isEmpty else {
            throw Status(
                code: 503, reason: "ServiceUnavailable",
                message: "no endpoints available for service \(GoText.quoted(name))")
        }
        let target = targets[Int(choice.magnitude % UInt(targets.count))]
        return try location(target.host, target.port)
    }

    private func location(_ host: String, _ port: Int64) throws -> NodeAgentLocation {
        guard (1...65_535).contains(port) else {
            throw NodeAgentPath.badRequest("invalid port \(GoText.quoted(self.port)) in \(GoText.quoted(name))")
        }
        // Addresses that are the control plane's own must not be reached through it.
        guard !host.hasPrefix("127."), host != "::1", !host.hasPrefix("169.254."), !host.hasPrefix("fe80:") else {
            throw NodeAgentPath.badRequest("address not allowed")
        }
        return NodeAgentLocation(host: host, port: Int(port))
    }
}
