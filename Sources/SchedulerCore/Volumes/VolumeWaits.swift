import ControlLoops
import KubeAPI

/// All pods that wait for their volumes.
struct VolumeWaits: Sendable {
    private struct Deadline: Sendable {
        let time: Int64
        let pod: NamespacedName
    }

    private var waits: [NamespacedName: VolumeWait] = [:]
    private var deadlines = PriorityHeap<Deadline> { $0.time < $1.time }
    /// Pods with an outcome, in the order in which they came to it.
    private var settled: [NamespacedName] = []

    mutating func add(_ binding: SchedulingMachine.Binding, deadline: Int64) {
        waits[binding.pod.key] = VolumeWait(binding, deadline: deadline)
        deadlines.insert(Deadline(time: deadline, pod: binding.pod.key))
    }

    mutating func remove(_ pod: NamespacedName) { waits[pod] = nil }

    /// True unless the pod, as it was, waits no more.
    mutating func markWritten(_ pod: Pod) -> Bool {
        guard waits[pod.key]?.binding.pod.uid == pod.uid else { return false }
        waits[pod.key]?.isWritten = true
        return true
    }

    /// Something that the pod's volumes depend on has changed.
    mutating func look(_ pod: NamespacedName, in cluster: Cluster) {
        guard var wait = waits[pod], wait.outcome == nil else { return }
        wait.look(at: cluster.storage, node: cluster.node(wait.binding.node))
        waits[pod] = wait
        if wait.outcome != nil { settled.append(pod) }
    }

    /// When the next pod has waited long enough.
    var nextDeadline: Int64? { deadlines.first?.time }

    /// The next pod that waits no more, and why.
    mutating func popSettled(now: Int64) -> (binding: SchedulingMachine.Binding, outcome: VolumeWait.Outcome)? {
        while let first = deadlines.first, first.time <= now {
            _ = deadlines.popFirst()
            guard let wait = waits[first.pod], wait.deadline == first.time, wait.outcome == nil else { continue }
            waits[first.pod]?.outcome = .failed("timed out waiting for the condition")
            settled.append(first.pod)
        }
        while !settled.isEmpty {
            // What is settled may have been removed meanwhile, and even added anew.
            let pod = settled.removeFirst()
            guard let wait = waits[pod], let outcome = wait.outcome else { continue }
            waits[pod] = nil
            return (wait.binding, outcome)
        }
        return nil
    }
}
