import KubeAPI
import NetTypes

/// What ADD made, in the terms of CNI 1.1 whatever version a plugin speaks (from 0.3.0 on).
public struct NetworkResult: Sendable, Hashable {
    public struct Interface: Sendable, Hashable {
        public var name: String
        public var mac: String
        public var mtu: Int?
        /// The network namespace; nil is the host's.
        public var sandbox: String?

        public init(name: String, mac: String = "", mtu: Int? = nil, sandbox: String? = nil) {
            self.name = name
            self.mac = mac
            self.mtu = mtu
            self.sandbox = sandbox
        }
    }

    public struct Address: Sendable, Hashable {
        public var address: IPAddress
        public var prefixLength: UInt8
        public var gateway: IPAddress?
        /// Index into `interfaces`.
        public var interface: Int?

        public init(_ address: IPAddress, prefixLength: UInt8, gateway: IPAddress? = nil, interface: Int? = nil) {
            self.address = address
            self.prefixLength = prefixLength
            self.gateway = gateway
            self.interface = interface
        }
    }

    public struct Route: Sendable, Hashable {
        public var destination: CIDR
        public var gateway: IPAddress?

        public init(_ destination: CIDR, gateway: IPAddress? = nil) {
            self.destination = destination
            self.gateway = gateway
        }
    }

    public var interfaces: [Interface] = []
    public var addresses: [Address] = []
    public var routes: [Route] = []
    /// As the plugin wrote it.
    public var dns: JSONValue?

    public init() {}

    /// Reads a plugin's answer; what is missing is empty. Throws on addresses that are none.
    public init(_ value: JSONValue) throws(CNIFailure) {
        func refusal(_ what: String) -> CNIFailure {
            CNIFailure(CNIFailure.Code.decodingFailure, "the plugin's result has \(what)")
        }
        for item in value["interfaces"]?.array ?? [] {
            interfaces.append(
                Interface(
                    name: item["name"]?.string ?? "", mac: item["mac"]?.string ?? "",
                    mtu: item["mtu"]?.integer.map(Int.init(clamping:)),
                    sandbox: item["sandbox"]?.string.flatMap { $0.isEmpty ? nil : $0 }))
        }
        for item in value["ips"]?.array ?? [] {
            guard let address = Address(item) else { throw refusal("an address that is none") }
            addresses.append(address)
        }
        for item in value["routes"]?.array ?? [] {
            guard let destination = item["dst"]?.string.flatMap({ CIDR($0) }) else {
                throw refusal("a route to nowhere")
            }
            routes.append(Route(destination, gateway: item["gw"]?.string.flatMap { IPAddress($0) }))
        }
        dns = value["dns"]
    }

    /// As a plugin of that version prints it.
    public func json(version: CNIVersion) -> JSONValue {
        var value: JSONValue = ["cniVersion": .string("\(version)")]
        value[path: "interfaces"] = .array(interfaces.map { $0.json(version) })
        value[path: "ips"] = .array(addresses.map { $0.json(version) })
        value[path: "routes"] = .array(
            routes.map { route in
                var item: JSONValue = ["dst": .string("\(route.destination)")]
                if let gateway = route.gateway { item[path: "gw"] = .string("\(gateway)") }
                return item
            })
        value[path: "dns"] = dns ?? .emptyObject
        return value
    }
}

extension NetworkResult.Interface {
    fileprivate func json(_ version: CNIVersion) -> JSONValue {
        var item: JSONValue = ["name": .string(name), "mac": .string(mac)]
        if let mtu, version >= CNIVersion(1, 1, 0) { item[path: "mtu"] = .integer(Int64(mtu)) }
        if let sandbox { item[path: "sandbox"] = .string(sandbox) }
        return item
    }
}

extension NetworkResult.Address {
    fileprivate init?(_ item: JSONValue) {
        let parts = item["address"]?.string?.split(separator: "/") ?? []
        guard parts.count == 2, let address = IPAddress(parts[0]), let length = UInt8(parts[1]),
            length <= address.family.bits
        else { return nil }
        self.init(
            address, prefixLength: length, gateway: item["gateway"]?.string.flatMap { IPAddress($0) },
            interface: item["interface"]?.integer.map(Int.init(clamping:)))
    }

    /// Before 1.0.0 the family stood beside the address.
    fileprivate func json(_ version: CNIVersion) -> JSONValue {
        var item: JSONValue = ["address": .string("\(address)/\(prefixLength)")]
        if version < CNIVersion(1, 0, 0) { item[path: "version"] = .string(address.family == .ipv4 ? "4" : "6") }
        if let gateway { item[path: "gateway"] = .string("\(gateway)") }
        if let interface { item[path: "interface"] = .integer(Int64(interface)) }
        return item
    }
}
