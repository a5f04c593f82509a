import AsyncHTTPClient
import Foundation
import Glibc
import NIOCore
import NodeServices
import TestPrograms
import TestThreads
import Testing

@testable import Images

/// Debian's docker-registry on loopback, with and without a password.
@Suite(
    .ownThread, .enabled(if: geteuid() == 0, "needs root: gives files their owners"),
    .enabled(if: access("/usr/bin/docker-registry", X_OK) == 0, "needs docker-registry"))
struct RegistryTests {
    private static let members: [Member] = [.directory("bin"), .file("bin/run", "program", mode: 0o755)]

    @Test func pullsAndSharesLayers() async throws {
        let registry = try await TestRegistry()
        let one = try ImageBuilder([Self.members, [.file("n", "1")]])
        let two = try ImageBuilder([Self.members, [.file("n", "2")]])
        try await registry.push(one, "team/one", tag: "v1")
        try await registry.push(two, "team/two", tag: "v1")
        let folder = try Folder()
        let store = try ImageStore(directory: folder.path)
        let stored = try await store.pull("\(registry.host)/team/one:v1")
        #expect(stored.references == ["\(registry.host)/team/one:v1"])
        #expect(stored.digest == "\(Digest(of: one.manifestBytes))")
        #expect(try text(stored.layerDirectories[0] + "/n") == "1")
        #expect(try store.image("\(registry.host)/team/one@\(stored.digest)") == stored)
        let before = try registry.requests(of: "\(Digest(of: one.layers[0].compressed))")
        let other = try await store.pull("\(registry.host)/team/two:v1")
        #expect(other.layerDirectories[1] == stored.layerDirectories[1])
        #expect(try registry.requests(of: "\(Digest(of: one.layers[0].compressed))") == before)
        // By digest, and again.
        #expect(try await store.pull("\(registry.host)/team/one@\(stored.digest)").digest == stored.digest)
        #expect(try store.list().count == 2)
        #expect(try Directory(path: folder.path + "/tmp").entries().isEmpty)
    }

    @Test func pullsOfOneImageJoin() async throws {
        let registry = try await TestRegistry()
        let image = try ImageBuilder([Self.members, [.file("n", String(repeating: "x", count: 3_000_000))]])
        try await registry.push(image, "one", tag: "v1")
        let folder = try Folder()
        let store = try ImageStore(directory: folder.path)
        let name = "\(registry.host)/one:v1"
        let digests = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<6 { group.addTask { try await store.pull(name).digest } }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(digests == ["\(Digest(of: image.manifestBytes))"])
        #expect(try registry.requests(of: "\(Digest(of: image.layers[1].compressed))") == 1)
    }

    @Test func passwordsAreAskedFor() async throws {
        let registry = try await TestRegistry(password: "secret")
        try await registry.push(try ImageBuilder([Self.members]), "private", tag: "latest")
        let folder = try Folder()
        let store = try ImageStore(directory: folder.path)
        let name = "\(registry.host)/private"
        for credentials in [nil, ImageCredentials(username: "apus", password: "wrong")] {
            let error = await #expect(throws: ImageError.self) { try await store.pull(name, credentials: credentials) }
            #expect(error?.code == .unauthorized)
        }
        let auth = Data("apus:secret".utf8).base64EncodedString()
        let config = try DockerConfig(Array(#"{"auths":{"http://\#(registry.host)/v2/":{"auth":"\#(auth)"}}}"#.utf8))
        let credentials = try #require(config.credentials(for: try ImageReference(name)))
        #expect(try await store.pull(name, credentials: credentials).references == ["\(registry.host)/private:latest"])
    }

    @Test func whatIsNotThereIsSaid() async throws {
        let registry = try await TestRegistry()
        let folder = try Folder()
        let store = try ImageStore(directory: folder.path)
        let missing = await #expect(throws: ImageError.self) { try await store.pull("\(registry.host)/nothing:v1") }
        #expect(missing?.code == .notFound)
        let unreachable = await #expect(throws: ImageError.self) { try await store.pull("127.0.0.1:1/nothing:v1") }
        #expect(unreachable?.code == .registry)
        for error in [missing, unreachable] { #expect(error?.description.contains("\n") == false) }
        #expect(try store.list().isEmpty)
    }

    /// Bytes that changed on the registry's disk are never unpacked.
    @Test func damagedLayersAreRefused() async throws {
        let registry = try await TestRegistry()
        let image = try ImageBuilder([Self.members])
        try await registry.push(image, "bad", tag: "v1")
        let digest = Digest(of: image.layers[0].compressed)
        let path =
            "\(registry.folder.path)/data/docker/registry/v2/blobs/sha256/\(digest.hex.prefix(2))/\(digest.hex)/data"
        var bytes = try FileSource(path: path).readAll(limit: 1 << 20, name: path)
        bytes[bytes.count / 2] ^= 1
        try FileWriting.replace(path, bytes)
        let folder = try Folder()
        let store = try ImageStore(directory: folder.path)
        let error = await #expect(throws: ImageError.self) { try await store.pull("\(registry.host)/bad:v1") }
        #expect(error?.code == .digestMismatch)
        #expect(try store.list().isEmpty)
        #expect(try Directory(path: folder.path + "/layers").entries().isEmpty)
        // The download's file goes with its last owner, which may be the task that ends just now.
        let deadline = ContinuousClock.now + .seconds(60)
        func isEmpty() throws -> Bool { try Directory(path: folder.path + "/tmp").entries().isEmpty }
        while try !isEmpty(), ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(10)) }
        #expect(try isEmpty())
    }
}

@Suite struct RegistryPiecesTests {
    @Test(arguments: [
        (
            #"Bearer realm="https://auth.example/token",service="registry",scope="repository:a/b:pull""#,
            [
                AuthChallenge(
                    scheme: "bearer",
                    parameters: [
                        "realm": "https://auth.example/token", "service": "registry", "scope": "repository:a/b:pull",
                    ])
            ]
        ),
        (#"Basic realm="a \"b\", c""#, [AuthChallenge(scheme: "basic", parameters: ["realm": #"a "b", c"#])]),
        (
            "Negotiate, Basic realm=x",
            [AuthChallenge(scheme: "negotiate"), AuthChallenge(scheme: "basic", parameters: ["realm": "x"])]
        ),
        ("", []), ("===,,", []), ("Bearer realm=\"", [AuthChallenge(scheme: "bearer", parameters: ["realm": ""])]),
    ])
    func readsChallenges(header: String, challenges: [AuthChallenge]) {
        #expect(AuthChallenge.parse(header) == challenges)
    }

    @Test func readsDockerConfigs() throws {
        let config = try DockerConfig(
            Array(
                """
                {"auths": {"https://index.docker.io/v1/": {"auth": "dTpwOnE="}, "ghcr.io": {"username": "a", "password": "b"},
                 "empty.io": {}, "bad.io": {"auth": "!"}}}
                """.utf8))
        #expect(
            config.credentials(for: try ImageReference("busybox")) == ImageCredentials(username: "u", password: "p:q"))
        #expect(
            config.credentials(for: try ImageReference("ghcr.io/x/y")) == ImageCredentials(username: "a", password: "b")
        )
        #expect(config.credentials(for: try ImageReference("empty.io/x")) == nil)
        #expect(config.credentials(for: try ImageReference("bad.io/x")) == nil)
        #expect(throws: ImageError.self) { try DockerConfig(Array("{".utf8)) }
    }

    @Test(arguments: [
        ("localhost:5000", true), ("127.0.0.1", true), ("[::1]:5000", true), ("10.0.0.1:5000", false),
        ("docker.io", false), ("plain.example:80", true),
    ])
    func loopbackMayBePlain(host: String, isPlain: Bool) {
        var options = RegistryOptions()
        options.plainHosts = ["plain.example:80"]
        #expect(options.isPlain(host) == isPlain)
    }
}

/// A docker-registry process of the test's own; ends with it.
final class TestRegistry: Sendable {
    let folder: Folder
    let host: String
    private let authorization: String?
    private let process: LoggedProcess

    init(password: String? = nil) async throws {
        folder = try Folder()
        let port = try Self.freePort()
        host = "127.0.0.1:\(port)"
        authorization = password.map { "Basic " + Data("apus:\($0)".utf8).base64EncodedString() }
        var config = """
            version: 0.1
            log: {level: info, accesslog: {disabled: false}}
            storage: {filesystem: {rootdirectory: \(folder.path)/data}, delete: {enabled: true}}
            http: {addr: "\(host)"}

            """
        if let password {
            let line = try Program.output(of: "htpasswd", ["-Bbn", "apus", password])
            _ = try folder.write("htpasswd", Array(line.utf8))
            config += "auth: {htpasswd: {realm: test, path: \(folder.path)/htpasswd}}\n"
        }
        let file = try folder.write("config.yml", Array(config.utf8))
        let log = try folder.write("log", [])
        process = try LoggedProcess(Program.start("docker-registry", ["serve", file]), log: log)
        for _ in 0..<200 {
            if let response = try? await HTTPClient.shared.execute(
                HTTPClientRequest(url: "http://\(host)/v2/"), timeout: .seconds(5)),
                [200, 401].contains(response.status.code)
            {
                return
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Program.Failure(description: "docker-registry does not answer: \(try text(log).suffix(500))")
    }

    /// How often a blob was fetched.
    func requests(of digest: String) throws -> Int {
        try text(folder.path + "/log").split(separator: "\n").count {
            $0.contains("\"GET /v2/") && $0.contains("/blobs/\(digest) ")
        }
    }

    func push(_ image: ImageBuilder, _ name: String, tag: String) async throws {
        for blob in [image.configBytes] + image.layers.map(\.compressed) {
            let start = try await send("POST", "http://\(host)/v2/\(name)/blobs/uploads/", [])
            let location = try #require(start.headers.first(name: "location"))
            let url = location + (location.contains("?") ? "&" : "?") + "digest=\(Digest(of: blob))"
            #expect(try await send("PUT", url, blob, type: "application/octet-stream").status.code == 201)
        }
        let answer = try await send(
            "PUT", "http://\(host)/v2/\(name)/manifests/\(tag)", image.manifestBytes,
            type: "application/vnd.oci.image.manifest.v1+json")
        #expect(answer.status.code == 201)
    }

    private func send(
        _ method: String, _ url: String, _ body: [UInt8], type: String? = nil
    ) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: url)
        request.method = .init(rawValue: method)
        if let type { request.headers.add(name: "content-type", value: type) }
        if let authorization { request.headers.add(name: "authorization", value: authorization) }
        request.body = .bytes(ByteBuffer(bytes: body))
        return try await HTTPClient.shared.execute(request, timeout: .seconds(30))
    }

    /// A port that was free a moment ago.
    private static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        try #require(isBound)
        return UInt16(bigEndian: address.sin_port)
    }
}
