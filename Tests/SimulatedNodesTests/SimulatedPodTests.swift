import KubeAPI
import Testing

@testable import SimulatedNodes

@Suite struct SimulatedPodTests {
    /// Seconds since 1970 at which every pod here was bound, or began to run.
    private static let start = 1_800_000_000.0

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var annotations: [String: String] = [:]
        var spec: [String: JSONValue] = [:]
        /// nil of a pod that was only bound.
        var phase: String?
        var isReady = false
        /// Seconds before `start + after` that its deletion was asked for; nil of one that stays.
        var deletedAt: Double?
        /// When it is looked at, after `start`.
        let after: Double
        let step: Expected

        init(
            _ description: String, _ annotations: [String: String] = [:], spec: [String: JSONValue] = [:],
            phase: String? = nil, isReady: Bool = false, deletedAt: Double? = nil, after: Double, _ step: Expected
        ) {
            testDescription = description
            self.annotations = annotations
            self.spec = spec
            self.phase = phase
            self.isReady = isReady
            self.deletedAt = deletedAt
            self.after = after
            self.step = step
        }
    }

    enum Expected: Sendable, Hashable {
        /// Phase, Ready, the first container's exit code, and why.
        case report(String, ready: Bool, exit: Int64? = nil, reason: String? = nil)
        case remove
        case wait(Double)
        case nothing
    }

    static let cases: [Case] = [
        Case("runs and is ready at once", after: 0, .report("Running", ready: true)),
        Case("waits to start", ["start-after": "5"], after: 2, .wait(3)),
        Case("starts when its time has come", ["start-after": "5"], after: 5, .report("Running", ready: true)),
        Case("is not ready at first", ["ready-after": "4"], after: 0, .report("Running", ready: false)),
        Case("is never ready", ["ready": "false"], after: 0, .report("Running", ready: false)),
        Case("stays unready", ["ready": "false"], phase: "Running", after: 99, .nothing),
        Case("waits to be ready", ["ready-after": "4"], phase: "Running", after: 1, .wait(3)),
        Case("becomes ready", ["ready-after": "4"], phase: "Running", after: 4, .report("Running", ready: true)),
        Case("runs for ever", phase: "Running", isReady: true, after: 9999, .nothing),
        Case(
            "always restarted, it never ends", spec: ["restartPolicy": "Always"], phase: "Running", isReady: true,
            after: 9, .nothing),
        Case(
            "never restarted, it ends at once", spec: ["restartPolicy": "Never"], phase: "Running", isReady: true,
            after: 0, .report("Succeeded", ready: false, exit: 0)),
        Case("waits for its end", ["run-for": "10"], phase: "Running", isReady: true, after: 4, .wait(6)),
        Case(
            "ends before it is ready", ["run-for": "3", "ready-after": "9"], phase: "Running", after: 1, .wait(2)),
        Case(
            "succeeds", ["run-for": "10"], phase: "Running", isReady: true, after: 10,
            .report("Succeeded", ready: false, exit: 0)),
        Case(
            "fails", ["phase": "Failed"], phase: "Running", isReady: true, after: 0,
            .report("Failed", ready: false, exit: 1)),
        Case(
            "fails by its exit code", ["run-for": "1", "exit-code": "42"], phase: "Running", isReady: true, after: 1,
            .report("Failed", ready: false, exit: 42)),
        Case("stays ended", ["run-for": "1"], phase: "Succeeded", after: 50, .nothing),
        Case(
            "waits for its deadline", spec: ["activeDeadlineSeconds": 3], phase: "Running", isReady: true, after: 1,
            .wait(2)),
        Case(
            "is killed at its deadline", spec: ["activeDeadlineSeconds": 3], phase: "Running", isReady: true, after: 3,
            .report("Failed", ready: false, exit: 137, reason: "DeadlineExceeded")),
        Case(
            "ends before its deadline", ["run-for": "2"], spec: ["activeDeadlineSeconds": 3], phase: "Running",
            isReady: true, after: 5, .report("Succeeded", ready: false, exit: 0)),
        Case("goes when it is deleted", phase: "Running", isReady: true, deletedAt: 5, after: 5, .remove),
        Case(
            "takes its time to go", ["stop-after": "4"], phase: "Running", isReady: true, deletedAt: 5, after: 6,
            .wait(3)),
        Case(
            "goes when its time is over", ["stop-after": "4"], phase: "Running", isReady: true, deletedAt: 5,
            after: 9, .remove),
    ]

    @Test(arguments: cases) func itDoesWhatItsAnnotationsSay(_ one: Case) throws {
        let pod = try Self.pod(one)
        let next = SimulatedPod(
            pod, addresses: ["10.0.0.7", "fd00::7"], nodeAddress: "172.16.0.1", now: Self.start + one.after
        ).next
        #expect(Self.read(next) == one.step)
        guard case .report(let status) = next, one.phase == nil else { return }
        #expect(status["podIP"] == "10.0.0.7" && status["podIPs"] == [["ip": "10.0.0.7"], ["ip": "fd00::7"]])
        #expect(status["startTime"] == SimulatedPod.time(Self.start + one.after))
    }

    private static func pod(_ one: Case) throws -> APIObject {
        var spec: JSONValue = ["nodeName": "n", "containers": [["name": "c", "image": "x"]]]
        for (field, value) in one.spec { spec[path: field] = value }
        var metadata: JSONValue = ["name": "p", "namespace": "n"]
        for (name, value) in one.annotations {
            metadata[path: "annotations", SimulatedPod.prefix + name] = .string(value)
        }
        if let deleted = one.deletedAt {
            // The end of the grace period.
            metadata[path: "deletionTimestamp"] = SimulatedPod.time(start + deleted + 30)
            metadata[path: "deletionGracePeriodSeconds"] = 30
        }
        let began = SimulatedPod.time(start)
        var conditions: [JSONValue] = [["type": "PodScheduled", "status": "True", "lastTransitionTime": began]]
        var status: JSONValue = ["phase": .string(one.phase ?? "Pending")]
        if one.phase != nil {
            conditions.append(["type": "Ready", "status": one.isReady ? "True" : "False"])
            status[path: "startTime"] = began
            status[path: "containerStatuses"] = [["name": "c", "state": ["running": ["startedAt": began]]]]
        }
        status[path: "conditions"] = .array(conditions)
        return try APIObject(json: [
            "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status,
        ])
    }

    private static func read(_ step: SimulatedPod.Step) -> Expected {
        switch step {
        case .remove: return .remove
        case .wait(let seconds): return .wait(seconds.rounded())
        case .nothing: return .nothing
        case .report(let status):
            let ready = status["conditions"]?.array?.first { $0["type"] == "Ready" }
            let container = status["containerStatuses"]?.array?.first?["state"]
            return .report(
                status["phase"]?.string ?? "", ready: ready?["status"] == "True",
                exit: container?["terminated"]?["exitCode"]?.integer, reason: status["reason"]?.string)
        }
    }
}
