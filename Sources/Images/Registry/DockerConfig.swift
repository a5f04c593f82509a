import FoundationEssentials
import KubeAPI
import NodeServices

/// Credentials by registry: Docker's config.json, which `kubernetes.io/dockerconfigjson` secrets hold too.
public struct DockerConfig: Sendable, Equatable {
    private var byHost: [String: ImageCredentials] = [:]

    /// Entries without a usable name and password are passed over, as Docker does.
    public init(_ bytes: [UInt8]) throws {
        let value: JSONValue
        do { value = try JSONParser.parse(bytes) } catch {
            throw ImageError(.malformed, "the registry credentials are no JSON: \(error)")
        }
        // The old form, .dockercfg, is the inner object alone.
        for entry in (value["auths"] ?? value).object?.members ?? [] {
            if let credentials = Self.credentials(entry.value) { byHost[Self.host(entry.key)] = credentials }
        }
    }

    /// For the registry of an image.
    public func credentials(for reference: ImageReference) -> ImageCredentials? { byHost[reference.domain] }

    private static func credentials(_ entry: JSONValue) -> ImageCredentials? {
        if let name = entry["username"]?.string, let password = entry["password"]?.string, !name.isEmpty {
            return ImageCredentials(username: name, password: password)
        }
        guard let text = entry["auth"]?.string, let data = Data(base64Encoded: text) else { return nil }
        let pair = String(decoding: data, as: UTF8.self)
        guard let colon = pair.firstIndex(of: ":") else { return nil }
        return ImageCredentials(username: String(pair[..<colon]), password: String(pair[pair.index(after: colon)...]))
    }

    /// Entries are hosts, or URLs as `https://index.docker.io/v1/`.
    private static func host(_ key: String) -> String {
        var rest = key[...]
        for scheme in ["https://", "http://"] where rest.hasPrefix(scheme) { rest = rest.dropFirst(scheme.count) }
        let host = String(rest.prefix { $0 != "/" })
        return ["index.docker.io", "registry-1.docker.io"].contains(host) ? "docker.io" : host
    }
}
