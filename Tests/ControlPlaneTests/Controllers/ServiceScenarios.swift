import TestPrograms
import TestThreads
import Testing

/// What controllers make of Services: endpoints, addresses of load balancers, and the IPAddresses beside them.
@Suite(.ownThread, .needs("kubectl"), .timeLimit(.minutes(30)))
struct ServiceScenarios {
    private static func pod(_ name: String, node: String) -> String {
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: \(name), labels: {app: web}, annotations: {apus.dev/simulate-stop-after: "4"}}
        spec: {nodeName: \(node), containers: [{name: c, image: web}]}
        """
    }

    private static func service(_ name: String, _ spec: String) -> String {
        "apiVersion: v1\nkind: Service\nmetadata: {name: \(name)}\nspec: {ports: [{port: 80}], \(spec)}"
    }

    private func slices(_ service: String, _ path: String) -> String {
        "get endpointslices -l kubernetes.io/service-name=\(service) -o 'jsonpath=\(path)'"
    }

    @Test func endpointsSayWhatTheirPodsAre() throws {
        let cluster = try Cluster(
            nodes: 2, manager: ["--max-endpoints-per-slice", "1"], agent: ["--zones", "east,west"])
        try cluster.eventually("get sa default -o name", is: "serviceaccount/default")
        let documents = [
            Self.pod("p0", node: "sim-0"), Self.pod("p1", node: "sim-1"),
            Self.service("near", "selector: {app: web}, trafficDistribution: PreferClose"),
            Self.service("bare", "selector: {app: web}, clusterIP: None"),
            Self.service("hand", "clusterIP: None"),
            """
            apiVersion: v1
            kind: Endpoints
            metadata: {name: hand}
            subsets: [{addresses: [{ip: 192.0.2.7}], ports: [{port: 80}]}]
            """,
        ]
        try cluster.kube("apply -f -", input: documents.joined(separator: "\n---\n"))
        // Each zone has its own; no slice is larger than asked for.
        try cluster.eventually(slices("near", "{.items[*].endpoints[*].hints.forZones[*].name}")) {
            Set($0.split(separator: " ")) == ["east", "west"]
        }
        try cluster.eventually(slices("near", "{.items[*].metadata.name}")) { $0.split(separator: " ").count == 2 }
        try cluster.eventually(
            "get endpointslices -l kubernetes.io/service-name=bare,service.kubernetes.io/headless -o name"
        ) { $0.split(separator: "\n").count == 2 }
        try cluster.eventually(slices("hand", "{.items[*].endpoints[*].addresses[*]}"), is: "192.0.2.7")
        // On its way out a pod still serves, but is not ready for what is new.
        let conditions =
            "{range .items[*].endpoints[*]}{.targetRef.name}:{.conditions.ready}/{.conditions.serving}/{.conditions.terminating} {end}"
        try cluster.kube("delete pod p0 --wait=false")
        try cluster.eventually(slices("bare", conditions)) { $0.contains("p0:false/true/true") }
        try cluster.eventually(slices("bare", conditions)) { $0.trimmed == "p1:true/true/false" }
        try cluster.kube("delete service bare near hand")
        try cluster.eventually("get endpointslices -o name") { names in
            !["bare", "near", "hand"].contains { names.contains($0) }
        }
        try cluster.eventually("get endpoints -o name") { !$0.contains("hand") }
    }

    @Test func loadBalancersGetAddresses() throws {
        let cluster = try Cluster(nodes: 0, manager: ["--load-balancer-pools", "192.0.2.10-192.0.2.11"])
        let documents = [
            Self.service("one", "type: LoadBalancer"), Self.service("two", "type: LoadBalancer"),
            Self.service("cloud", "type: LoadBalancer, loadBalancerClass: example.org/cloud"),
        ]
        try cluster.kube("apply -f -", input: documents.joined(separator: "\n---\n"))
        let given = "get services one two -o jsonpath={.items[*].status.loadBalancer.ingress[*].ip}"
        try cluster.eventually(given) { Set($0.split(separator: " ")) == ["192.0.2.10", "192.0.2.11"] }
        try #expect(cluster.kube("get service cloud -o jsonpath={.status.loadBalancer.ingress}").isEmpty)
        // More than there are nobody gets.
        try cluster.kube("apply -f -", input: Self.service("three", "type: LoadBalancer"))
        try cluster.eventually("describe service three") { $0.contains("no address is free in the pools") }
        try cluster.kube("delete service one --timeout=40s")
        try cluster.kube("patch service two --type=merge -p {\"spec\":{\"type\":\"ClusterIP\"}}")
        try cluster.eventually(
            "get service two -o jsonpath={.status.loadBalancer.ingress}{.metadata.finalizers}", is: "")
    }

    @Test func addressesAndServicesAreMadeToAgree() throws {
        let cluster = try Cluster(nodes: 0)
        try cluster.kube("create service clusterip web --tcp=80")
        let address = try cluster.kube("get service web -o jsonpath={.spec.clusterIP}")
        try #expect(cluster.kube("get ipaddress \(address) -o jsonpath={.spec.parentRef.name}") == "web")
        try cluster.kube("delete ipaddress \(address)")
        try cluster.eventually(
            "get ipaddress \(address) -o jsonpath={.spec.parentRef.name} --ignore-not-found", is: "web")
        try cluster.eventually("describe service web") {
            $0.contains("ClusterIPNotAllocated") && $0.contains("is not allocated; repairing")
        }
        // One that the Service does not have.
        let range = try cluster.kube("get servicecidr kubernetes -o jsonpath={.spec.cidrs[0]}")
        let prefix = range.split(separator: "/")[0].split(separator: ".").dropLast().joined(separator: ".")
        let free = try #require((2..<9).map { "\(prefix).\($0)" }.first { $0 != address })
        try cluster.kube(
            "apply -f -",
            input: """
                apiVersion: networking.k8s.io/v1
                kind: IPAddress
                metadata:
                  name: \(free)
                  labels:
                    ipaddress.kubernetes.io/managed-by: ipallocator.k8s.io
                    ipaddress.kubernetes.io/ip-family: IPv4
                spec: {parentRef: {resource: services, namespace: default, name: web}}
                """)
        try cluster.eventually("get ipaddress \(free) -o name --ignore-not-found", is: "")
        try cluster.kube("delete service web")
        try cluster.eventually("get ipaddress \(address) -o name --ignore-not-found", is: "")
    }
}

extension String {
    fileprivate var trimmed: String { split(separator: " ").joined(separator: " ") }
}
