import KubeAPI
import KubeSchema

/// What a container's environment, volumes and fields can refer to, as it is now.
public struct PodReferences: Sendable {
    /// `data` and decoded `binaryData` by ConfigMap; nil members do not exist.
    public var configMaps: [String: [String: [UInt8]]] = [:]
    public var secrets: [String: [String: [UInt8]]] = [:]
    public var services: [Service] = []
    public var nodeName = ""
    public var nodeAddresses: [String] = []
    public var podAddresses: [String] = []
    /// What the node can give away, by resource; a limit that is not set is this.
    public var allocatable: [String: Quantity] = [:]

    public init() {}
}

/// Why a container cannot be configured, in kubelet's words: waiting with CreateContainerConfigError.
public struct ConfigurationFailure: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

public enum EnvironmentVariables {
    /// In the order of their appearance: image, services, envFrom, env. Later ones win; the values of `env` may refer to
    /// those before by `$(NAME)`.
    public static func make(
        _ container: ContainerDeclaration, of pod: PodDeclaration, image: [String], _ references: PodReferences
    ) throws(ConfigurationFailure) -> [(name: String, value: String)] {
        var list = Ordered()
        for entry in image {
            let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if let name = parts.first { list.set(String(name), parts.count == 2 ? String(parts[1]) : "") }
        }
        if list["PATH"] == nil {
            list.set("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        }
        list.set("HOSTNAME", pod.hostname)
        if container.hasTerminal, list["TERM"] == nil { list.set("TERM", "xterm") }
        for (name, value) in ServiceVariables.make(
            references.services, namespace: pod.key.namespace, all: pod.enablesServiceLinks)
        { list.set(name, value) }
        for source in container.json["envFrom"]?.array ?? [] {
            for (name, value) in try all(of: source, references) { list.set(name, value) }
        }
        for variable in container.json["env"]?.array ?? [] {
            guard let name = variable["name"]?.string else { continue }
            if let source = variable["valueFrom"] {
                if let value = try FieldValues.value(of: source, container, pod, references) { list.set(name, value) }
            } else {
                list.set(name, Expansion.expand(variable["value"]?.string ?? "") { list[$0] })
            }
        }
        return list.entries
    }

    private static func all(
        of source: JSONValue, _ references: PodReferences
    ) throws(ConfigurationFailure) -> [(String, String)] {
        let prefix = source["prefix"]?.string ?? ""
        for (member, kind, store) in [
            ("configMapRef", "configmap", references.configMaps), ("secretRef", "secret", references.secrets),
        ] {
            guard let reference = source[member], let name = reference["name"]?.string else { continue }
            guard let data = store[name] else {
                if reference["optional"]?.bool == true { return [] }
                throw ConfigurationFailure("\(kind) \"\(name)\" not found")
            }
            return data.sorted { $0.key < $1.key }.map { (prefix + $0.key, String(decoding: $0.value, as: UTF8.self)) }
        }
        return []
    }

    /// Names in the order of their first appearance, with the last value of each.
    private struct Ordered {
        private(set) var entries: [(name: String, value: String)] = []
        private var places: [String: Int] = [:]

        subscript(name: String) -> String? { places[name].map { entries[$0].value } }

        mutating func set(_ name: String, _ value: String) {
            if let place = places[name] {
                entries[place].value = value
            } else {
                places[name] = entries.count
                entries.append((name, value))
            }
        }
    }
}

/// Variables that tell of Services, as Docker's links did.
enum ServiceVariables {
    static func make(_ services: [Service], namespace: String, all: Bool) -> [(String, String)] {
        var seen: Set<String> = []
        var list: [(String, String)] = []
        // The API server's own Service is told everywhere.
        let chosen =
            services.filter { all && $0.metadata.namespace == namespace }
            + services.filter { $0.metadata.namespace == "default" && $0.metadata.name == "kubernetes" }
        for service in chosen.sorted(by: { $0.metadata.name < $1.metadata.name }) {
            guard seen.insert("\(service.metadata.namespace)/\(service.metadata.name)").inserted,
                let address = service.spec.clusterIPs.first
            else { continue }
            list += variables(service, "\(address)")
        }
        return list
    }

    private static func variables(_ service: Service, _ address: String) -> [(String, String)] {
        let name = shouted(service.metadata.name)
        guard let first = service.spec.ports.first else { return [] }
        var list = [("\(name)_SERVICE_HOST", address), ("\(name)_SERVICE_PORT", "\(first.port)")]
        for port in service.spec.ports where !port.name.isEmpty {
            list.append(("\(name)_SERVICE_PORT_\(shouted(port.name))", "\(port.port)"))
        }
        let host = address.contains(":") ? "[\(address)]" : address
        for (index, port) in service.spec.ports.enumerated() {
            let transport = "\(port.proto)".lowercased()
            let url = "\(transport)://\(host):\(port.port)"
            if index == 0 { list.append(("\(name)_PORT", url)) }
            let prefix = "\(name)_PORT_\(port.port)_\(transport.uppercased())"
            list += [
                (prefix, url), ("\(prefix)_PROTO", transport), ("\(prefix)_PORT", "\(port.port)"),
                ("\(prefix)_ADDR", address),
            ]
        }
        return list
    }

    private static func shouted(_ name: String) -> String {
        name.uppercased().split(separator: "-", omittingEmptySubsequences: false).joined(separator: "_")
    }
}
