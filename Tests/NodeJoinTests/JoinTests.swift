import Foundation
import Glibc
import TestPrograms
import TestThreads
import Testing

/// The built `apus token` and `apus join` against the built API server and controllers.
@Suite(.ownThread, .needs("kubectl"), .timeLimit(.minutes(10)))
struct JoinTests {
    @Test func aNodeJoinsWithATokenAndNothingElse() async throws {
        let plane = try JoinedPlane()
        let made = try plane.apus(["token", "create", "--ttl", "10m", "--kubeconfig", plane.admin]).output
        let words = made.split(whereSeparator: \.isWhitespace).map(String.init)
        let start = try #require(words.firstIndex(of: "join"))
        let join = Array(words[start...]) + ["--node-name", "node-7", "--directory", plane.path("node")]
        // The controllers sign cluster-info a moment later.
        var result = try plane.apus(join)
        let deadline = ContinuousClock.now + .seconds(60)
        while result.status != 0, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(200))
            result = try plane.apus(join)
        }
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        let who = try plane.kubectl(
            ["auth", "whoami", "-o", "jsonpath={.status.userInfo.username}"], plane.path("node/kubeconfig"))
        #expect(who.output == "system:node:node-7", "\(who.errors)")
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

    func kubectl(_ arguments: [String], _ kubeconfig: String) throws -> Program.Result {
        try Program.run("kubectl", arguments + ["--kubeconfig", kubeconfig])
    }
}
