import TestPrograms
import TestThreads
import Testing

/// Disruption budgets, aggregated roles, and ranges of service addresses.
@Suite(.ownThread, .needs("kubectl"), .timeLimit(.minutes(30)))
struct PolicyScenarios {
    @Test func aDrainWaitsForTheBudget() throws {
        let cluster = try Cluster(nodes: 2, scheduler: true)
        try cluster.kube("create deployment web --image=web --replicas=4")
        try cluster.kube("rollout status deploy/web --timeout=120s")
        try cluster.kube("create pdb web --selector=app=web --min-available=3")
        let status =
            "get pdb web -o jsonpath={.status.currentHealthy}/{.status.desiredHealthy}/{.status.disruptionsAllowed}"
        try cluster.eventually(status, is: "4/3/1")
        // Pods that come in place of those evicted find no node: the second eviction is refused.
        try cluster.kube("cordon sim-1")
        try cluster.kube("delete pods -l app=web --field-selector spec.nodeName=sim-1")
        try cluster.eventually("get pods -o jsonpath={.items[*].spec.nodeName}", is: "sim-0 sim-0 sim-0 sim-0")
        try #expect(
            cluster.plane.refusal("drain sim-0 --timeout=4s --force --ignore-daemonsets").contains("disruption budget"))
        try cluster.eventually(status, is: "3/3/0")
        try #expect(
            cluster.kube("get pods --field-selector status.phase=Running -o name").split(separator: "\n").count >= 3)
        // With room elsewhere it comes to its end.
        try cluster.kube("uncordon sim-1")
        try cluster.kube("drain sim-0 --timeout=90s --force --ignore-daemonsets")
        try cluster.eventually(status, is: "4/3/1")
        try cluster.eventually("get pods -o jsonpath={.items[*].spec.nodeName}", is: "sim-1 sim-1 sim-1 sim-1")
    }

    /// How many pods an object of a custom kind wants, its scale subresource says.
    @Test func aBudgetAsksOwnersOfAnyKind() throws {
        let cluster = try Cluster(nodes: 1)
        let definition = """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: fleets.example.org}
            spec:
              group: example.org
              scope: Namespaced
              names: {plural: fleets, singular: fleet, kind: Fleet}
              versions:
              - name: v1
                served: true
                storage: true
                schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
                subresources:
                  scale: {specReplicasPath: .spec.size, statusReplicasPath: .status.size}
            """
        try cluster.kube("create -f -", input: definition)
        try cluster.kube("wait crd/fleets.example.org --for=condition=Established --timeout=60s")
        try cluster.kube(
            "create -f -", input: "apiVersion: example.org/v1\nkind: Fleet\nmetadata: {name: f}\nspec: {size: 4}")
        let uid = try cluster.kube("get fleet f -o jsonpath={.metadata.uid}")
        try cluster.eventually("get sa default -o name", is: "serviceaccount/default")
        for number in 0..<3 {
            let pod = """
                apiVersion: v1
                kind: Pod
                metadata:
                  name: car-\(number)
                  labels: {fleet: f}
                  ownerReferences: [{apiVersion: example.org/v1, kind: Fleet, name: f, uid: \(uid), controller: true}]
                spec: {nodeName: sim-0, containers: [{name: c, image: car}]}
                """
            try cluster.kube("create -f -", input: pod)
        }
        try cluster.kube("create pdb fleet --selector=fleet=f --max-unavailable=1")
        try cluster.eventually(
            "get pdb fleet -o jsonpath={.status.currentHealthy}/{.status.desiredHealthy}/{.status.expectedPods}",
            is: "3/3/4")
    }

    @Test func rolesAreMadeOfOthers() throws {
        let cluster = try Cluster(nodes: 0)
        let all = """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: {name: watcher}
            aggregationRule: {clusterRoleSelectors: [{matchLabels: {watcher: "yes"}}]}
            rules: []
            """
        try cluster.kube("apply -f -", input: all)
        for resource in ["pods", "services"] {
            try cluster.kube("create clusterrole see-\(resource) --verb=watch --resource=\(resource)")
            try cluster.kube("label clusterrole see-\(resource) watcher=yes")
        }
        let rules = "get clusterrole watcher -o jsonpath={.rules[*].resources[*]}"
        try cluster.eventually(rules, is: "pods services")
        try cluster.kube("delete clusterrole see-pods")
        try cluster.eventually(rules, is: "services")
        // The roles that everyone has are made of others too.
        try cluster.eventually("get clusterrole view -o jsonpath={.rules[*].resources[*]}") {
            $0.contains("configmaps")
        }
    }

    @Test func aRangeOfServiceAddressesStaysWhileItIsInUse() throws {
        let cluster = try Cluster(nodes: 0)
        let ready = "get servicecidr kubernetes -o jsonpath={.status.conditions[?(@.type==\"Ready\")].status}"
        try cluster.eventually(ready, is: "True")
        try cluster.kube("delete servicecidr kubernetes --wait=false")
        try cluster.eventually(ready, is: "False")
        let range = try cluster.kube("get servicecidr kubernetes -o jsonpath={.spec.cidrs[0]}")
        // Another range that has its addresses lets it go.
        try cluster.kube(
            "apply -f -",
            input: """
                apiVersion: networking.k8s.io/v1
                kind: ServiceCIDR
                metadata: {name: same}
                spec: {cidrs: ["\(range)"]}
                """)
        try cluster.eventually("get servicecidr kubernetes -o name --ignore-not-found", is: "")
    }
}
