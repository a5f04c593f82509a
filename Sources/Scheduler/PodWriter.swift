import KubeAPI
import KubeClient
import Logging
import NIOCore
import SchedulerCore

/// Writes decisions to the API server: bindings, conditions, nominations, evictions, events.
struct PodWriter: Sendable {
    let client: KubeClient
    /// By scheduler name, which the events bear.
    let recorders: [String: EventRecorder]
    let logger: Logger

    /// False when the server did not take it.
    func bind(_ binding: SchedulingMachine.Binding) async -> Bool {
        let pod = binding.pod
        let body: JSONValue = [
            "apiVersion": "v1", "kind": "Binding",
            "metadata": [
                "name": .string(pod.key.name), "namespace": .string(pod.key.namespace), "uid": .string(pod.uid),
            ],
            "target": ["apiVersion": "v1", "kind": "Node", "name": .string(binding.node)],
        ]
        let request = KubeRequest(
            .create, path: GroupVersionResource.pods.path(pod.key) + "/binding",
            body: ByteBuffer(bytes: JSONWriter.bytes(body)))
        do {
            _ = try await client.body(of: request)
        } catch {
            guard !Task.isCancelled else { return false }
            logger.warning("binding rejected", metadata: ["pod": "\(pod.key)", "error": "\(error)"])
            report(.warning, "FailedScheduling", "Scheduling", "binding rejected: \(error)", about: pod, by: pod)
            return false
        }
        report(
            .normal, "Scheduled", "Binding", "Successfully assigned \(pod.key) to \(binding.node)", about: pod,
            by: pod)
        return true
    }

    /// Condition PodScheduled=False, status.nominatedNodeName and the event FailedScheduling.
    func explain(_ refused: SchedulingMachine.Refused) async {
        let pod = refused.pod
        report(.warning, "FailedScheduling", "Scheduling", refused.message, about: pod, by: pod)
        let known = pod.scheduledCondition
        let isKnown = known?.status == "False" && known?.message == refused.message
        guard !isKnown || pod.nominatedNode != refused.nominatedNode else { return }
        var condition: JSONValue = [
            "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": .string(refused.message),
            "lastProbeTime": .null,
        ]
        if known?.status != "False" { condition[path: "lastTransitionTime"] = Self.timestamp }
        var status: JSONValue = ["conditions": .array([condition])]
        if pod.nominatedNode != refused.nominatedNode {
            status[path: "nominatedNodeName"] =
                refused.nominatedNode.isEmpty ? .null : .string(refused.nominatedNode)
        }
        await patchStatus(pod, status)
    }

    /// Deletes the victims with their grace; they say by whom they are preempted. Pods that waited for the same node
    /// are told that they do not any more. False when a victim stays.
    func evict(_ victims: Victims, for preemptor: Pod) async -> Bool {
        var isComplete = true
        for pod in victims.displaced { await patchStatus(pod, ["nominatedNodeName": .null]) }
        for victim in victims.pods where !victim.isTerminating {
            let text = "\(preemptor.schedulerName): preempting to accommodate a higher priority pod"
            await patchStatus(
                victim,
                [
                    "conditions": [
                        [
                            "type": "DisruptionTarget", "status": "True", "reason": "PreemptionByScheduler",
                            "message": .string(text), "lastTransitionTime": Self.timestamp,
                        ]
                    ]
                ])
            do {
                try await client.delete(.pods, victim.key, DeletionOptions(uid: victim.uid))
            } catch  where error.isNotFound || error.isConflict {
                // It is gone, or another has its name.
                continue
            } catch {
                logger.warning("victim not deleted", metadata: ["pod": "\(victim.key)", "error": "\(error)"])
                isComplete = false
                continue
            }
            report(
                .normal, "Preempted", "Preempting", "Preempted by pod \(preemptor.uid) on node \(victims.node)",
                about: victim, by: preemptor)
        }
        return isComplete
    }

    private func patchStatus(_ pod: Pod, _ status: JSONValue) async {
        do {
            try await client.patch(
                .pods, pod.key, .strategic, ["metadata": ["uid": .string(pod.uid)], "status": status],
                subresource: "status")
        } catch {
            logger.debug("status not written", metadata: ["pod": "\(pod.key)", "error": "\(error)"])
        }
    }

    private static var timestamp: JSONValue {
        .string(RFC3339.text(nanoseconds: WallClock.now(), .seconds))
    }

    func report(
        _ severity: EventReport.Severity, _ reason: String, _ action: String, _ note: String, about pod: Pod,
        by scheduled: Pod
    ) {
        recorders[scheduled.schedulerName]?.report(
            EventReport(
                severity: severity, reason: reason, action: action, note: note,
                regarding: .init(
                    apiVersion: "v1", kind: "Pod", namespace: pod.key.namespace, name: pod.key.name, uid: pod.uid)))
    }
}
