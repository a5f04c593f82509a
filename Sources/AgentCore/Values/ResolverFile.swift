import KubeAPI

/// /etc/resolv.conf of a pod (dnsPolicy and dnsConfig).
public struct ResolverFile: Sendable, Hashable {
    public var servers: [String] = []
    public var searches: [String] = []
    public var options: [String] = []

    private static let maximumServers = 3
    private static let maximumSearches = 32

    public init(servers: [String] = [], searches: [String] = [], options: [String] = []) {
        self.servers = servers
        self.searches = searches
        self.options = options
    }

    /// Of the machine (resolv.conf(5)).
    public init(parsing text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
            switch words.first {
            case "nameserver": servers += words.dropFirst().prefix(1)
            // The last one counts.
            case "search", "domain": searches = Array(words.dropFirst())
            case "options": options += words.dropFirst()
            default: break
            }
        }
    }

    /// - Parameters:
    ///   - cluster: addresses of the cluster's DNS; without any, ClusterFirst is Default.
    ///   - domain: such as `cluster.local`.
    public init(_ pod: PodDeclaration, machine: ResolverFile, cluster: [String], domain: String) {
        let policy = pod.object.spec?["dnsPolicy"]?.string ?? "ClusterFirst"
        let usesCluster =
            !cluster.isEmpty
            && (policy == "ClusterFirstWithHostNet" || policy == "ClusterFirst" && !pod.usesHostNetwork)
        if policy == "None" {
            self.init()
        } else if usesCluster {
            self.init(
                servers: cluster,
                searches: ["\(pod.key.namespace).svc.\(domain)", "svc.\(domain)", domain] + machine.searches,
                options: ["ndots:5"])
        } else {
            self = machine
        }
        if let config = pod.object.spec?["dnsConfig"] { add(config) }
        servers = Array(servers.prefix(Self.maximumServers))
        searches = Array(searches.prefix(Self.maximumSearches))
    }

    private mutating func add(_ config: JSONValue) {
        for server in config["nameservers"]?.array?.compactMap(\.string) ?? [] where !servers.contains(server) {
            servers.append(server)
        }
        for search in config["searches"]?.array?.compactMap(\.string) ?? [] where !searches.contains(search) {
            searches.append(search)
        }
        for option in config["options"]?.array ?? [] {
            guard let name = option["name"]?.string else { continue }
            options.removeAll { $0 == name || $0.hasPrefix("\(name):") }
            options.append(option["value"]?.string.map { "\(name):\($0)" } ?? name)
        }
    }

    public var text: String {
        var lines = servers.map { "nameserver \($0)" }
        if !searches.isEmpty { lines.append("search \(searches.joined(separator: " "))") }
        if !options.isEmpty { lines.append("options \(options.joined(separator: " "))") }
        return lines.joined(separator: "\n") + "\n"
    }
}
