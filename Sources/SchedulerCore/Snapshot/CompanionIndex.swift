import KubeAPI
import KubeSchema

/// Which pods a pod belongs to, by the Services and the controller that select it: what default spread constraints count.
struct CompanionIndex: Sendable {
    private struct Pair: Hashable {
        let namespace: String
        let key: String
        let value: String
    }

    /// By one pair of their selector, so that a pod finds its Services by its own labels.
    private var services: [Pair: [NamespacedName: ServiceSelector]] = [:]
    private var pairs: [NamespacedName: Pair] = [:]
    private var controllers: [PodController.Kind: [NamespacedName: ControllerSelector]] = [:]

    mutating func set(_ service: ServiceSelector) {
        removeService(service.key)
        guard let first = service.labels.min(by: { $0.key < $1.key }) else { return }
        let pair = Pair(namespace: service.key.namespace, key: first.key, value: first.value)
        pairs[service.key] = pair
        services[pair, default: [:]][service.key] = service
    }

    mutating func removeService(_ key: NamespacedName) {
        guard let pair = pairs.removeValue(forKey: key) else { return }
        services[pair]?[key] = nil
        if services[pair]?.isEmpty == true { services[pair] = nil }
    }

    mutating func set(_ controller: ControllerSelector, of kind: PodController.Kind) {
        controllers[kind, default: [:]][controller.key] = controller
    }

    mutating func removeController(_ key: NamespacedName, of kind: PodController.Kind) {
        controllers[kind]?[key] = nil
    }

    /// What all of them select together, as upstream's DefaultSelector; nil when nothing selects the pod.
    func selector(for pod: Pod) -> LabelSelector? {
        var selectors: [LabelSelector] = []
        if !services.isEmpty {
            for (key, value) in pod.labels {
                let pair = Pair(namespace: pod.key.namespace, key: key, value: value)
                for service in (services[pair] ?? [:]).values where service.matches(pod.labels) {
                    selectors.append(service.selector)
                }
            }
        }
        if let owner = pod.controller,
            let known = controllers[owner.kind]?[NamespacedName(namespace: pod.key.namespace, name: owner.name)],
            known.uid == owner.uid
        {
            selectors.append(known.selector)
        }
        guard let first = selectors.first else { return nil }
        let all = selectors.dropFirst().reduce(first) { $0.and($1) }
        return all.isEverything ? nil : all
    }
}
