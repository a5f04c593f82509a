import KubeAPI

/// A pod's status as the API shows it, computed from a worker's picture; words and rules are kubelet's
/// (pkg/kubelet/kubelet_pods.go, status/generate.go).
public struct PodStatus: Sendable, Hashable {
    /// What of the node stands in it.
    public struct Node: Sendable, Hashable {
        /// The main address first.
        public var addresses: [String]
        /// The scheme of container ids, such as `runc`.
        public var runtime: String

        public init(addresses: [String], runtime: String) {
            self.addresses = addresses
            self.runtime = runtime
        }
    }

    enum Phase: String {
        case pending = "Pending", running = "Running", succeeded = "Succeeded", failed = "Failed"
        var isTerminal: Bool { self == .succeeded || self == .failed }
    }

    public static let fields: [ContainerDeclaration.Role: String] = [
        .initial: "initContainerStatuses", .main: "containerStatuses", .ephemeral: "ephemeralContainerStatuses",
    ]

    /// What the object says of a container so far.
    static func known(_ container: ContainerDeclaration, in pod: PodDeclaration) -> JSONValue? {
        guard let field = fields[container.role] else { return nil }
        return pod.object.status?[field]?.array?.first { $0["name"]?.string == container.name }
    }

    static func time(_ nanoseconds: Int64) -> JSONValue { .string(RFC3339.text(nanoseconds: nanoseconds, .seconds)) }

    /// `status` as a strategic merge patch that leaves nothing of what was there before: fields that are no more, and
    /// addresses, which such a patch would only add to.
    public static func patch(_ status: JSONValue) -> JSONValue {
        var patch = status
        for field in ["podIP", "podIPs", "reason", "message"] where status[field] == nil { patch[path: field] = .null }
        for field in ["podIPs", "hostIPs"] {
            if let list = status[field]?.array { patch[path: field] = .array(list + [["$patch": "replace"]]) }
        }
        patch[path: "conditions"] = .array(
            (status["conditions"]?.array ?? []).map { condition in
                var condition = condition
                for field in ["reason", "message"] where condition[field] == nil { condition[path: field] = .null }
                return condition
            })
        return patch
    }
}

extension PodWorker {
    /// The status, when it is another than the last.
    public mutating func report(on node: PodStatus.Node, now: Int64) -> JSONValue? {
        let status = status(on: node, now: now)
        guard status != reported else { return nil }
        reported = status
        return status
    }

    /// The whole status. Conditions that others own are not in it; times of conditions that did not change are kept.
    public borrowing func status(on node: PodStatus.Node, now: Int64) -> JSONValue {
        let phase = phase
        var status: JSONValue = [
            "phase": .string(phase.rawValue),
            "conditions": .array(conditions(phase, now)),
            "startTime": declaration.object.status?["startTime"] ?? reported?["startTime"] ?? PodStatus.time(startedAt),
            "qosClass": .string(QualityOfService(declaration).rawValue),
        ]
        if let main = node.addresses.first {
            status[path: "hostIP"] = .string(main)
            status[path: "hostIPs"] = .array(node.addresses.map { ["ip": .string($0)] })
        }
        let addresses = declaration.usesHostNetwork ? node.addresses : addresses
        if let main = addresses.first {
            status[path: "podIP"] = .string(main)
            status[path: "podIPs"] = .array(addresses.map { ["ip": .string($0)] })
        }
        if let failure {
            status[path: "reason"] = .string(failure.reason)
            status[path: "message"] = .string(failure.message)
        }
        for (role, field) in PodStatus.fields where !isRejected {
            let list = containers.filter { $0.declaration.role == role }
            if !list.isEmpty { status[path: field] = .array(list.map { containerStatus($0, node, now) }) }
        }
        return status
    }

    // MARK: - Phase

    var phase: PodStatus.Phase {
        if let verdict { return verdict }
        if failure != nil, isQuiet { return .failed }
        let initial = containers.filter { $0.declaration.role == .initial && !$0.declaration.isSidecar }
        if initial.contains(where: { $0.outcome.map { $0.exitCode != 0 } ?? false && !restarts($0) }) { return .failed }
        let main = containers.filter { $0.declaration.role == .main }
        let isInitialized = initial.allSatisfy { $0.outcome?.exitCode == 0 } || main.contains { $0.lastOutcome != nil }
        var running = 0, stopped = 0, succeeded = 0, waiting = 0
        for container in main {
            if container.instance != nil {
                running += 1
            } else if let outcome = container.lastOutcome {
                stopped += 1
                if outcome.exitCode == 0 { succeeded += 1 }
            } else {
                waiting += 1
            }
        }
        if !isInitialized && running == 0 || waiting > 0 { return isTerminating && isQuiet ? .failed : .pending }
        if running > 0 { return .running }
        // What is being deleted has ended when its containers have.
        if isTerminating || main.allSatisfy({ $0.outcome != nil && !restarts($0) }) {
            return stopped == succeeded ? .succeeded : .failed
        }
        return .running
    }

    private var isQuiet: Bool { containers.allSatisfy { $0.instance == nil && !$0.isBusy } }

    // MARK: - Conditions

    private func conditions(_ phase: PodStatus.Phase, _ now: Int64) -> [JSONValue] {
        var list = [
            condition("PodReadyToStartContainers", sandbox == .done && ending == nil, now: now)
        ]
        let initial = containers.filter { $0.declaration.role == .initial }
        let uninitialized = initial.filter { container in
            container.declaration.isSidecar
                ? !(container.instance?.isStarted ?? (container.lastOutcome != nil))
                : container.outcome?.exitCode != 0
        }
        let isInitialized = uninitialized.isEmpty || phase == .succeeded
        list.append(
            condition(
                "Initialized", isInitialized, isInitialized ? "" : "ContainersNotInitialized",
                "containers with incomplete status: [\(names(uninitialized))]", now: now))
        let unready = containers.filter {
            ($0.declaration.role == .main || $0.declaration.isSidecar) && !($0.instance?.isReady ?? false)
        }
        var reason = unready.isEmpty ? "" : "ContainersNotReady"
        if phase == .succeeded { reason = "PodCompleted" }
        if phase == .failed { reason = "PodFailed" }
        let message = phase.isTerminal ? "" : "containers with unready status: [\(names(unready))]"
        let areReady = unready.isEmpty && !phase.isTerminal
        let missing = areReady ? missingGates : []
        list.append(
            condition(
                "Ready", areReady && missing.isEmpty, areReady ? "ReadinessGatesNotReady" : reason,
                areReady ? missing.joined(separator: ", ") : message, now: now))
        list.append(condition("ContainersReady", areReady, reason, message, now: now))
        list.append(condition("PodScheduled", true, now: now))
        return list
    }

    private func names(_ containers: [ContainerProgress]) -> String {
        containers.map(\.declaration.name).joined(separator: " ")
    }

    private var missingGates: [String] {
        declaration.readinessGates.filter { known(condition: $0)?["status"]?.string != "True" }.map {
            "corresponding condition of pod readiness gate \"\($0)\" does not exist or is not True."
        }
    }

    /// What was said of it last, here or by another.
    private func known(condition type: String) -> JSONValue? {
        for status in [reported, declaration.object.status] {
            if let found = status?["conditions"]?.array?.first(where: { $0["type"]?.string == type }) { return found }
        }
        return nil
    }

    /// Reason and message are for what is not so.
    private func condition(
        _ type: String, _ isTrue: Bool, _ reason: String = "", _ message: String = "", now: Int64
    ) -> JSONValue {
        let known = known(condition: type)
        let status: JSONValue = isTrue ? "True" : "False"
        var condition: JSONValue = [
            "type": .string(type), "status": status,
            "lastProbeTime": .null,
            "lastTransitionTime": known?["status"] == status
                ? known?["lastTransitionTime"] ?? PodStatus.time(now) : PodStatus.time(now),
        ]
        if !isTrue, !reason.isEmpty { condition[path: "reason"] = .string(reason) }
        if !isTrue, !message.isEmpty { condition[path: "message"] = .string(message) }
        return condition
    }

    // MARK: - Containers

    private func containerStatus(_ container: ContainerProgress, _ node: PodStatus.Node, _ now: Int64) -> JSONValue {
        let life = container.instance ?? lastLife(container)?.0
        var status: JSONValue = [
            "name": .string(container.declaration.name), "image": .string(container.declaration.image),
            "imageID": .string(container.imageID), "restartCount": .integer(container.restarts),
            "ready": .bool(isReady(container)), "started": .bool(container.instance?.isStarted ?? false),
        ]
        if let life { status[path: "containerID"] = .string("\(node.runtime)://\(life.id)") }
        let (state, last) = states(container, node, now)
        status[path: "state"] = state
        status[path: "lastState"] = last ?? .emptyObject
        return status
    }

    /// An initial container is ready once it has succeeded.
    private func isReady(_ container: ContainerProgress) -> Bool {
        if container.declaration.role == .initial, !container.declaration.isSidecar {
            return container.outcome?.exitCode == 0
        }
        return container.instance?.isReady ?? false
    }

    private func lastLife(_ container: ContainerProgress) -> (ContainerInstance, ContainerOutcome)? {
        if case .ended(let instance, let outcome) = container.phase { return (instance, outcome) }
        return container.previous
    }

    private func states(
        _ container: ContainerProgress, _ node: PodStatus.Node, _ now: Int64
    ) -> (state: JSONValue, last: JSONValue?) {
        let previous = container.previous.map { terminated($0, node) }
        switch container.phase {
        case .running(let instance):
            return (["running": ["startedAt": PodStatus.time(instance.startedAt)]], previous)
        case .preparingImage, .starting:
            if let trouble = container.trouble { return (waiting(trouble.reason, trouble.message), previous) }
            // Until the next life begins the last one is what there is.
            if let previous { return (previous, nil) }
            let hasInitial = containers.contains { $0.declaration.role == .initial }
            return (waiting(Self.firstReason(container.declaration, hasInitial), ""), nil)
        case .waiting(let reason, let message):
            if let setupFailure, ["ContainerCreating", "PodInitializing"].contains(reason), container.restarts == 0 {
                return (waiting(reason, setupFailure.message), previous)
            }
            return (waiting(reason, message), previous)
        case .ended(let instance, let outcome):
            let life = terminated((instance, outcome), node)
            guard !isTerminating, restarts(container), container.notBefore > now else { return (life, previous) }
            let text =
                "back-off \(container.backoff.text) restarting failed container=\(container.declaration.name) "
                + "pod=\(fullName)"
            return (waiting("CrashLoopBackOff", text), life)
        }
    }

    private func waiting(_ reason: String, _ message: String) -> JSONValue {
        var waiting: JSONValue = ["reason": .string(reason)]
        if !message.isEmpty { waiting[path: "message"] = .string(message) }
        return ["waiting": waiting]
    }

    private func terminated(_ life: (ContainerInstance, ContainerOutcome), _ node: PodStatus.Node) -> JSONValue {
        let (instance, outcome) = life
        var state: JSONValue = [
            "exitCode": .integer(Int64(outcome.exitCode)), "reason": .string(outcome.reason),
            "startedAt": PodStatus.time(instance.startedAt), "finishedAt": PodStatus.time(outcome.finishedAt),
            "containerID": .string("\(node.runtime)://\(instance.id)"),
        ]
        if outcome.signal != 0 { state[path: "signal"] = .integer(Int64(outcome.signal)) }
        if !outcome.message.isEmpty {
            // All messages of a pod together.
            let share = (12 << 10) / max(1, containers.count)
            state[path: "message"] = .string(String(decoding: outcome.message.utf8.prefix(share), as: UTF8.self))
        }
        return ["terminated": state]
    }
}
