import KubeAPI

/// One interface of one container on a network.
public struct Attachment: Sendable, Hashable {
    public var containerID: String
    /// A path that opens as the container's network namespace; empty when it is gone.
    public var namespacePath: String
    public var interface: String
    /// CNI_ARGS in order: `K8S_POD_NAME` and others.
    public var arguments: [Argument]
    /// By capability: what plugins that have it are told in `runtimeConfig`.
    public var capabilities: [String: JSONValue]

    public struct Argument: Sendable, Hashable {
        public var key: String
        public var value: String

        public init(_ key: String, _ value: String) {
            self.key = key
            self.value = value
        }
    }

    public init(
        containerID: String, namespacePath: String, interface: String = "eth0", arguments: [Argument] = [],
        capabilities: [String: JSONValue] = [:]
    ) {
        self.containerID = containerID
        self.namespacePath = namespacePath
        self.interface = interface
        self.arguments = arguments
        self.capabilities = capabilities
    }
}

public enum CNICommand: String, Sendable, CaseIterable {
    case add = "ADD"
    case check = "CHECK"
    case delete = "DEL"
    case garbageCollect = "GC"
    case status = "STATUS"
    case version = "VERSION"
}

/// What a plugin is started with (CNI specification, sections 2 and 4).
public struct PluginInvocation: Sendable, Hashable {
    public var command: CNICommand
    public var plugin: NetworkConfigList.Plugin
    /// `NAME=value`.
    public var environment: [String]
    public var input: JSONValue

    /// - Parameters:
    ///   - attachment: nil for GC and STATUS, which are about the network.
    ///   - previous: the result of the plugin before, or of the whole list for CHECK and DEL.
    ///   - valid: for GC, the attachments that are to stay.
    public init(
        _ command: CNICommand, _ plugin: NetworkConfigList.Plugin, of list: NetworkConfigList,
        _ attachment: Attachment?,
        previous: JSONValue? = nil, valid: [Attachment] = [], path: [String]
    ) {
        self.command = command
        self.plugin = plugin
        var environment = ["CNI_COMMAND=\(command.rawValue)", "CNI_PATH=\(path.joined(separator: ":"))"]
        if let attachment {
            environment += [
                "CNI_CONTAINERID=\(attachment.containerID)", "CNI_NETNS=\(attachment.namespacePath)",
                "CNI_IFNAME=\(attachment.interface)",
            ]
            let arguments = attachment.arguments.map { "\($0.key)=\($0.value)" }.joined(separator: ";")
            if !arguments.isEmpty { environment.append("CNI_ARGS=\(arguments)") }
        }
        self.environment = environment
        input = Self.input(command, plugin, list, attachment, previous, valid)
    }

    private static func input(
        _ command: CNICommand, _ plugin: NetworkConfigList.Plugin, _ list: NetworkConfigList,
        _ attachment: Attachment?, _ previous: JSONValue?, _ valid: [Attachment]
    ) -> JSONValue {
        var input = plugin.config
        for key in ["capabilities", "plugins", "cniVersions", "disableCheck", "disableGC"] { input[path: key] = nil }
        input[path: "cniVersion"] = .string("\(list.version)")
        input[path: "name"] = .string(list.name)
        let runtime = (attachment?.capabilities ?? [:]).filter { plugin.capabilities.contains($0.key) }
        if !runtime.isEmpty {
            input[path: "runtimeConfig"] = .object(
                JSONObject(runtime.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) }))
        }
        if let previous { input[path: "prevResult"] = previous }
        if command == .garbageCollect {
            input[path: "cni.dev/valid-attachments"] = .array(
                valid.map { ["containerID": .string($0.containerID), "ifname": .string($0.interface)] })
        }
        return input
    }
}
