/// How registries are reached.
public struct RegistryOptions: Sendable {
    /// Hosts (with their ports) that speak plain HTTP. Those on this machine's loopback always may.
    public var plainHosts: Set<String> = []
    /// A PEM file with further authorities, beside the system's.
    public var authoritiesFile: String?
    /// Layers of one image that are fetched at the same time.
    public var parallelDownloads = 3
    /// How often a fetch is tried again when the connection breaks or the registry is overloaded.
    public var retries = 5

    public init() {}

    func isPlain(_ host: String) -> Bool {
        let name =
            host.hasPrefix("[") ? String(host.prefix { $0 != "]" }.dropFirst()) : String(host.prefix { $0 != ":" })
        return plainHosts.contains(host) || name == "localhost" || name == "::1" || name.hasPrefix("127.")
    }
}

extension ImageReference {
    /// Where the registry's API is; docker.io is only a name.
    var host: String { domain == "docker.io" ? "registry-1.docker.io" : domain }
}
