import KubeAPI
import KubeSchema

/// Where a node's agent (its kubelet) listens, and what is asked of it there. Pure.
public struct NodeAgentLocation: Sendable, Hashable {
    public var host: String
    public var port: Int

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// The node's internal address, else the best there is; `status.daemonEndpoints` names the port.
    /// Throws `Status` when the node has no address.
    public init(node: JSONValue) throws {
        let addresses = node["status"]?["addresses"]?.array ?? []
        func address(_ type: String) -> String? {
            addresses.first { $0["type"]?.string == type }?["address"]?.string
        }
        let found = ["InternalIP", "ExternalIP", "InternalDNS", "Hostname"].lazy.compactMap(address).first
        guard let host = found, !host.isEmpty else {
            throw Status(
                code: 500, reason: "InternalError",
                message: "Internal error occurred: no preferred addresses found; known addresses: []")
        }
        let named = node["status"]?["daemonEndpoints"]?["kubeletEndpoint"]?["Port"]?.integer ?? 0
        self.init(host: host, port: (1...65_535).contains(named) ? Int(named) : 10_250)
    }
}

/// A path and query of the node agent's server.
public enum NodeAgentPath {
    public enum Verb: String, Sendable {
        case exec, attach, portForward, log
    }

    /// - Parameters:
    ///   - verb: the pod's subresource.
    ///   - query: PodExecOptions and so on as the client wrote them, in order.
    /// - Throws: `Status` 400 when the container is not clear, or the pod has no node; 422 for options of logs that are not good.
    public static func path(
        _ verb: Verb, pod: JSONValue, query: [(name: String, value: String)]
    ) throws -> String {
        let namespace = (pod["metadata"]?["namespace"]?.string ?? "").percentEncoded
        let name = (pod["metadata"]?["name"]?.string ?? "").percentEncoded
        let asked = query.first { $0.name == "container" }?.value ?? ""
        switch verb {
        case .portForward:
            return "/portForward/\(namespace)/\(name)" + text(query.filter { $0.name == "ports" || $0.name == "port" })
        case .log:
            try checkLogOptions(query, pod["metadata"]?["name"]?.string ?? "")
            let container = try self.container(asked, of: pod).percentEncoded
            return "/containerLogs/\(namespace)/\(name)/\(container)" + text(query.filter { $0.name != "container" })
        case .exec, .attach:
            let container = try self.container(asked, of: pod).percentEncoded
            let flags = ["stdin": "input", "stdout": "output", "stderr": "error", "tty": "tty"]
            let translated = query.compactMap { item -> (name: String, value: String)? in
                if item.name == "command" { return verb == .exec ? item : nil }
                guard let flag = flags[item.name], isTrue(item.value) else { return nil }
                return (flag, "1")
            }
            return "/\(verb.rawValue)/\(namespace)/\(name)/\(container)" + text(translated)
        }
    }

    private static func checkLogOptions(_ query: [(name: String, value: String)], _ name: String) throws {
        let errors: [FieldError]
        do {
            errors = try PodLogOptionsValidation.errors(query)
        } catch {
            throw badRequest(error.description)
        }
        if !errors.isEmpty { throw Status.invalid(kind: "PodLogOptions", name, errors) }
    }

    /// The container that is meant: the named one, or the only one. The messages are upstream's.
    static func container(_ asked: String, of pod: JSONValue) throws -> String {
        func names(_ list: String) -> [String] {
            (pod["spec"]?[list]?.array ?? []).compactMap { $0["name"]?.string }
        }
        let (main, initial) = (names("containers"), names("initContainers"))
        let podName = pod["metadata"]?["name"]?.string ?? ""
        if !asked.isEmpty {
            guard (main + initial + names("ephemeralContainers")).contains(asked) else {
                throw badRequest("container \(asked) is not valid for pod \(podName)")
            }
            return asked
        }
        if main.count == 1, let only = main.first { return only }
        var message = "a container name must be specified for pod \(podName)"
        if !main.isEmpty { message += ", choose one of: [\(main.joined(separator: " "))]" }
        if !initial.isEmpty { message += " or one of the init containers: [\(initial.joined(separator: " "))]" }
        throw badRequest(message)
    }

    static func badRequest(_ message: String) -> Status { Status(code: 400, reason: "BadRequest", message: message) }

    private static func isTrue(_ value: String) -> Bool { ["1", "t", "T", "true", "TRUE", "True"].contains(value) }

    private static func text(_ query: [(name: String, value: String)]) -> String {
        guard !query.isEmpty else { return "" }
        return "?" + query.map { $0.name.percentEncoded + "=" + $0.value.percentEncoded }.joined(separator: "&")
    }
}
