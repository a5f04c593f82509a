import CNI
import KubeAPI
import NetTypes

/// What the runtime asks of our plugin: CNI's environment and the network's configuration (CNI specification, section 2).
struct PluginRequest {
    var command: CNICommand
    var containerID: String
    /// Empty when DEL comes after the namespace is gone.
    var namespacePath: String
    var interface: String
    var config: Config

    /// Our plugin's part of a conflist.
    struct Config {
        var version: CNIVersion
        var network: String
        /// The node's pod CIDRs, at most one of each family, the primary first.
        var ranges: [CIDR]
        /// Nil: that of the interface with the default route.
        var mtu: UInt32?
        /// Where leases are kept.
        var dataDirectory: String
        /// Seconds.
        var coolDown: Int64
        var previous: JSONValue?
        /// Container and interface of those that stay (GC).
        var validAttachments: Set<[String]>
    }

    init(environment: [String: String], input: [UInt8]) throws(CNIFailure) {
        guard let text = environment["CNI_COMMAND"], let command = CNICommand(rawValue: text) else {
            throw CNIFailure(
                CNIFailure.Code.invalidEnvironment,
                "CNI_COMMAND is to be one of \(CNICommand.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        self.command = command
        containerID = environment["CNI_CONTAINERID"] ?? ""
        namespacePath = environment["CNI_NETNS"] ?? ""
        interface = environment["CNI_IFNAME"] ?? ""
        config = try Config(input, command)
        try checkEnvironment()
    }

    private func checkEnvironment() throws(CNIFailure) {
        guard [.add, .check, .delete].contains(command) else { return }
        func require(_ isGood: Bool, _ what: String) throws(CNIFailure) {
            if !isGood { throw CNIFailure(CNIFailure.Code.invalidEnvironment, what) }
        }
        let isID = { (byte: UInt8) in
            (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20) || "._-".utf8.contains(byte)
        }
        try require(
            !containerID.isEmpty && containerID.utf8.count <= 256 && containerID.utf8.allSatisfy(isID),
            "CNI_CONTAINERID is to have letters, digits, dots, underscores and dashes")
        // The kernel's rules for names of interfaces, and IFNAMSIZ.
        try require(
            !interface.isEmpty && interface.utf8.count < 16 && ![".", "..", "lo"].contains(interface)
                && interface.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x2f && $0 != 0x3a },
            "CNI_IFNAME is no name for an interface")
        try require(
            command == .delete || !namespacePath.isEmpty, "CNI_NETNS is to name the container's network namespace")
    }
}

extension PluginRequest.Config {
    fileprivate init(_ input: [UInt8], _ command: CNICommand) throws(CNIFailure) {
        let value: JSONValue
        do { value = try JSONParser.parse(input) } catch {
            throw CNIFailure(CNIFailure.Code.decodingFailure, "the network configuration is no JSON: \(error)")
        }
        func refusal(_ what: String) -> CNIFailure { CNIFailure(CNIFailure.Code.invalidNetworkConfig, what) }
        let text = value["cniVersion"]?.string ?? "0.3.1"
        guard let version = CNIVersion(text), CNIVersion.supported.contains(version) else {
            throw CNIFailure(CNIFailure.Code.incompatibleVersion, "apus-cni does not speak CNI \(text)")
        }
        self.version = version
        network = value["name"]?.string ?? ""
        ranges = []
        for item in value["ranges"]?.array ?? [] {
            guard let range = item.string.flatMap({ CIDR($0) }) else {
                throw refusal("ranges has something that is no CIDR")
            }
            guard !ranges.contains(where: { $0.family == range.family }) else {
                throw refusal("ranges has two CIDRs of one family; a pod gets one address of each")
            }
            ranges.append(range)
        }
        let mtu = value["mtu"]?.integer ?? 0
        guard mtu == 0 || (1280...65535).contains(mtu) else { throw refusal("the mtu is to be 1280 to 65535, or 0") }
        self.mtu = mtu == 0 ? nil : UInt32(mtu)
        dataDirectory = value["dataDir"]?.string ?? PodNetworkConfig.defaultDataDirectory
        coolDown = value["coolDownSeconds"]?.integer ?? PodNetworkConfig.defaultCoolDown
        previous = value["prevResult"]
        validAttachments = Set(
            (value["cni.dev/valid-attachments"]?.array ?? []).map { item in
                [item["containerID"]?.string ?? "", item["ifname"]?.string ?? ""]
            })
        guard command != .version else { return }
        guard !network.isEmpty, !network.contains("/"), network != ".." else {
            throw refusal("the network has no usable name")
        }
        guard dataDirectory.hasPrefix("/") else { throw refusal("dataDir is to be an absolute path") }
        guard !ranges.isEmpty || command == .delete else {
            throw refusal("ranges names no CIDR to give addresses from")
        }
    }
}
