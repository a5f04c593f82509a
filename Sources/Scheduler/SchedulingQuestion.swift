import KubeAPI
import KubeClient
import KubeSchema
import SchedulerCore

/// Asks once, without scheduling anything: where would a pod go, and why?
public struct SchedulingQuestion: Sendable {
    public struct Answer: Sendable {
        public let pod: Pod
        public let decision: Decision
        public let obstacle: SchedulingMachine.Obstacle?

        public init(pod: Pod, decision: Decision, obstacle: SchedulingMachine.Obstacle? = nil) {
            self.pod = pod
            self.decision = decision
            self.obstacle = obstacle
        }

        /// One line: where it is or would go, or why nowhere.
        public var headline: String {
            let verdict =
                switch decision.outcome {
                case .place(let node): "\(node) is best"
                case .unschedulable(let diagnosis): diagnosis.message()
                }
            if let obstacle { return "\(pod.key): \(obstacle); otherwise: \(verdict)" }
            return pod.nodeName.isEmpty
                ? "\(pod.key): \(verdict)" : "\(pod.key) is on \(pod.nodeName); if it were new: \(verdict)"
        }

        public var json: JSONValue {
            var answer: JSONValue = [
                "pod": ["namespace": .string(pod.key.namespace), "name": .string(pod.key.name)]
            ]
            switch decision.outcome {
            case .place(let node): answer[path: "node"] = .string(node)
            case .unschedulable(let diagnosis): answer[path: "message"] = .string(diagnosis.message())
            }
            if let obstacle { answer[path: "obstacle"] = .string(obstacle.description) }
            if !pod.nodeName.isEmpty { answer[path: "currentNode"] = .string(pod.nodeName) }
            for member in decision.explanation.json.object?.members ?? [] { answer[path: member.key] = member.value }
            return answer
        }
    }

    private let client: KubeClient
    private let configuration: SchedulerConfiguration

    public init(client: KubeClient, configuration: SchedulerConfiguration) {
        self.client = client
        self.configuration = configuration
    }

    /// nil when there is no such pod.
    public func ask(_ key: NamespacedName) async throws(ClientError) -> Answer? {
        var machine = SchedulingMachine(configuration: configuration, seed: 0)
        for namespace in try await values(.namespaces, NamespaceLabels.self) {
            machine.setNamespace(namespace.key.name, labels: namespace.value.labels, now: 0)
        }
        for node in try await values(.nodes, NodeDescription.self) { machine.set(node.value, now: 0) }
        for storageClass in try await values(.storageClasses, StorageClass.self) {
            machine.set(storageClass.value, now: 0)
        }
        for volume in try await values(.persistentVolumes, PersistentVolume.self) { machine.set(volume.value, now: 0) }
        for claim in try await values(.persistentVolumeClaims, PersistentVolumeClaim.self) {
            machine.set(claim.value, now: 0)
        }
        for node in try await values(.csiNodes, VolumeLimits.self) {
            machine.set(node.value, ofNode: node.key.name, now: 0)
        }
        for service in try await values(.services, ServiceSelector.self) { machine.set(service.value) }
        for kind in PodController.Kind.allCases {
            for controller in try await values(kind.resource, ControllerSelector.self) {
                machine.set(controller.value, of: kind)
            }
        }
        let pods = try await values(.pods, Pod.self)
        for pod in pods { machine.set(pod.value, now: 0) }
        guard let pod = pods.first(where: { $0.key == key })?.value else { return nil }
        return Answer(pod: pod, decision: machine.explain(pod), obstacle: machine.obstacle(to: pod))
    }

    private func values<Value: SchedulingInput>(
        _ resource: GroupVersionResource, _ type: Value.Type
    ) async throws(ClientError) -> [Watched<Value>] {
        try await client.list(ResourceSelection(resource), as: Watched<Value>.self).objects
    }
}
