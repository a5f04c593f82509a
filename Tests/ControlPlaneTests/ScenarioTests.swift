import Foundation
import TestPrograms
import TestThreads
import Testing

enum Kubectl: String, CaseIterable, CustomTestStringConvertible {
    case installed = "kubectl"
    case old = "kubectl 1.20"

    var testDescription: String { rawValue }
    var program: String {
        self == .installed ? "kubectl" : PythonClients.root.path + "/.build/clients/debian/usr/bin/kubectl"
    }
    var isThere: Bool { Tool(program) != nil }
}

/// One day with kubectl, as the machine has it and as Debian had it six years ago.
@Suite(
    .ownThread, .needs("kubectl"), .needs("Debian's kubectl", from: "scripts/install-clients") { Kubectl.old.isThere },
    .timeLimit(.minutes(30)))
struct ScenarioTests {
    private static let workload = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, labels: {app: web}}
        spec:
          replicas: 2
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers:
              - name: main
                image: example.org/web:1
                ports: [{containerPort: 8080}]
                env: [{name: COLOUR, value: red}]
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web}
        spec:
          selector: {app: web}
          ports: [{name: http, port: 80, targetPort: 8080}]
        """

    private static let pod = """
        apiVersion: v1
        kind: Pod
        metadata: {name: lone}
        spec:
          containers: [{name: main, image: example.org/web:1}]
        """

    private static func plane(_ kubectl: Kubectl) throws -> ControlPlane {
        let plane = try ControlPlane()
        plane.client = kubectl.program
        try plane.kube("create serviceaccount default")
        return plane
    }

    @Test(arguments: Kubectl.allCases)
    func objectsAreAppliedShownAndDeleted(kubectl: Kubectl) throws {
        let plane = try Self.plane(kubectl)
        #expect(
            try plane.kube("apply -f -", input: Self.workload) == "deployment.apps/web created\nservice/web created")
        #expect(
            try plane.kube("apply -f -", input: Self.workload.replacing("value: red", with: "value: blue"))
                == "deployment.apps/web configured\nservice/web unchanged")
        let environment = "{.spec.template.spec.containers[0].env[*].value}"
        #expect(try plane.kube("get deploy web -o jsonpath='\(environment)'") == "blue")
        // The last one applied is what an apply compares with.
        let without = Self.workload.replacing("{name: COLOUR, value: red}", with: "{name: SIZE, value: x}")
        try plane.kube("set env deployment/web OTHER=1")
        try plane.kube("apply -f -", input: without)
        #expect(Set(try plane.kube("get deploy web -o jsonpath='\(environment)'").split(separator: " ")) == ["x", "1"])

        let wide = try plane.kube("get deploy,svc -o wide")
        #expect(
            wide.contains("CONTAINERS") && wide.contains("example.org/web:1") && wide.contains("app=web"), "\(wide)")
        #expect(wide.contains("CLUSTER-IP") && wide.contains("SELECTOR"))
        #expect(try plane.kube("get svc web -o yaml").contains("clusterIP: 10."))
        let document = try plane.kube("get svc web -o json")
        #expect(
            (try JSONSerialization.jsonObject(with: Data(document.utf8)) as? [String: Any])?["kind"] as? String
                == "Service")
        #expect(
            try plane.kube(
                "get deploy -o custom-columns=NAME:.metadata.name,IMAGE:.spec.template.spec.containers[0].image"
            )
            .contains("web    example.org/web:1"))
        #expect(try plane.kube("get svc --sort-by=.metadata.name -o name") == "service/kubernetes\nservice/web")
        #expect(try plane.kube("get deploy web --show-labels --no-headers").hasSuffix("app=web"))
        #expect(try plane.kube("get svc --field-selector metadata.name=web -o name") == "service/web")

        let description = try plane.kube("describe deployment web")
        #expect(description.contains("RollingUpdate") && description.contains("example.org/web:1"), "\(description)")
        #expect(try plane.kube("describe svc web").contains("Endpoints:"))
        #expect(try plane.kube("explain deployment.spec.strategy.rollingUpdate").contains("maxSurge"))

        let changed = try plane.kubectl().run(
            ["diff", "-f", "-"], input: Self.workload.replacing("replicas: 2", with: "replicas: 7"))
        #expect(changed.status == 1 && changed.output.contains("+  replicas: 7"), "\(changed)")
        #expect(try plane.kube("scale deploy web --replicas=3 --current-replicas=2") == "deployment.apps/web scaled")
        #expect(try plane.kube("set image deploy/web main=example.org/web:2") == "deployment.apps/web image updated")
        #expect(try plane.kube("rollout pause deploy/web") == "deployment.apps/web paused")
        #expect(try plane.kube("label deploy web tier=x") == "deployment.apps/web labeled")
        #expect(try plane.kube("label deploy web tier-").hasPrefix("deployment.apps/web "))
        #expect(try plane.kube("annotate deploy web note=x --overwrite") == "deployment.apps/web annotated")
        #expect(try plane.kube("autoscale deploy web --min=1 --max=5").contains("autoscaled"))
        #expect(try plane.kube("expose deploy web --name=two --port=81") == "service/two exposed")
        #expect(try plane.kube("delete svc/two hpa/web").split(separator: "\n").count == 2)
        #expect(try plane.kube("delete -f -", input: Self.workload).contains("\"web\" deleted"))
        #expect(
            try plane.refusal("get deploy web") == #"Error from server (NotFound): deployments.apps "web" not found"#)
    }

    @Test(arguments: Kubectl.allCases)
    func deletionCascadesAsItIsTold(kubectl: Kubectl) throws {
        let plane = try Self.plane(kubectl)
        let shown = "-o jsonpath='{.metadata.finalizers}{.metadata.deletionTimestamp}'"
        for (cascade, finalizer) in [("foreground", "foregroundDeletion"), ("orphan", "orphan")] {
            try plane.kube("apply -f -", input: Self.workload)
            try plane.kube("delete deploy web --cascade=\(cascade) --wait=false")
            let state = try plane.kube("get deploy web \(shown)")
            #expect(state.hasPrefix("[\"\(finalizer)\"]20"), "\(state)")
            // What the garbage collector does when dependents are gone.
            try plane.kube("patch deploy web --type=json -p '[{\"op\":\"remove\",\"path\":\"/metadata/finalizers\"}]'")
            #expect(try plane.refusal("get deploy web").contains("not found"))
        }
        try plane.kube("apply -f -", input: Self.workload)
        try plane.kube("delete deploy web --cascade=background")
        #expect(try plane.refusal("get deploy web").contains("not found"))

        try plane.kube("apply -f -", input: Self.pod)
        try plane.kube("delete pod lone --grace-period=0 --force")
        #expect(try plane.refusal("get pod lone").contains("not found"))
        for number in 0..<3 { try plane.kube("create configmap c\(number) --from-literal=a=1") }
        try plane.kube("label cm c0 c1 keep=no")
        try plane.kube("delete cm -l keep=no")
        #expect(try plane.kube("get cm -o name") == "configmap/c2")
        try plane.kube("delete cm --all")
        #expect(try plane.kube("get cm -o name") == "")
    }

    @Test(arguments: Kubectl.allCases)
    func podsAndNodesAreHandled(kubectl: Kubectl) throws {
        let plane = try Self.plane(kubectl)
        try plane.kube(
            "apply -f -",
            input: """
                {"apiVersion":"v1","kind":"Node","metadata":{"name":"n1","labels":{"kubernetes.io/hostname":"n1"}}}
                """)
        #expect(try plane.kube("get nodes --no-headers").hasPrefix("n1"))
        #expect(try plane.kube("cordon n1") == "node/n1 cordoned")
        #expect(try plane.kube("get node n1 --no-headers").contains("SchedulingDisabled"))
        #expect(try plane.kube("uncordon n1") == "node/n1 uncordoned")
        #expect(try plane.kube("taint node n1 a=b:NoSchedule") == "node/n1 tainted")
        #expect(try plane.kube("describe node n1").contains("a=b:NoSchedule"))
        #expect(try plane.kube("run one --image=example.org/web:1 --restart=Never") == "pod/one created")
        try plane.kube("apply -f -", input: Self.pod.replacing("spec:", with: "spec:\n  nodeName: n1"))
        let pods = try plane.kube("get pods -o wide")
        #expect(pods.contains("Pending") && pods.contains("NOMINATED NODE") && pods.contains("n1"), "\(pods)")
        #expect(try plane.kube("get pods --field-selector spec.nodeName=n1 -o name") == "pod/lone")
        #expect(try plane.kube("describe pod lone").contains("example.org/web:1"))
        let events = """
            {"apiVersion":"v1","kind":"Event","metadata":{"name":"e1"},"type":"Normal","reason":"Tried","message":"words",
            "involvedObject":{"kind":"Pod","namespace":"default","name":"lone"},"lastTimestamp":"2026-01-01T00:00:00Z"}
            """
        try plane.kube("create -f -", input: events)
        #expect(try plane.kube("get events --field-selector reason=Tried --no-headers").contains("words"))
        // Evicts over the eviction subresource; the Pod goes when the kubelet says so.
        let drain = try plane.kubectl().run(
            ["drain", "n1", "--force", "--grace-period=0", "--timeout=3s"], seconds: 30)
        #expect(drain.errors.contains("evicting pod") || drain.output.contains("evicting pod"), "\(drain)")
        try plane.kube("delete pod lone --ignore-not-found --grace-period=0 --force")
        #expect(
            try plane.kube("create quota q --hard=pods=1") == "resourcequota/q created")
        // As the quota's controller does.
        let quota = try plane.kube("get quota q -o json")
        try plane.kube(
            "replace --raw /api/v1/namespaces/default/resourcequotas/q/status -f -",
            input: quota.replacing(
                "\"status\": {}", with: "\"status\": {\"hard\": {\"pods\": \"1\"}, \"used\": {\"pods\": \"1\"}}"))
        #expect(try plane.refusal("run two --image=i --restart=Never").contains("exceeded quota: q"))
    }

    @Test(arguments: Kubectl.allCases)
    func accessAndFailuresAreTold(kubectl: Kubectl) throws {
        let plane = try Self.plane(kubectl)
        #expect(try plane.kube("auth can-i '*' '*'").hasSuffix("yes"))
        #expect(try plane.kubectl().run(["auth", "can-i", "list", "secrets", "--as=eve"]).output.hasPrefix("no"))
        try plane.kube("create clusterrole viewer --verb=get,list --resource=secrets,deployments.apps")
        try plane.kube("create clusterrolebinding viewer --clusterrole=viewer --group=readers")
        #expect(try plane.kube("auth can-i list secrets --as=eve --as-group=readers") == "yes")
        #expect(try plane.kube("auth can-i --list --as=eve --as-group=readers").contains("deployments.apps"))
        #expect(
            try plane.refusal("create secret generic s --from-literal=a=b --as=eve --as-group=readers")
                .contains(#"secrets is forbidden: User "eve" cannot create resource "secrets" in API group """#))
        let resources = try plane.kube("api-resources --verbs=list --namespaced -o name").split(separator: "\n")
        #expect(resources.contains("pods") && resources.contains("endpointslices.discovery.k8s.io"))
        #expect(try plane.kube("api-versions").contains("rbac.authorization.k8s.io/v1"))
        #expect(try plane.kube("cluster-info").contains("is running at"))
        #expect(try plane.kube("version").contains("v1.36"))
        #expect(
            try plane.refusal("apply -f -", input: Self.pod.replacing("containers:", with: "kontainers:"))
                .contains("kontainers"))
        let noImage = Self.pod.replacing(", image: example.org/web:1", with: "")
        #expect(
            try plane.refusal("create -f -", input: noImage)
                .contains("spec.containers[0].image: Required value"))
        let refused = try plane.refusal("patch svc kubernetes -p '{\"spec\":{\"clusterIP\":\"10.96.0.9\"}}'")
        #expect(refused.contains("spec.clusterIPs[0]: Invalid value"), "\(refused)")
        #expect(
            try plane.refusal("get pods nothing") == #"Error from server (NotFound): pods "nothing" not found"#)
        #expect(try plane.refusal("create namespace default").contains("AlreadyExists"))
        #expect(try plane.refusal("delete ns nowhere").contains(#"namespaces "nowhere" not found"#))
        #expect(try plane.refusal("get svc -l a=b=c").contains("found '=', expected: ',' or 'end of string'"))
        try plane.kube("create configmap a --from-literal=k=v")
        let stale = try plane.kube("get cm a -o yaml")
        try plane.kube("patch cm a -p '{\"data\":{\"k\":\"w\"}}'")
        #expect(
            try plane.refusal("replace -f -", input: stale).contains(
                #"Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again"#
            ))
        let lines = stale.split(separator: "\n").filter { !$0.contains("resourceVersion") && !$0.contains("uid:") }
        #expect(
            try plane.kube("replace --force -f -", input: lines.joined(separator: "\n"))
                == "configmap \"a\" deleted\nconfigmap/a replaced")
    }
}
