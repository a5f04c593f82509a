import AsyncHTTPClient
import FoundationEssentials
import KubeAPI
import NIOCore
import NIOHTTP1
import NIOSSL
import NodeServices
import Synchronization

/// Speaks the distribution API (OCI distribution-spec) for one repository of one registry.
final class RegistryClient: Sendable {
    private let http: HTTPClient
    private let reference: ImageReference
    private let credentials: ImageCredentials?
    private let options: RegistryOptions
    /// The Authorization header that the registry accepted.
    private let authorization = Mutex<String?>(nil)

    static let manifestTypes = [
        "application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json",
    ]

    init(_ reference: ImageReference, credentials: ImageCredentials?, options: RegistryOptions) {
        self.reference = reference
        self.credentials = credentials
        self.options = options
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .follow(max: 5, allowCycles: false)
        configuration.timeout.connect = .seconds(15)
        configuration.timeout.read = .seconds(60)
        configuration.httpVersion = .http1Only
        if let file = options.authoritiesFile {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.additionalTrustRoots = [.file(file)]
            configuration.tlsConfiguration = tls
        }
        http = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    }

    func shutdown() async { try? await http.shutdown() }

    // MARK: Manifests

    struct FetchedManifest {
        var bytes: [UInt8]
        var digest: Digest
    }

    /// By tag, or by digest, which is then checked.
    func manifest(_ tagOrDigest: String) async throws -> FetchedManifest {
        let response = try await get(
            "manifests/\(tagOrDigest)", headers: Self.manifestTypes.map { ("accept", $0) })
        let bytes = Array(
            buffer: try await collect(response, limit: Manifest.byteLimit, name: "the manifest of \(reference)"))
        let digest = Digest(of: bytes)
        let wanted = Digest(tagOrDigest) ?? response.headers.first(name: "docker-content-digest").flatMap(Digest.init)
        guard wanted == nil || wanted == digest else {
            throw ImageError(
                .digestMismatch,
                "\(reference): the registry sent a manifest of \(digest) for \(wanted?.description ?? "")")
        }
        return FetchedManifest(bytes: bytes, digest: digest)
    }

    /// A blob that fits in memory, its digest checked.
    func smallBlob(_ descriptor: Descriptor, limit: Int) async throws -> [UInt8] {
        let response = try await get("blobs/\(descriptor.digest)")
        let bytes = Array(buffer: try await collect(response, limit: limit, name: "the configuration of \(reference)"))
        guard Digest(of: bytes) == descriptor.digest else {
            throw ImageError(.digestMismatch, "\(reference): the registry sent other bytes for \(descriptor.digest)")
        }
        return bytes
    }

    private func collect(_ response: HTTPClientResponse, limit: Int, name: String) async throws -> ByteBuffer {
        do {
            return try await response.body.collect(upTo: limit)
        } catch is NIOTooManyBytesError {
            throw ImageError(.tooLarge, "\(name) is larger than \(limit) bytes")
        } catch {
            throw unreachable(error)
        }
    }

    // MARK: Layers

    /// Fetches the rest of a blob; when the connection breaks, again from there.
    func download(_ blob: DownloadedBlob) async throws {
        var attempt = 0
        while true {
            do {
                try await continueDownload(blob)
                return try blob.check(name: reference.description)
            } catch let error as ImageError where error.code != .registry {
                throw error
            } catch {
                attempt += 1
                guard attempt <= options.retries, !Task.isCancelled else { throw error }
                try await Task.sleep(for: .milliseconds(min(100 << attempt, 3000)))
            }
        }
    }

    private func continueDownload(_ blob: DownloadedBlob) async throws {
        let start = blob.bytes
        if start > 0, start == blob.descriptor.size { return }
        let response = try await get(
            "blobs/\(blob.descriptor.digest)", headers: start > 0 ? [("range", "bytes=\(start)-")] : [])
        // A registry that knows no ranges sends all of it.
        if start > 0, response.status != .partialContent { try await onThread { try blob.restart() } }
        var pending = ByteBuffer()
        do {
            for try await part in response.body {
                pending.writeImmutableBuffer(part)
                guard blob.bytes + Int64(pending.readableBytes) <= blob.descriptor.size else {
                    throw ImageError(
                        .digestMismatch,
                        "\(reference): the registry sends more than \(blob.descriptor.size) bytes for \(blob.descriptor.digest)"
                    )
                }
                if pending.readableBytes >= 1 << 20 { try await flush(&pending, to: blob) }
            }
        } catch let error as ImageError {
            throw error
        } catch {
            // What came is good: the digest is over all of it.
            try await flush(&pending, to: blob)
            throw unreachable(error)
        }
        try await flush(&pending, to: blob)
        guard blob.bytes == blob.descriptor.size else {
            throw ImageError(.registry, "\(reference): \(reference.host) ended \(blob.descriptor.digest) too early")
        }
    }

    private func flush(_ pending: inout ByteBuffer, to blob: DownloadedBlob) async throws {
        let part = pending
        pending = ByteBuffer()
        guard part.readableBytes > 0 else { return }
        try await onThread { try blob.append(part) }
    }

    // MARK: Requests

    /// A successful answer to GET; asks for a token when the registry wants one.
    private func get(_ path: String, headers: [(String, String)] = []) async throws -> HTTPClientResponse {
        let scheme = options.isPlain(reference.host) ? "http" : "https"
        let url = "\(scheme)://\(reference.host)/v2/\(reference.path)/\(path)"
        var response = try await send(url, headers)
        if response.status == .unauthorized {
            try await authorize(response, isEncrypted: scheme == "https")
            response = try await send(url, headers)
        }
        guard response.status == .ok || response.status == .partialContent else {
            throw try await refusal(response)
        }
        return response
    }

    private func send(_ url: String, _ headers: [(String, String)]) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: url)
        request.headers.add(contentsOf: HTTPHeaders(headers))
        request.headers.add(name: "user-agent", value: "apus")
        if let authorization = authorization.withLock({ $0 }) {
            request.headers.add(name: "authorization", value: authorization)
        }
        do {
            return try await http.execute(request, timeout: .hours(6))
        } catch {
            throw unreachable(error)
        }
    }

    private func unreachable(_ error: any Error) -> ImageError {
        if let error = error as? ImageError { return error }
        return ImageError(.registry, "cannot fetch \(reference) from \(reference.host): \(error)")
    }

    /// The distribution-spec's errors: `{"errors":[{"code":…,"message":…}]}`.
    private func refusal(_ response: HTTPClientResponse) async throws -> ImageError {
        let body = try? await response.body.collect(upTo: 64 << 10)
        let json = body.flatMap { try? JSONParser.parse(Array(buffer: $0)) }
        let said = json?["errors"]?.array?.first.flatMap { $0["message"]?.string ?? $0["code"]?.string }
        let reason = said.map { " (\($0))" } ?? ""
        switch response.status {
        case .notFound: return ImageError(.notFound, "\(reference.host) has no image \(reference)\(reason)")
        case .unauthorized, .forbidden:
            let remedy = credentials == nil ? "give credentials for it" : "check the name and password"
            return ImageError(.unauthorized, "\(reference.host) refuses to give \(reference)\(reason): \(remedy)")
        default:
            return ImageError(.registry, "\(reference.host) answers \(response.status.code) for \(reference)\(reason)")
        }
    }

    // MARK: Authorization

    /// Does what the challenge asks (distribution's docs/spec/auth/token.md); afterwards requests carry its outcome.
    private func authorize(_ response: HTTPClientResponse, isEncrypted: Bool) async throws {
        let challenges = response.headers[canonicalForm: "www-authenticate"].flatMap { AuthChallenge.parse(String($0)) }
        let basic = credentials.map { "Basic " + Data("\($0.username):\($0.password)".utf8).base64EncodedString() }
        if let bearer = challenges.first(where: { $0.scheme == "bearer" }) {
            let token = try await token(bearer, basic: basic, isEncrypted: isEncrypted)
            authorization.withLock { $0 = "Bearer " + token }
        } else if challenges.contains(where: { $0.scheme == "basic" }), let basic {
            authorization.withLock { $0 = basic }
        } else {
            throw try await refusal(response)
        }
    }

    private func token(_ challenge: AuthChallenge, basic: String?, isEncrypted: Bool) async throws -> String {
        guard let realm = challenge.parameters["realm"], realm.hasPrefix("https://") || !isEncrypted else {
            throw ImageError(.unauthorized, "\(reference.host) names no https address that gives tokens")
        }
        var query = ["scope=" + Self.escaped("repository:\(reference.path):pull")]
        if let service = challenge.parameters["service"] { query.append("service=" + Self.escaped(service)) }
        var request = HTTPClientRequest(url: realm + (realm.contains("?") ? "&" : "?") + query.joined(separator: "&"))
        request.headers.add(name: "user-agent", value: "apus")
        if let basic { request.headers.add(name: "authorization", value: basic) }
        let response: HTTPClientResponse
        do { response = try await http.execute(request, timeout: .seconds(60)) } catch { throw unreachable(error) }
        guard response.status == .ok else { throw try await refusal(response) }
        let body = Array(buffer: try await collect(response, limit: 1 << 20, name: "the token for \(reference)"))
        let json = try? JSONParser.parse(body)
        guard let token = json?["token"]?.string ?? json?["access_token"]?.string, !token.isEmpty else {
            throw ImageError(.unauthorized, "\(realm) gives no token for \(reference)")
        }
        return token
    }

    /// Percent-encoded for a query (RFC 3986).
    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            byte.isWordCharacter || "-.~".utf8.contains(byte)
                ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }
}
