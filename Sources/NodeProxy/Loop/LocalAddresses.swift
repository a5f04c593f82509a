import Routes

/// Reads the addresses of this namespace's interfaces.
public enum LocalAddresses {
    /// Holds the addresses of Services in ipvs mode: none of the node's own.
    private static let serviceDevice = "kube-ipvs0"

    public static func read() throws -> [ProxyInput.LocalAddress] {
        var routes = try RouteSocket()
        return try read(&routes)
    }

    static func read(_ routes: inout RouteSocket) throws -> [ProxyInput.LocalAddress] {
        let names = Dictionary(try routes.links().map { ($0.index, $0.name) }, uniquingKeysWith: { $1 })
        return try routes.addresses().map {
            ProxyInput.LocalAddress(address: $0.address, interface: names[$0.link] ?? "")
        }.filter { $0.interface != serviceDevice }
    }
}
