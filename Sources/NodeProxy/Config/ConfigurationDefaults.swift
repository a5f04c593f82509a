import NetTypes

extension KubeProxyConfiguration {
    static let healthzPort: UInt16 = 10256
    static let metricsPort: UInt16 = 10249

    /// What kube-proxy does when nothing is said.
    public static var defaults: KubeProxyConfiguration { defaults(mode: .iptables) }

    static func defaults(mode: ProxyMode) -> KubeProxyConfiguration {
        var configuration = KubeProxyConfiguration()
        configuration.applyDefaults(mode: mode)
        return configuration
    }

    /// Fills in what a configuration file has left out; `mode` where it names none.
    public mutating func applyDefaults(mode: ProxyMode = .iptables) {
        Self.fill(&bindAddress, "0.0.0.0")
        let isIPv6 = IPAddress(bindAddress)?.family == .ipv6
        Self.fill(&healthzBindAddress, isIPv6 ? "::" : "0.0.0.0")
        Self.fill(&metricsBindAddress, isIPv6 ? "::1" : "127.0.0.1")
        healthzBindAddress = Self.withPort(healthzBindAddress, Self.healthzPort)
        metricsBindAddress = Self.withPort(metricsBindAddress, Self.metricsPort)
        Self.fill(&clientConnection.contentType, "application/vnd.kubernetes.protobuf")
        Self.fill(&clientConnection.qps, 5)
        Self.fill(&clientConnection.burst, 10)
        Self.fill(&logging.format, "text")
        Self.fill(&logging.flushFrequency, FlushFrequency(duration: .seconds(5)))
        Self.fill(&iptables.syncPeriod, .seconds(30))
        Self.fill(&iptables.minSyncPeriod, .seconds(1))
        Self.fill(&ipvs.syncPeriod, .seconds(30))
        Self.fill(&nftables.syncPeriod, .seconds(30))
        Self.fill(&nftables.minSyncPeriod, .seconds(1))
        Self.fill(&configSyncPeriod, .seconds(15 * 60))
        applyModeDefaults(mode)
    }

    /// What flags can empty again after `applyDefaults()`.
    mutating func applyModeDefaults(_ fallback: ProxyMode) {
        Self.fill(&mode, fallback.rawValue)
        Self.fill(&detectLocalMode, LocalMode.clusterCIDR.rawValue)
    }

    static let primary = "primary"

    /// An address alone gets the port; anything else stays as it is, for validation to judge.
    static func withPort(_ address: String, _ port: UInt16) -> String {
        let bare = address.hasPrefix("[") && address.hasSuffix("]") ? String(address.dropFirst().dropLast()) : address
        guard let ip = IPAddress(bare) else { return address }
        return AddressPort(ip, port).description
    }

    private static func fill<Value: Unset>(_ value: inout Value, _ fallback: Value) {
        if value.isUnset { value = fallback }
    }
}

/// A value whose zero means that it was not given.
private protocol Unset {
    var isUnset: Bool { get }
}

extension String: Unset { fileprivate var isUnset: Bool { isEmpty } }
extension Float: Unset { fileprivate var isUnset: Bool { self == 0 } }
extension Int32: Unset { fileprivate var isUnset: Bool { self == 0 } }
extension GoDuration: Unset { fileprivate var isUnset: Bool { self == .zero } }
extension FlushFrequency: Unset { fileprivate var isUnset: Bool { duration == .zero } }
