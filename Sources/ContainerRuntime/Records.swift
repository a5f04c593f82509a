import Glibc
import KubeAPI

// How records are kept in files.

extension ProcessIdentity {
    var json: JSONValue { ["pid": .integer(Int64(pid)), "birth": .integer(Int64(clamping: birth))] }

    init?(json: JSONValue?) {
        guard let pid = json?["pid"]?.integer, let birth = json?["birth"]?.integer else { return nil }
        self.init(pid: pid_t(clamping: pid), birth: UInt64(clamping: birth))
    }
}

extension ContainerRecord {
    var json: JSONValue {
        [
            "id": .string(id), "process": process.json, "monitor": monitor.json, "cgroup": .string(cgroup),
            "logPath": .string(logPath), "labels": labels.json, "startedAt": .integer(startedAt),
        ]
    }

    init?(json: JSONValue) {
        guard let id = json["id"]?.string, let process = ProcessIdentity(json: json["process"]),
            let monitor = ProcessIdentity(json: json["monitor"]), let cgroup = json["cgroup"]?.string,
            let logPath = json["logPath"]?.string
        else { return nil }
        self.init(
            id: id, process: process, monitor: monitor, cgroup: cgroup, logPath: logPath,
            labels: [String: String](json: json["labels"]), startedAt: json["startedAt"]?.integer ?? 0)
    }
}

extension SandboxRecord {
    var json: JSONValue {
        [
            "id": .string(id), "process": process.json, "cgroup": .string(cgroup), "labels": labels.json,
            "namespaces": .array(namespaces.sorted().map { .string($0) }), "createdAt": .integer(createdAt),
        ]
    }

    init?(json: JSONValue) {
        guard let id = json["id"]?.string, let process = ProcessIdentity(json: json["process"]),
            let cgroup = json["cgroup"]?.string
        else { return nil }
        self.init(
            id: id, process: process, namespaces: Set(json["namespaces"]?.array?.compactMap(\.string) ?? []),
            cgroup: cgroup, labels: [String: String](json: json["labels"]),
            createdAt: json["createdAt"]?.integer ?? 0, isRunning: process.isAlive)
    }
}

extension ContainerEnd {
    /// What a monitor wrote down (Sources/ContainerMonitor/outcome.c); nil when it has not yet.
    static func read(_ path: String) -> ContainerEnd? {
        guard let text = Files.read(path), let json = try? JSONParser.parse(text),
            let code = json["exitCode"]?.integer, let time = json["finishedAt"]?.integer
        else { return nil }
        return ContainerEnd(
            exitCode: Int32(clamping: code), signal: Int32(clamping: json["signal"]?.integer ?? 0),
            isOutOfMemory: json["oomKilled"]?.bool ?? false, finishedAt: time)
    }
}

extension [String: String] {
    fileprivate var json: JSONValue {
        .object(JSONObject(sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) }))
    }

    fileprivate init(json: JSONValue?) {
        self = [:]
        for member in json?.object?.members ?? [] { self[member.key] = member.value.string }
    }
}
