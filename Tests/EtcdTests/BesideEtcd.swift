import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import TestPrograms
import Testing

@testable import StoreEtcd

/// Debian's etcd and `apus etcd`, both new, to be asked the same: what they say must be the same.
final class BesideEtcd {
    private let folder = TestFolder()
    private let etcd: EtcdCluster
    private let apus: EtcdProcess

    /// With flags for each, where they differ.
    init(etcd theirs: [String] = [], apus ours: [String] = []) throws {
        etcd = try EtcdCluster(members: 1, flags: theirs)
        apus = try EtcdProcess(folder: folder.path + "/store", ours)
        for endpoint in try endpoints { try Self.waitUntilItAnswers(endpoint) }
    }

    /// etcd's first.
    private var endpoints: [String] { get throws { [etcd.endpoints, "http://127.0.0.1:\(try apus.port())"] } }

    private static func waitUntilItAnswers(_ endpoint: String) throws {
        for _ in 0..<100 {
            if try Etcdctl(endpoint: endpoint).run(["get", "health"]).isGood { return }
            usleep(100_000)
        }
        throw EtcdProcess.Failure(description: "nobody answers at \(endpoint)")
    }

    // MARK: etcdctl

    /// Runs the lines of a shell script with each, and compares what every line printed and how it ended. `e` is etcdctl.
    func runsAlike(_ lines: [String], seconds: Double = 120) throws {
        let said = try endpoints.map { try Self.transcript(lines, $0, folder.path, seconds) }
        try #require(said[0].count == lines.count && said[1].count == lines.count)
        for (index, line) in lines.enumerated() {
            #expect(said[0][index] == said[1][index], "\(line): etcd's first")
        }
    }

    private static func transcript(
        _ lines: [String], _ endpoint: String, _ folder: String, _ seconds: Double
    ) throws -> [String] {
        let script = """
            cd \(folder)
            ENDPOINT=\(endpoint)
            e() { etcdctl --endpoints \(endpoint) --command-timeout 20s "$@"; }
            brief() { timeout 2.5 etcdctl --endpoints \(endpoint) "$@"; }

            """
        let marked = lines.map { "echo '\(mark)'\n\($0)\necho \"status $?\"" }.joined(separator: "\n")
        let outcome = try Command.run("sh", ["-c", "exec 2>&1\n" + script + marked], seconds: Int(seconds))
        guard outcome.status == 0 else { throw EtcdProcess.Failure(description: "\(outcome)") }
        return outcome.output.components(separatedBy: mark + "\n").dropFirst().map(plain)
    }

    private static let mark = "==== the next line ===="

    /// Without what differs between any two etcds: addresses, numbers that are chosen at random, times, and the logs of the
    /// client.
    private static func plain(_ text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).filter {
            !$0.hasPrefix(#"{"level":"#)
        }
        return lines.joined(separator: "\n")
            .replacing(/127\.0\.0\.1:\d+/, with: "ADDRESS")
            .replacing(/\b(?=[0-9a-f]*\d)[0-9a-f]{14,16}\b/, with: "HEX")
            .replacing(/\d{15,}/, with: "NUMBER")
            .replacing(/[0-9.]+(?:µs|ms|s)\b/, with: "TIME")
            .replacing(/"raft_term":\d+/, with: "TERM")
    }

    // MARK: gRPC

    /// Asks each the same, one after the other, and compares the answers.
    func answersAlike(_ asks: [Ask]) async throws {
        let said = try await ask { side in
            var said: [String] = []
            for ask in asks { said.append(await ask.body(side)) }
            return said
        }
        for (index, ask) in asks.enumerated() {
            #expect(said[0][index] == said[1][index], "\(ask.label): etcd's first")
        }
    }

    private func ask<Value: Sendable>(
        _ body: @Sendable @escaping (EtcdSide) async throws -> Value
    ) async throws -> [Value] {
        var values: [Value] = []
        for endpoint in try endpoints {
            guard let port = endpoint.split(separator: ":").last.flatMap({ Int($0) }) else { continue }
            let transport = try HTTP2ClientTransport.Posix(
                target: .ipv4(address: "127.0.0.1", port: port), transportSecurity: .plaintext,
                config: .defaults {
                    $0.compression = .init(algorithm: .none, enabledAlgorithms: .all)
                    // etcd sends a PING with almost each of many answers.
                    $0.channelDebuggingCallbacks.onCreateTCPConnection = PingAnswers.add
                })
            values.append(try await withGRPCClient(transport: transport) { try await body(EtcdSide(client: $0)) })
        }
        return values
    }
}
