import KubeAPI

/// Everything a scheduling decision reads, kept up to date change by change: the cost of a change does not depend on the
/// size of the cluster.
///
/// Nodes have places, small numbers that stay theirs; a place that is free is given anew.
public struct Cluster: Sendable {
    struct Placement: Sendable {
        let pod: Pod
        let node: String
    }

    private(set) var nodes: [NodeInfo] = []
    private(set) var places: [String: Int] = [:]
    private var freePlaces: [Int] = []
    /// Pods that have a node, also one that is not known (yet).
    private(set) var placements: [NamespacedName: Placement] = [:]
    /// Pods whose node is not known, by its name.
    private var homeless: [String: Set<NamespacedName>] = [:]
    private var order = NodeOrder()
    private var topology = TopologyIndex()
    private var queries = PodQueryIndex()
    private(set) var carriedTerms = CarriedTermIndex()
    private(set) var claimUses = ClaimUses()
    private var namespaces: [String: [String: String]] = [:]
    private(set) var nominations = Nominations()
    /// How many nodes have each image.
    private(set) var imageNodes: [String: Int] = [:]
    var storage = VolumeCatalogue()
    private(set) var companions = CompanionIndex()
    public var budgets: [NamespacedName: DisruptionBudget] = [:]

    public init() {}

    public var nodeCount: Int { places.count }
    public var podCount: Int { placements.count }

    // MARK: - Nodes

    /// A node is new or changed. True when it was not known.
    @discardableResult
    public mutating func set(_ node: NodeDescription) -> Bool {
        if let place = places[node.name] {
            let old = nodes[place].node
            countImages(old, by: -1)
            countImages(node, by: 1)
            if old.zone != node.zone { order.invalidate() }
            nodes[place].node = node
            if old.labels != node.labels { topology.set(node, at: place, of: nodes) }
            return false
        }
        let place: Int
        if let free = freePlaces.popLast() {
            place = free
            nodes[place] = NodeInfo(node)
        } else {
            place = nodes.count
            nodes.append(NodeInfo(node))
        }
        places[node.name] = place
        order.invalidate()
        countImages(node, by: 1)
        topology.set(node, at: place, of: nodes)
        for key in (homeless.removeValue(forKey: node.name) ?? []).sorted() {
            if let placement = placements[key] { attach(placement.pod, at: place) }
        }
        return true
    }

    /// What is known of a node.
    public func node(_ name: String) -> NodeDescription? { places[name].map { nodes[$0].node } }

    public mutating func removeNode(_ name: String) {
        guard let place = places.removeValue(forKey: name) else { return }
        for pod in Array(nodes[place].pods.values) {
            detach(pod, at: place)
            homeless[name, default: []].insert(pod.key)
        }
        countImages(nodes[place].node, by: -1)
        nodes[place] = NodeInfo(NodeDescription())
        topology.set(nodes[place].node, at: place, of: nodes)
        freePlaces.append(place)
        order.invalidate()
    }

    private mutating func countImages(_ node: NodeDescription, by change: Int) {
        for name in node.images.keys {
            let count = imageNodes[name, default: 0] + change
            imageNodes[name] = count > 0 ? count : nil
        }
    }

    /// The places of all nodes, zones taking turns, so that a part of them is spread too.
    mutating func orderedPlaces() -> [Int] { order.places(places, nodes) }

    // MARK: - Pods

    /// A pod has a node: it was bound, or it is assumed to be soon. Replaces what was known of the pod.
    public mutating func place(_ pod: Pod, on node: String) {
        remove(pod.key)
        placements[pod.key] = Placement(pod: pod, node: node)
        if let place = places[node] { attach(pod, at: place) } else { homeless[node, default: []].insert(pod.key) }
    }

    /// The pod is gone, finished, or not bound after all. The pod as it was.
    @discardableResult
    public mutating func remove(_ key: NamespacedName) -> Pod? {
        guard let placement = placements.removeValue(forKey: key) else { return nil }
        if let place = places[placement.node] {
            detach(placement.pod, at: place)
        } else {
            homeless[placement.node]?.remove(key)
            if homeless[placement.node]?.isEmpty == true { homeless[placement.node] = nil }
        }
        return placement.pod
    }

    /// A pod that has a node.
    func pod(_ key: NamespacedName) -> Pod? { placements[key]?.pod }

    /// The node of a pod that has one.
    public func nodeName(of key: NamespacedName) -> String? { placements[key]?.node }

    private mutating func attach(_ pod: Pod, at place: Int) {
        nodes[place].add(pod)
        index(pod, at: place, by: 1)
    }

    private mutating func detach(_ pod: Pod, at place: Int) {
        nodes[place].remove(pod)
        index(pod, at: place, by: -1)
    }

    private mutating func index(_ pod: Pod, at place: Int, by change: Int32) {
        queries.change(pod, namespaceLabels: labels(ofNamespace: pod.key.namespace), at: place, by: change)
        carriedTerms.change(pod, at: place, by: change)
        if !pod.claims.isEmpty { claimUses.change(pod, by: Int(change)) }
    }

    // MARK: - Questions

    mutating func domains(_ key: String) -> TopologyIndex.Domains {
        if let domains = topology.domains(key) { return domains }
        topology.index(key, of: nodes)
        return topology.domains(key) ?? TopologyIndex.Domains()
    }

    /// How many pods each node has that match. Walks all pods the first time that it is asked.
    mutating func counts(_ query: PodQuery) -> NodeCounts {
        if let counts = queries.counts(query) { return counts }
        var counts: NodeCounts = [:]
        for place in places.values {
            for pod in nodes[place].pods.values
            where query.matches(pod, namespaceLabels: labels(ofNamespace: pod.key.namespace)) {
                counts.change(place, by: 1)
            }
        }
        queries.remember(query, counts)
        return counts
    }

    // MARK: - Others

    func labels(ofNamespace name: String) -> [String: String] { namespaces[name] ?? [:] }

    /// nil when the namespace is gone.
    public mutating func setNamespace(_ name: String, labels: [String: String]?) {
        guard namespaces[name] != labels else { return }
        namespaces[name] = labels
        queries.forgetNamespaceSelectors()
    }

    public mutating func set(_ service: ServiceSelector) { companions.set(service) }
    public mutating func removeService(_ key: NamespacedName) { companions.removeService(key) }
    public mutating func set(_ controller: ControllerSelector, of kind: PodController.Kind) {
        companions.set(controller, of: kind)
    }
    public mutating func removeController(_ key: NamespacedName, of kind: PodController.Kind) {
        companions.removeController(key, of: kind)
    }

    /// A pod waits for room that its victims leave on a node.
    public mutating func nominate(_ pod: Pod, to node: String) { nominations.set(pod, to: node) }
    func nominatedNode(of key: NamespacedName) -> String? { nominations.node(of: key) }
    public mutating func withdrawNomination(_ key: NamespacedName) { nominations.remove(key) }
}
