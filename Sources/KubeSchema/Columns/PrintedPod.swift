import KubeAPI

/// The printer of Pods: one word for all that may be going on.
struct PrintedPod {
    let row: PrintedRow
    private var reason: String
    private var restarts: Int64 = 0
    /// The latest end of a container that was started again.
    private var lastRestart = ""
    private var ready = 0
    private let sidecars: Set<String>

    static func cells(_ row: PrintedRow) -> [JSONValue] {
        var pod = PrintedPod(row)
        pod.judge()
        return pod.cells
    }

    private init(_ row: PrintedRow) {
        self.row = row
        reason = row.text("status", "reason").orElse(row.text("status", "phase"))
        sidecars = Set(
            row.array("spec", "initContainers").filter { $0["restartPolicy"] == "Always" }.compactMap {
                $0["name"]?.string
            })
        if let condition = row.condition("PodScheduled"), condition["reason"] == "SchedulingGated" {
            reason = "SchedulingGated"
        }
    }

    private mutating func judge() {
        let isInitializing = judgeInitContainers()
        if !isInitializing || row.isTrue("Initialized") { judgeContainers() }
        guard row.isDeleting else { return }
        if row.text("status", "reason") == "NodeLost" {
            reason = "Unknown"
        } else if !["Succeeded", "Failed"].contains(row.text("status", "phase")) {
            reason = "Terminating"
        }
    }

    private mutating func count(_ container: JSONValue) {
        restarts += container["restartCount"]?.integer ?? 0
        let finished = container[path: "lastState", "terminated", "finishedAt"]?.string ?? ""
        if finished > lastRestart { lastRestart = finished }
    }

    /// Whether an init container keeps the others waiting.
    private mutating func judgeInitContainers() -> Bool {
        for (index, container) in row.array("status", "initContainerStatuses").enumerated() {
            count(container)
            let terminated = container[path: "state", "terminated"]
            if let terminated, terminated["exitCode"]?.integer ?? 0 == 0 { continue }
            if sidecars.contains(container["name"]?.string ?? ""), container["started"] == true {
                if container["ready"] == true { ready += 1 }
                continue
            }
            let waiting = container[path: "state", "waiting", "reason"]?.string ?? ""
            if let terminated {
                reason = "Init:" + Self.ending(terminated)
            } else if !waiting.isEmpty, waiting != "PodInitializing" {
                reason = "Init:" + waiting
            } else {
                reason = "Init:\(index)/\(row.array("spec", "initContainers").count)"
            }
            return true
        }
        return false
    }

    private mutating func judgeContainers() {
        (restarts, lastRestart) = (0, "")
        for container in row.array("status", "initContainerStatuses")
        where sidecars.contains(container["name"]?.string ?? "") {
            count(container)
        }
        var isRunning = false
        for container in row.array("status", "containerStatuses").reversed() {
            count(container)
            let waiting = container[path: "state", "waiting", "reason"]?.string ?? ""
            if !waiting.isEmpty {
                reason = waiting
            } else if let terminated = container[path: "state", "terminated"] {
                reason = Self.ending(terminated)
            } else if container["ready"] == true, container[path: "state", "running"] != nil {
                isRunning = true
                ready += 1
            }
        }
        if reason == "Completed", isRunning { reason = row.isTrue("Ready") ? "Running" : "NotReady" }
    }

    private static func ending(_ terminated: JSONValue) -> String {
        let signal = terminated["signal"]?.integer ?? 0
        return (terminated["reason"]?.string ?? "").orElse(
            signal != 0 ? "Signal:\(signal)" : "ExitCode:\(terminated["exitCode"]?.integer ?? 0)")
    }

    private var cells: [JSONValue] {
        let total = row.array("spec", "containers").count + sidecars.count
        let restarts =
            restarts != 0 && !lastRestart.isEmpty ? "\(restarts) (\(row.since(lastRestart)) ago)" : "\(restarts)"
        let address = row.array("status", "podIPs").first?["ip"]?.string ?? row.text("status", "podIP")
        return [
            .string(row.name), .string("\(ready)/\(total)"), .string(reason), .string(restarts), row.age,
            .string(address.orElse("<none>")), .string(row.text("spec", "nodeName").orElse("<none>")),
            .string(row.text("status", "nominatedNodeName").orElse("<none>")), .string(gates),
        ]
    }

    private var gates: String {
        let gates = row.array("spec", "readinessGates")
        if gates.isEmpty { return "<none>" }
        let met = gates.filter { row.isTrue($0["conditionType"]?.string ?? "") }
        return "\(met.count)/\(gates.count)"
    }
}
