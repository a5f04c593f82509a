import AccessControl
import KubeAPI
import PKI

/// Tokens with which new nodes join: `ID.SECRET`, kept in Secrets `kube-system/bootstrap-token-ID`.
public struct BootstrapTokens: TokenAuthenticator {
    private let objects: any ObjectSource
    /// Seconds since 1970.
    private let now: @Sendable () -> Int64

    public init(_ objects: any ObjectSource, now: @escaping @Sendable () -> Int64) {
        self.objects = objects
        self.now = now
    }

    public func authenticate(token: String, audiences: [String]) async -> TokenResult {
        guard let (id, secret) = Self.parts(token) else { return .none }
        let stored: JSONValue?
        do {
            stored = try await objects.secret("kube-system", "bootstrap-token-" + id)
        } catch {
            return .refused("the bootstrap token cannot be looked up: \(error)")
        }
        guard let stored, stored["type"]?.string == "bootstrap.kubernetes.io/token",
            stored["metadata"]?["deletionTimestamp"] == nil
        else { return .refused("there is no bootstrap token \(id)") }
        func data(_ key: String) -> String? {
            stored["data"]?[key]?.string.flatMap(Base64Text.decode)
        }
        guard data("token-id") == id, let expected = data("token-secret"), equalsInConstantTime(expected, secret) else {
            return .refused("the bootstrap token \(id) has another secret")
        }
        if let end = data("expiration") {
            guard let seconds = RFC3339.seconds(end), now() < seconds else {
                return .refused("the bootstrap token \(id) has expired")
            }
        }
        guard data("usage-bootstrap-authentication") == "true" else {
            return .refused("the bootstrap token \(id) is not for authentication")
        }
        let extra = (data("auth-extra-groups") ?? "").split(separator: ",").map(String.init)
        guard extra.allSatisfy(Self.isGroup) else {
            return .refused("the bootstrap token \(id) names a group that does not begin with system:bootstrappers:")
        }
        return .user(
            UserInfo(name: "system:bootstrap:" + id, groups: ["system:bootstrappers"] + extra), audiences: audiences)
    }

    /// `[a-z0-9]{6}.[a-z0-9]{16}`
    private static func parts(_ token: String) -> (id: String, secret: String)? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 6, parts[1].utf8.count == 16,
            parts.allSatisfy({ $0.utf8.allSatisfy(isLetterOrDigit) })
        else { return nil }
        return (String(parts[0]), String(parts[1]))
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// `system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]`
    private static func isGroup(_ group: String) -> Bool {
        let prefix = "system:bootstrappers:"
        let rest = group.utf8.dropFirst(prefix.utf8.count)
        guard group.hasPrefix(prefix), rest.count <= 256, let last = rest.last else { return false }
        return isLetterOrDigit(last)
            && rest.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "-") }
    }
}
