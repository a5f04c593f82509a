import Foundation
import Glibc
import KubeClient
import Logging
import PKI
import TestPrograms
import TestThreads
import Testing

@testable import NodeJoin

/// The built `apus token` and `apus join` against the built API server and controllers.
@Suite(.ownThread, .needs("kubectl"), .timeLimit(.minutes(10)))
struct JoinTests {
    @Test func aNodeJoinsWithATokenAndNothingElse() async throws {
        let plane = try JoinedPlane()
        let made = try plane.apus(["token", "create", "--ttl", "10m", "--kubeconfig", plane.admin]).output
        let words = made.split(whereSeparator: \.isWhitespace).map(String.init)
        let start = try #require(words.firstIndex(of: "join"))
        let join = Array(words[start...]) + ["--node-name", "node-7", "--directory", plane.path("node")]
        try await plane.join(join)
        let who = try plane.kubectl(
            ["auth", "whoami", "-o", "jsonpath={.status.userInfo.username}"], plane.path("node/kubeconfig"))
        #expect(who.output == "system:node:node-7", "\(who.errors)")
        // Its proxy can work with it, and nothing more.
        for (verb, resource, answer) in [
            ("watch", "endpointslices.discovery.k8s.io", "yes"), ("list", "nodes", "yes"), ("list", "secrets", "no"),
        ] {
            let said = try plane.kubectl(["auth", "can-i", verb, resource, "-A"], plane.path("node/kubeconfig"))
            #expect(said.output.hasPrefix(answer), "\(verb) \(resource): \(said.output)\(said.errors)")
        }
        let plan = try plane.apus(["proxy", "plan", "--kubeconfig", plane.path("node/kubeconfig")])
        #expect(plan.status == 0 && plan.output.contains("default/kubernetes"), "\(plan.output)\(plan.errors)")
        // Its key is its own.
        let mode = try FileManager.default.attributesOfItem(atPath: plane.path("node/node.pem"))[.posixPermissions]
        #expect(mode as? Int == 0o600)
        // A wrong secret, a wrong hash, a deleted token.
        let token = try #require(words.firstIndex(of: "--token").map { words[$0 + 1] })
        var wrong = join
        wrong[try #require(join.firstIndex(of: token))] = token.prefix(7) + "aaaaaaaaaaaaaaaa"
        #expect(try plane.apus(wrong).errors.contains("does not know the token's secret"))
        let hash = try #require(join.firstIndex(of: "--ca-cert-hash"))
        wrong = join
        wrong[hash + 1] = "sha256:00"
        #expect(try plane.apus(wrong).errors.contains("not sha256:00"))
        #expect(try plane.apus(["token", "list", "--kubeconfig", plane.admin]).output.contains(token.prefix(6)))
        #expect(try plane.apus(["token", "delete", token, "--kubeconfig", plane.admin]).status == 0)
        #expect(try !plane.apus(["token", "list", "--kubeconfig", plane.admin]).output.contains(token.prefix(6)))
    }

    /// Renewed when two thirds of its life are over, with itself, and used from then on by the client that there was.
    @Test func aCertificateIsRenewedInTime() async throws {
        let plane = try JoinedPlane()
        let made = try plane.apus(["token", "create", "--kubeconfig", plane.admin]).output
        let words = made.split(whereSeparator: \.isWhitespace).map(String.init)
        let start = try #require(words.firstIndex(of: "join"))
        try await plane.join(Array(words[start...]) + ["--node-name", "node-8", "--directory", plane.path("node")])
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let client = KubeClient(try Kubeconfig(contentsOf: plane.path("node/kubeconfig")).connection(), logger: logger)
        let file = plane.path("node/node.pem")
        func text() throws -> String { try String(contentsOfFile: file, encoding: .utf8) }
        let first = try text()
        let due = try CertificateFacts(pem: first).validity.renewal
        for (now, isRenewed) in [(due - 60, false), (due + 60, true)] {
            let renewal = CertificateRenewal(node: "node-8", path: file, client: client, logger: logger) { now }
            let pause = await renewal.renewDue()
            let left = try text()
            #expect(pause > 0 && (left != first) == isRenewed)
        }
        // The old pair is of no use any more, and the client has the new one.
        #expect(try CertificateFacts(pem: text()).validity.renewal >= due)
        let answer = try await client.json(KubeRequest(.list, path: "/api/v1/nodes"))
        #expect(answer["kind"]?.string == "NodeList")
        try await client.shutdown()
    }
}

/// An API server and controllers on loopback; they end with their owner.
private final class JoinedPlane {
    let folder: String
    var admin: String { path("admin.kubeconfig") }
    private var processes: [LoggedProcess] = []

    private static let program = Program.built("apus")

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "apus-join-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let port = try FreePort.take()
        try start([
            "apiserver", "--data-dir", path("data"), "--bind-address", "127.0.0.1", "--secure-port", "\(port)",
            "--write-kubeconfig", admin,
        ])
        let deadline = ContinuousClock.now + .seconds(60)
        while try kubectl(["get", "--raw", "/readyz"], admin).output != "ok", ContinuousClock.now < deadline {
            usleep(50_000)
        }
        try start([
            "controller-manager", "--kubeconfig", admin, "--data-dir", path("data"), "--port", "0",
            "--leader-elect=false",
        ])
    }

    deinit {
        for process in processes { process.crash() }
        try? FileManager.default.removeItem(atPath: folder)
    }

    func path(_ name: String) -> String { "\(folder)/\(name)" }

    private func start(_ arguments: [String]) throws {
        processes.append(try LoggedProcess(Program.start(Self.program, arguments)))
    }

    func apus(_ arguments: [String]) throws -> Program.Result { try Program.run(Self.program, arguments) }

    /// Tries until it is let in: the controllers sign cluster-info a moment after the token is made.
    func join(_ arguments: [String]) async throws {
        var result = try apus(arguments)
        let deadline = ContinuousClock.now + .seconds(60)
        while result.status != 0, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(200))
            result = try apus(arguments)
        }
        #expect(result.status == 0, "\(result.output)\(result.errors)")
    }

    func kubectl(_ arguments: [String], _ kubeconfig: String) throws -> Program.Result {
        try Program.run("kubectl", arguments + ["--kubeconfig", kubeconfig])
    }
}
