import KubeAPI

/// What a simulated pod does next, by its annotations; a value, decided from the pod and the time alone.
///
///     Pending ──start-after──▶ Running ──ready-after──▶ Ready ──run-for──▶ Succeeded or Failed
///                                       deletion ──stop-after──▶ gone
///
/// Annotations (all begin with `apus.dev/simulate-`; times are seconds):
/// - `start-after`: from being bound to running; 0.
/// - `ready`: `false` never becomes ready. `ready-after`: from running to ready; 0.
/// - `run-for`: from running to the end; a pod with restartPolicy Always never ends, others end at once.
/// - `phase`: `Failed` or `Succeeded`, how it ends; Succeeded. `exit-code`: of its containers; 0, or 1 when failed.
/// - `stop-after`: from the request of deletion to being gone; 0.
///
/// `activeDeadlineSeconds` count from running.
public struct SimulatedPod: Sendable {
    public static let prefix = "apus.dev/simulate-"

    public enum Step: Sendable, Hashable {
        /// A merge patch of the status.
        case report(JSONValue)
        /// It has ended: the object goes.
        case remove
        /// Nothing before some seconds have passed.
        case wait(Double)
        case nothing
    }

    let pod: APIObject
    let addresses: [String]
    let nodeAddress: String
    /// Seconds since 1970.
    let now: Double

    /// - Parameter addresses: the first is `podIP`; a pod that is to go needs none.
    public init(_ pod: APIObject, addresses: [String], nodeAddress: String, now: Double) {
        self.pod = pod
        self.addresses = addresses
        self.nodeAddress = nodeAddress
        self.now = now
    }

    static func hasEnded(_ pod: APIObject) -> Bool { ["Succeeded", "Failed"].contains(pod.status?["phase"]?.string) }

    public var next: Step {
        if let deleted = pod.deletionTimestamp { return stop(since: deletionRequest(deleted)) }
        switch pod.status?["phase"]?.string ?? "Pending" {
        case "Pending": return start()
        case "Running": return run()
        default: return .nothing
        }
    }

    // MARK: - Steps

    /// deletionTimestamp is when the grace period ends.
    private func deletionRequest(_ text: String) -> Double {
        let grace = pod.metadata?["deletionGracePeriodSeconds"]?.integer ?? 0
        return (Self.seconds(text) ?? now) - Double(grace)
    }

    private func stop(since: Double) -> Step { after("stop-after", since: since) ?? .remove }

    private func start() -> Step {
        let since = Self.condition("PodScheduled", pod)?["lastTransitionTime"]?.string.flatMap(Self.seconds)
        if let wait = after("start-after", since: since ?? now) { return wait }
        var status = running(isReady: isReadyAtOnce)
        status[path: "startTime"] = Self.time(now)
        return .report(status)
    }

    private func run() -> Step {
        let started = Self.containerStart(pod) ?? now
        let end = lifetime.map { started + $0 } ?? .infinity
        if deadline <= min(now, end) { return .report(overdue) }
        if end <= now { return .report(ended) }
        let left = min(end, deadline) - now
        guard Self.condition("Ready", pod)?["status"]?.string != "True", annotation("ready") != "false" else {
            return left.isFinite ? .wait(left) : .nothing
        }
        if case .wait(let delay)? = after("ready-after", since: started) { return .wait(min(delay, left)) }
        return .report(running(isReady: true, since: started))
    }

    /// When `activeDeadlineSeconds` are over; infinite without.
    private var deadline: Double {
        guard let seconds = pod.spec?["activeDeadlineSeconds"]?.integer,
            let start = pod.status?["startTime"]?.string.flatMap(Self.seconds)
        else { return .infinity }
        return start + Double(seconds)
    }

    private var isReadyAtOnce: Bool { annotation("ready") != "false" && number("ready-after") <= 0 }

    /// Seconds from running to the end; nil when it runs for ever.
    private var lifetime: Double? {
        if annotation("run-for") != nil { return number("run-for") }
        let isFinite = annotation("phase") != nil || (pod.spec?["restartPolicy"]?.string ?? "Always") != "Always"
        return isFinite ? 0 : nil
    }

    private func after(_ name: String, since: Double) -> Step? {
        let left = since + number(name) - now
        return left > 0.001 ? .wait(left) : nil
    }

    private func annotation(_ name: String) -> String? { pod.annotation(Self.prefix + name) }

    private func number(_ name: String) -> Double {
        let number = annotation(name).flatMap { Double($0) } ?? 0
        return number.isFinite ? min(max(number, 0), 1e9) : 0
    }

    // MARK: - Statuses

    private func running(isReady: Bool, since: Double? = nil) -> JSONValue {
        let containers = statuses("containers") { _ in
            ["running": ["startedAt": Self.time(since ?? now)]]
        } extra: {
            [("ready", .bool(isReady)), ("started", true)]
        }
        return [
            "phase": "Running", "hostIP": .string(nodeAddress), "hostIPs": [["ip": .string(nodeAddress)]],
            "podIP": .string(addresses.first ?? ""), "podIPs": .array(addresses.map { ["ip": .string($0)] }),
            "conditions": .array(conditions(isReady: isReady, reason: isReady ? nil : "ContainersNotReady")),
            "containerStatuses": .array(containers),
        ]
    }

    private var ended: JSONValue {
        let failed = annotation("phase") == "Failed"
        return ended(failed, code: annotation("exit-code").flatMap { Int64($0) } ?? (failed ? 1 : 0))
    }

    /// Killed at its deadline, in the kubelet's words.
    private var overdue: JSONValue {
        var status = ended(true, code: 137)
        status[path: "reason"] = "DeadlineExceeded"
        status[path: "message"] = "Pod was active on the node longer than the specified deadline"
        return status
    }

    private func ended(_ failed: Bool, code: Int64) -> JSONValue {
        let containers = statuses("containers") { _ in
            [
                "terminated": [
                    "exitCode": .integer(code), "reason": failed || code != 0 ? "Error" : "Completed",
                    "finishedAt": Self.time(now), "startedAt": Self.time(Self.containerStart(pod) ?? now),
                ]
            ]
        } extra: {
            [("ready", false), ("started", false)]
        }
        let hasFailed = failed || code != 0
        return [
            "phase": hasFailed ? "Failed" : "Succeeded",
            "conditions": .array(conditions(isReady: false, reason: hasFailed ? "PodFailed" : "PodCompleted")),
            "containerStatuses": .array(containers),
        ]
    }

    private func statuses(
        _ field: String, state: (JSONValue) -> JSONValue, extra: () -> [(String, JSONValue)]
    ) -> [JSONValue] {
        (pod.spec?[field]?.array ?? []).map { container in
            var status: JSONValue = [
                "name": container["name"] ?? "", "image": container["image"] ?? "", "imageID": "", "restartCount": 0,
                "state": state(container),
            ]
            for (key, value) in extra() { status[path: key] = value }
            return status
        }
    }

    private func conditions(isReady: Bool, reason: String?) -> [JSONValue] {
        [("Initialized", true), ("Ready", isReady), ("ContainersReady", isReady), ("PodScheduled", true)].map {
            let (type, isTrue) = $0
            let old = Self.condition(type, pod)
            let status: JSONValue = isTrue ? "True" : "False"
            let isSame = old?["status"] == status
            var condition: JSONValue = [
                "type": .string(type), "status": status,
                "lastTransitionTime": isSame ? old?["lastTransitionTime"] ?? Self.time(now) : Self.time(now),
            ]
            if !isTrue, let reason { condition[path: "reason"] = .string(reason) }
            return condition
        }
    }

    private static func condition(_ type: String, _ pod: APIObject) -> JSONValue? {
        pod.status?["conditions"]?.array?.first { $0["type"]?.string == type }
    }

    private static func containerStart(_ pod: APIObject) -> Double? {
        pod.status?["containerStatuses"]?.array?.first?["state"]?["running"]?["startedAt"]?.string.flatMap(seconds)
    }

    static func seconds(_ text: String) -> Double? { RFC3339.seconds(text).map(Double.init) }

    static func time(_ seconds: Double) -> JSONValue { .string(RFC3339.text(seconds: Int64(seconds))) }
}
