import AgentCore
import ContainerRuntime
import Foundation
import Glibc
import KubeAPI
import KubeClient
import Logging
import TestPrograms
import Testing

@testable import Agent

/// A node of its own, with pods from a folder of manifests.
final class AgentLab {
    let remains: NodeRemains
    var folder: String { remains.folder }
    private let runtimeOptions: RuncRuntime.Options
    var options: AgentOptions
    /// Of the cluster that the node belongs to, if it does.
    var client: KubeClient?
    private(set) var agent: NodeAgent?
    private var task: Task<Void, Never>?

    init() throws {
        remains = try NodeRemains("apusag")
        let folder = remains.folder
        var runtime = RuncRuntime.Options()
        runtime.dataFolder = "\(folder)/data"
        runtime.runFolder = "\(folder)/run"
        runtime.monitor = Program.built("apus-monitor")
        runtimeOptions = runtime
        var options = AgentOptions()
        options.nodeName = "node-1"
        options.dataFolder = "\(folder)/agent"
        options.logFolder = "\(folder)/logs"
        options.manifests = "\(folder)/manifests"
        options.cgroupRoot = remains.cgroup
        options.port = 0
        self.options = options
        try FileManager.default.createDirectory(atPath: "\(folder)/manifests", withIntermediateDirectories: true)
        _ = try BusyboxImages(root: "\(folder)/image")
    }

    deinit {
        task?.cancel()
        remains.clear()
    }

    // MARK: - The agent

    func start() throws {
        let services = AgentServices(
            runtime: try RuncRuntime(runtimeOptions), images: BusyboxImages(existing: "\(folder)/image"), network: nil,
            client: client,
            logger: Logger(label: "agent") { _ in SwiftLogNoOpLogHandler() })
        let agent = try NodeAgent(options, services: services)
        self.agent = agent
        task = Task { try? await agent.run() }
    }

    /// As kill -9 does: nothing is tidied up.
    func stop() async {
        task?.cancel()
        await task?.value
        agent = nil
    }

    // MARK: - Pods

    /// `spec` is JSON.
    func apply(_ name: String, _ spec: String, metadata: String = "") throws {
        let text = #"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"\#(name)"\#(metadata)},"spec":\#(spec)}"#
        try text.write(toFile: "\(folder)/manifests/.\(name)", atomically: true, encoding: .utf8)
        try #require(rename("\(folder)/manifests/.\(name)", "\(folder)/manifests/\(name).json") == 0)
    }

    func delete(_ name: String) { unlink("\(folder)/manifests/\(name).json") }

    func runner(_ name: String) async -> PodRunner? {
        await agent?.registry.runner(NamespacedName(namespace: "default", name: "\(name)-node-1"))
    }

    func status(_ name: String) async -> JSONValue { await runner(name)?.status ?? .null }

    /// The status once it is as wanted.
    @discardableResult
    func wait(
        _ name: String, seconds: Double = 60, _ isWanted: (JSONValue) -> Bool
    ) async throws -> JSONValue {
        var status = JSONValue.null
        try await TimedOut.wait(seconds: seconds) {
            status = await self.status(name)
            return isWanted(status)
        } orSay: {
            "\(name) stays \(JSONWriter.text(status, .pretty))"
        }
        return status
    }

    func waitUntilReady(_ name: String) async throws -> JSONValue { try await wait(name) { Self.isReady($0) } }

    static func isReady(_ status: JSONValue) -> Bool {
        status["conditions"]?.array?.contains { $0["type"]?.string == "Ready" && $0["status"]?.string == "True" }
            ?? false
    }

    /// Returns once nothing of it is left.
    func waitUntilGone(_ name: String) async throws {
        try await TimedOut.wait {
            await runner(name) == nil
        } orSay: {
            "\(name) does not go"
        }
    }

    /// Deletes it, and expects that nothing of it is left.
    func end(_ name: String) async throws {
        delete(name)
        try await waitUntilGone(name)
        #expect(mounts.isEmpty && podCgroups.isEmpty && leftFiles.isEmpty, "\(mounts + podCgroups + leftFiles)")
    }

    /// What a container has written, without times.
    func log(_ name: String, _ container: String, _ attempt: Int = 0) async -> String {
        guard let path = await runner(name)?.paths.log(container, Int64(attempt)) else { return "" }
        return LogTail.text(path, lines: 1000, bytes: 65536)
    }

    func waitForLog(_ name: String, _ container: String, _ attempt: Int = 0, contains text: String) async throws {
        try await TimedOut.wait {
            await log(name, container, attempt).contains(text)
        } orSay: {
            "the log has no \(text): \(await log(name, container, attempt))"
        }
    }

    // MARK: - What is left

    var mounts: [String] { remains.mounts }
    var podCgroups: [String] { remains.podCgroups }
    var leftFiles: [String] {
        remains.files(in: ["agent/pods", "data/containers", "data/sandboxes", "run/c", "run/runtime", "logs"])
    }
}
