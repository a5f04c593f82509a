import Glibc
import KubeAPI
import NetTypes

/// The conflist that makes `apus cni` the node's network: written when the node's pod CIDRs are known.
public struct PodNetworkConfig: Sendable, Hashable {
    /// The name of our plugin's executable: a link to this program.
    public static let pluginName = "apus-cni"
    public static let fileName = "10-apus.conflist"
    public static let networkName = "apus"
    /// Below /run: leases are of no use after the machine starts again.
    static let defaultDataDirectory = "/run/apus/cni/leases"
    static let defaultCoolDown: Int64 = 30

    /// `spec.podCIDRs` of the node, the primary first.
    public var podCIDRs: [CIDR]
    /// Nil: that of the interface with the default route.
    public var mtu: Int?
    /// With the `portmap` plugin behind ours, for hostPorts.
    public var hasPortMappings: Bool
    public var dataDirectory: String?
    /// Nil is 30 seconds.
    public var coolDownSeconds: Int64?

    public init(
        podCIDRs: [CIDR], mtu: Int? = nil, hasPortMappings: Bool = true, dataDirectory: String? = nil,
        coolDownSeconds: Int64? = nil
    ) {
        self.podCIDRs = podCIDRs
        self.mtu = mtu
        self.hasPortMappings = hasPortMappings
        self.dataDirectory = dataDirectory
        self.coolDownSeconds = coolDownSeconds
    }

    /// Of version 1.0.0: Debian's plugins know no newer one.
    public var json: JSONValue {
        var own: JSONValue = [
            "type": .string(Self.pluginName), "ranges": .array(podCIDRs.map { .string("\($0)") }),
        ]
        if let mtu { own[path: "mtu"] = .integer(Int64(mtu)) }
        if let dataDirectory { own[path: "dataDir"] = .string(dataDirectory) }
        if let coolDownSeconds { own[path: "coolDownSeconds"] = .integer(coolDownSeconds) }
        var plugins = [own]
        if hasPortMappings { plugins.append(["type": "portmap", "capabilities": ["portMappings": true]]) }
        var list: JSONValue = ["cniVersion": "1.0.0", "name": .string(Self.networkName), "plugins": .array(plugins)]
        // Debian's portmap (1.1.1) looks for each rule in both families' tables, and so never finds all.
        if hasPortMappings { list[path: "disableCheck"] = true }
        return list
    }

    /// Puts the conflist into a net.d directory, if it is not there as it is; true when it changed.
    @discardableResult
    public func write(toDirectory directory: String) throws -> Bool {
        let path = "\(directory)/\(Self.fileName)"
        let text = JSONWriter.text(json, .pretty) + "\n"
        if SmallText.read(path) == text { return false }
        try Self.makeDirectories(directory)
        try SmallText.replace(path, text)
        return true
    }

    /// Puts our plugin into a directory: a link to `program`, this executable.
    public static func install(program: String, inDirectory directory: String) throws {
        try makeDirectories(directory)
        let path = "\(directory)/\(pluginName)"
        var buffer = [CChar](repeating: 0, count: 4097)
        let count = readlink(path, &buffer, buffer.count)
        if count > 0, buffer.prefix(count).map({ UInt8(bitPattern: $0) }).elementsEqual(program.utf8) { return }
        let temporary = path + "-new"
        unlink(temporary)
        guard symlink(program, temporary) == 0, rename(temporary, path) == 0 else {
            throw PodNetworkError.last("put \(path) in place")
        }
    }

    private static func makeDirectories(_ path: String) throws(PodNetworkError) {
        var prefix = ""
        for part in path.split(separator: "/") {
            prefix += "/\(part)"
            if mkdir(prefix, 0o755) != 0, errno != EEXIST { throw .last("create \(prefix)") }
        }
    }
}
