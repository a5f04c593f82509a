import Foundation
import Glibc
import Images
import Namespaces
import Processes
import TestPrograms
import Testing

/// A machine that runs `apus`: a network namespace, folders and a cgroup of its own. Programs and pods end with it.
final class LabMachine {
    struct Result {
        let status: Int32
        let output: String
        let errors: String
    }

    let remains: NodeRemains
    private let namespace: NetworkNamespace
    private var processes: [String: pid_t] = [:]

    var folder: String { remains.folder }

    init() throws {
        remains = try NodeRemains("apusno")
        namespace = try NetworkNamespace.create()
        try FileManager.default.createDirectory(atPath: "\(folder)/manifests", withIntermediateDirectories: true)
        let image = LabImage(busybox: "/bin/busybox", applets: Self.applets, program: "/bin/busybox")
        _ = try image.build(in: try ImageStore(directory: "\(folder)/images"))
        let made = try run("/bin/ip", ["addr", "add", "\(Self.address)/32", "dev", "lo"])
        try #require(made.status == 0, "\(made.errors)")
    }

    private static let address = "192.0.2.10"
    private static let applets = [
        "sh", "sleep", "cat", "echo", "touch", "ls", "seq", "httpd", "wget", "mkdir", "ip", "stty", "tar", "true", "dd",
        "nc", "id", "tail", "rm", "chmod",
    ]

    deinit {
        for pid in processes.values { Self.end(pid, SIGKILL) }
        remains.clear()
    }

    // MARK: - Programs

    /// `apus` with these arguments, until `stop`; its output is in the log of that name.
    func start(_ name: String, _ arguments: [String]) throws {
        let environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=\(folder)"]
        processes[name] = try namespace.spawn(
            Program.built("apus"), arguments, environment: environment, log: "\(folder)/\(name).log")
    }

    func startAgent(_ more: [String]) throws {
        try start(
            "agent",
            [
                "agent", "--hostname-override", "node-1", "--node-ip", Self.address, "--root-dir", "\(folder)/data",
                "--run-dir", "\(folder)/run", "--pod-logs-dir", "\(folder)/logs", "--image-dir", "\(folder)/images",
                "--cgroup-root", remains.cgroup, "--cni-conf-dir", "\(folder)/net.d", "--cni-state-dir",
                "\(folder)/cni",
            ] + more)
    }

    func stop(_ name: String, _ signal: Int32 = SIGKILL) {
        if let pid = processes.removeValue(forKey: name) { Self.end(pid, signal) }
    }

    private static func end(_ pid: pid_t, _ signal: Int32) {
        kill(pid, signal)
        while waitpid(pid, nil, 0) < 0, errno == EINTR {}
    }

    func pid(_ name: String) -> pid_t? { processes[name] }

    /// False for one that has ended by itself.
    func isRunning(_ name: String) -> Bool {
        guard let pid = processes[name] else { return false }
        guard waitpid(pid, nil, WNOHANG) != 0 else { return true }
        processes[name] = nil
        return false
    }

    func log(_ name: String) -> String {
        (try? String(contentsOfFile: "\(folder)/\(name).log", encoding: .utf8)) ?? ""
    }

    /// Runs a program to its end.
    func run(
        _ program: String, _ arguments: [String], environment: [String] = [], input: String = "",
        milliseconds: Int64 = 90_000
    ) throws -> Result {
        let path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        let finished = try namespace.run {
            try FinishedProcess.run(
                ProgramStart(program, arguments, environment: [path, "HOME=\(folder)"] + environment),
                input: Array(input.utf8), limit: .milliseconds(milliseconds))
        }
        return Result(status: finished.end.status, output: finished.text, errors: finished.errorText)
    }

    /// A program that goes on until `stop`.
    func start(
        _ name: String, program: String, _ arguments: [String], environment: [String]
    ) throws {
        processes[name] = try namespace.spawn(
            program, arguments, environment: environment, log: "\(folder)/\(name).log")
    }

    // MARK: - Files

    /// In one step, as an editor does.
    func write(_ name: String, _ text: String) throws {
        try text.write(toFile: "\(folder)/.new", atomically: false, encoding: .utf8)
        try #require(rename("\(folder)/.new", "\(folder)/\(name)") == 0)
    }

    func remove(_ name: String) { unlink("\(folder)/\(name)") }

    func read(_ name: String) -> String {
        (try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)) ?? ""
    }

    // MARK: - What there is

    /// What pods hold or have left.
    var left: [String] {
        remains.mounts + remains.podCgroups + links
            + remains.files(in: ["data/pods", "data/containers", "data/sandboxes", "run/c", "run/runtime", "logs"])
            + remains.files(in: ["cni/results"])
    }

    /// The node's ends of pods' interfaces.
    var links: [String] {
        let listed = (try? run("/bin/ip", ["-o", "link", "show", "type", "veth"]))?.output ?? ""
        return listed.split(separator: "\n").map { "link \($0)" }
    }

    func waitUntilEmpty() async throws {
        try await TimedOut.wait {
            left.isEmpty
        } orSay: {
            "there is still \(left):\n\(log("agent"))"
        }
    }

    /// The processes of containers that run or have run, by container name and attempt.
    private var records: [(name: String, attempt: String, pid: pid_t)] {
        remains.files(in: ["data/containers"]).compactMap { path in
            guard let json = try? JSONSerialization.jsonObject(with: Data(read("\(path)/record.json").utf8)),
                let record = json as? [String: Any], let labels = record["labels"] as? [String: String],
                let process = record["process"] as? [String: Any], let pid = process["pid"] as? Int,
                let name = labels["io.kubernetes.container.name"],
                let attempt = labels["io.kubernetes.container.attempt"]
            else { return nil }
            return (name, attempt, pid_t(pid))
        }
    }

    /// The process of a container's life, once it is there.
    func process(of name: String, attempt: String = "0") async throws -> pid_t {
        var found: pid_t?
        try await TimedOut.wait {
            found = records.first { $0.name == name && $0.attempt == attempt }?.pid
            return found != nil
        } orSay: {
            "there is no container \(name) \(attempt):\n\(log("agent"))"
        }
        return try #require(found)
    }

    static func isAlive(_ pid: pid_t) -> Bool {
        let text = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
        return !text.isEmpty && !text.contains(") Z ")
    }

    /// What a container of a static pod has written.
    func podLog(_ container: String, _ attempt: Int = 0) -> String {
        remains.files(in: ["logs"]).map { read("\($0)/\(container)/\(attempt).log") }.joined()
    }
}
