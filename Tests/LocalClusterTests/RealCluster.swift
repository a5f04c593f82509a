import Foundation
import Glibc
import Lab
import Namespaces
import NetTypes
import Processes
import TestPrograms

@testable import LocalCluster

/// A cluster that the built `apus up` starts, in a folder and with names of its own; it ends with its owner.
final class RealCluster {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let layout: ClusterLayout
    let port: UInt16
    static let program = URL(
        filePath: (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    )
    .deletingLastPathComponent().appending(path: "apus").path

    init(nodes: Int, sample: Bool = true) throws {
        let name = "t\(UInt32.random(in: 0...0xFFFFF))"
        layout = ClusterLayout(
            name: name, dataDirectory: FileManager.default.temporaryDirectory.appending(path: "apus-\(name)").path,
            program: Self.program)
        port = try FreePort.take()
        let options = ["--nodes", "\(nodes)", "--port", "\(port)"] + (sample ? ["--sample"] : [])
        do {
            try apus(["up"] + options, seconds: 240)
        } catch {
            end()
            throw Failure(description: "\(error)\n\(logs)")
        }
    }

    deinit { end() }

    private func end() {
        _ = try? Teardown(layout).endAll()
        try? FileManager.default.removeItem(atPath: layout.dataDirectory)
    }

    /// The last lines of every part's log.
    var logs: String {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: layout.logs)) ?? []
        return names.sorted().map { name in
            let text = (try? String(contentsOfFile: "\(layout.logs)/\(name)", encoding: .utf8)) ?? ""
            return "--- \(name)\n" + text.split(separator: "\n").suffix(12).joined(separator: "\n")
        }.joined(separator: "\n")
    }

    /// What an `apus` verb about this cluster prints; fails when it does.
    @discardableResult
    func apus(_ arguments: [String], seconds: Int64 = 60) throws -> String {
        let verb = arguments + ["--data-dir", layout.dataDirectory, "--name", layout.name]
        return try Self.run(Self.program, verb, seconds: seconds)
    }

    @discardableResult
    func kubectl(_ arguments: [String], seconds: Int64 = 60) throws -> String {
        try Self.kubectl(arguments, layout.kubeconfig, seconds: seconds)
    }

    @discardableResult
    static func kubectl(_ arguments: [String], _ kubeconfig: String, seconds: Int64) throws -> String {
        try run(Program.path("kubectl") ?? "kubectl", ["--kubeconfig", kubeconfig] + arguments, seconds: seconds)
    }

    @discardableResult
    static func run(_ program: String, _ arguments: [String], seconds: Int64) throws -> String {
        let environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"]
        let finished = try FinishedProcess.run(
            ProgramStart(program, arguments, environment: environment), limit: .seconds(seconds), outputLimit: 8 << 20)
        guard finished.end == .exit(0) else {
            let said = "\(finished.end)\n\(finished.text)\n\(finished.errorText)"
            throw Failure(description: "\(arguments.joined(separator: " ")): \(said)")
        }
        return finished.text
    }

    /// What a page says to those who are in a namespace.
    func page(_ url: String, in namespace: String) throws -> String {
        try Self.run(
            Program.path("ip") ?? "ip",
            ["netns", "exec", namespace, Program.path("busybox") ?? "busybox", "wget", "-qO-", url], seconds: 20)
    }

    func apply(_ yaml: String) throws {
        let file = "\(layout.dataDirectory)/applied.yaml"
        try Data(yaml.utf8).write(to: URL(filePath: file))
        try kubectl(["apply", "-f", file])
    }

    /// Requests from outside to the sample's port on the first node.
    func requests(_ count: Int) throws -> RequestSummary {
        try request(AddressPort(ClusterLayout.nodeAddress(1), SampleObjects.nodePort), count: count)
    }

    func request(_ target: AddressPort, count: Int) throws -> RequestSummary {
        try NetworkNamespace.named(layout.controlNamespace).run {
            RequestSummary.request(Probe(.tcp, target, timeout: .seconds(5)), count: count)
        }
    }

    /// Every process that shall run, by its name.
    func processes() throws -> [String: ProcessRecord] {
        let settings = try ClusterSettings.read(layout)
        return try (settings.map { layout.components($0) } ?? []).reduce(into: [:]) {
            $0[$1.name] = try layout.runningProcess($1)
        }
    }

    /// The containers of all pods, by their identifiers.
    func containers() throws -> Set<String> {
        let path = "jsonpath={.items[*].status.containerStatuses[*].containerID}"
        return Set(try kubectl(["get", "pods", "-o", path]).split(separator: " ").map(String.init))
    }

    func process(of component: String) throws -> ProcessRecord? {
        let settings = try ClusterSettings.read(layout)
        let all = settings.map { layout.components($0) } ?? []
        return try all.first { $0.name == component }.flatMap { try layout.runningProcess($0) }
    }

    func wait(_ what: String, seconds: Int = 60, _ isDone: () throws -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while try !isDone() {
            guard ContinuousClock.now < deadline else { throw Failure(description: "no \(what)\n\(logs)") }
            usleep(100_000)
        }
    }
}
