import Foundation
import Glibc
import KubeAPI
import TestPrograms
import TestThreads
import Testing

/// Stock kubectl against `apus apiserver`.
@Suite(.ownThread, .needs("kubectl"), .timeLimit(.minutes(30)))
struct KubectlTests {
    private static let service = """
        apiVersion: v1
        kind: Service
        metadata:
          name: web
          labels: {app: web}
        spec:
          selector: {app: web}
          ports:
          - {name: http, port: 80, targetPort: 8080}
        """

    private static let deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          replicas: 2
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers:
              - {name: main, image: "example.org/web:1"}
        """

    @Test func objectsAreCreatedShownChangedAndDeleted() throws {
        let plane = try ControlPlane()
        #expect(try plane.kube("create configmap colors --from-literal=a=red") == "configmap/colors created")
        #expect(try plane.kube("get configmap colors -o jsonpath='{.data.a}'") == "red")
        #expect(try plane.kube("get cm colors -o name") == "configmap/colors")
        #expect(try plane.kube("label cm colors tier=front") == "configmap/colors labeled")
        #expect(try plane.kube("annotate cm colors note=x") == "configmap/colors annotated")
        #expect(try plane.kube("get cm -l tier=front -o custom-columns=N:.metadata.name --no-headers") == "colors")
        #expect(
            try plane.kube("patch cm colors --type=merge -p '{\"data\":{\"b\":\"blue\"}}'")
                == "configmap/colors patched")
        #expect(
            try plane.kube("patch cm colors --type=json -p '[{\"op\":\"remove\",\"path\":\"/data/a\"}]'")
                == "configmap/colors patched")
        #expect(try plane.kube("patch cm colors -p '{\"data\":{\"c\":\"cyan\"}}'") == "configmap/colors patched")
        #expect(try plane.kube("get cm colors -o jsonpath='{.data}'") == #"{"b":"blue","c":"cyan"}"#)
        #expect(try plane.kube("get cm colors -o yaml").contains("kind: ConfigMap"))
        #expect(try plane.kube("describe cm colors").contains("blue"))
        #expect(try plane.kube("delete cm colors").contains("\"colors\" deleted"))
        #expect(
            try plane.refusal("get cm colors") == #"Error from server (NotFound): configmaps "colors" not found"#)
    }

    @Test func applyMergesOnBothSides() throws {
        let plane = try ControlPlane()
        #expect(try plane.kube("apply -f -", input: Self.deployment) == "deployment.apps/web created")
        #expect(try plane.kube("apply -f -", input: Self.deployment) == "deployment.apps/web unchanged")
        let more = Self.deployment.replacing("replicas: 2", with: "replicas: 3")
        #expect(try plane.kube("diff -f -", input: Self.deployment) == "")
        #expect(try plane.kube("apply -f -", input: more) == "deployment.apps/web configured")
        #expect(try plane.kube("scale deployment web --replicas=5") == "deployment.apps/web scaled")
        #expect(try plane.kube("get deployment web -o jsonpath='{.spec.replicas} {.metadata.generation}'") == "5 3")
        #expect(
            try plane.kube("get deployment web")
                .contains("NAME   READY   UP-TO-DATE   AVAILABLE   AGE"))

        #expect(
            try plane.kube("apply --server-side -f -", input: Self.service) == "service/web serverside-applied")
        #expect(try plane.kube("apply --server-side -f -", input: Self.service) == "service/web serverside-applied")
        _ = try plane.kube("label svc web app=other --overwrite")
        let conflict = try plane.refusal("apply --server-side --field-manager=second -f -", input: Self.service)
        #expect(conflict.contains("conflict with \"kubectl-label\""), "\(conflict)")
        #expect(
            try plane.kube("apply --server-side --force-conflicts --field-manager=second -f -", input: Self.service)
                == "service/web serverside-applied")
    }

    @Test func servicesGetAddresses() throws {
        let plane = try ControlPlane()
        #expect(try plane.kube("create service nodeport web --tcp=80:8080") == "service/web created")
        let line = try plane.kube("get svc web --no-headers")
        #expect(line.contains("NodePort") && line.contains("80:3"), "\(line)")
        let address = try plane.kube("get svc web -o jsonpath='{.spec.clusterIP}'")
        #expect(try plane.kube("get ipaddress \(address) -o jsonpath='{.spec.parentRef.name}'") == "web")
        let refused = try plane.refusal(
            "apply -f -",
            input: Self.service.replacing("name: web", with: "name: two")
                .replacing("  selector: {app: web}", with: "  clusterIP: \(address)"))
        #expect(refused.contains("provided IP is already allocated"), "\(refused)")
        // Nothing is given twice after a crash either.
        plane.crash()
        try plane.start()
        for number in 0..<5 { _ = try plane.kube("create service clusterip s\(number) --tcp=80") }
        let all = try plane.kube("get svc -A -o jsonpath='{.items[*].spec.clusterIP}'").split(separator: " ")
        #expect(Set(all).count == all.count && all.count >= 6)
    }

    @Test func watchesSeeChanges() throws {
        let plane = try ControlPlane()
        _ = try plane.kube("create configmap one --from-literal=a=1")
        let kubectl = try plane.kubectl()
        let watcher = InBackground { try? kubectl.run(["get", "cm", "--watch", "-o", "name", "--request-timeout=6s"]) }
        usleep(1_500_000)
        _ = try plane.kube("create configmap two --from-literal=a=1")
        _ = try plane.kube("delete cm one")
        let output = watcher.value?.output ?? ""
        #expect(output.contains("configmap/one") && output.contains("configmap/two"), "\(output)")
        _ = try plane.kube("create configmap gone --from-literal=a=1")
        let waiting = InBackground { try? kubectl.run(["wait", "--for=delete", "cm/gone", "--timeout=20s"]) }
        usleep(500_000)
        _ = try plane.kube("delete cm gone")
        #expect(waiting.value?.isGood == true)
        #expect(
            try plane.kube("wait --for=jsonpath={.data.a}=1 cm/two --timeout=10s") == "configmap/two condition met")
    }

    @Test func theApiDescribesItself() throws {
        let plane = try ControlPlane()
        let resources = try plane.kube("api-resources --no-headers")
        for line in ["services", "deployments", "endpointslices", "clusterroles", "customresourcedefinitions"] {
            #expect(resources.contains(line))
        }
        #expect(try plane.kube("api-versions").contains("discovery.k8s.io/v1"))
        #expect(try plane.kube("explain service.spec.ports.nodePort").contains("nodePort"))
        #expect(try plane.kube("explain deploy --recursive").contains("strategy"))
        let pods = try plane.kube("explain pods")
        #expect(pods.contains("One or more containers that run together on one node."), "\(pods)")
        #expect(try plane.kube("version").contains("Server Version: v1.36"))
        #expect(try plane.kube("cluster-info").contains("is running at"))
        #expect(try plane.kube("get --raw /livez?verbose").contains("[+]ping ok"))
        #expect(try plane.kube("get --raw /metrics").contains("apiserver_request_total"))
        #expect(try plane.kube("get ns -o name").contains("namespace/kube-system"))
        #expect(try plane.kube("get svc kubernetes --no-headers").contains("443/TCP"))
        try plane.kube("wait --for=condition=Available apiservice --all --timeout=20s")
        #expect(try plane.kube("get apiservice v1.apps --no-headers").split(separator: " ").prefix(3).last == "True")
        try plane.kube("wait --for=condition=Dangling=False flowschema --all --timeout=20s")
        #expect(try plane.kube("get flowschema exempt --no-headers").split(separator: " ").last == "False")
    }

    @Test func failuresHaveUpstreamsTexts() throws {
        let plane = try ControlPlane()
        _ = try plane.kube("create configmap a --from-literal=a=1")
        #expect(
            try plane.refusal("create configmap a --from-literal=a=1")
                == #"error: failed to create configmap: configmaps "a" already exists"#)
        #expect(
            try plane.refusal("get nothings")
                == #"error: the server doesn't have a resource type "nothings""#)
        let invalid = try plane.refusal(
            "apply -f -", input: Self.service.replacing("port: 80", with: "port: 99999"))
        #expect(
            invalid.contains(
                #"The Service "web" is invalid: spec.ports[0].port: Invalid value: 99999: must be between 1 and 65535, inclusive"#
            ),
            "\(invalid)")
        let unknown = try plane.refusal(
            "apply -f -", input: Self.service.replacing("  selector:", with: "  colour: red\n  selector:"))
        #expect(unknown.contains(#"unknown field "spec.colour""#), "\(unknown)")
        #expect(
            try plane.refusal("create configmap b --from-literal=a=1 -n nowhere")
                == #"error: failed to create configmap: namespaces "nowhere" not found"#)
        #expect(
            try plane.refusal("get pods --field-selector foo=bar")
                == #"Error from server (BadRequest): Unable to find "/v1, Resource=pods" that match label selector "", field selector "foo=bar": field label not supported: foo"#
        )
        #expect(
            try plane.refusal("get cm --as=bob")
                == #"Error from server (Forbidden): configmaps is forbidden: User "bob" cannot list resource "configmaps" in API group "" in the namespace "default""#
        )
    }

    @Test func accessIsByRoles() throws {
        let plane = try ControlPlane()
        #expect(try plane.kube("auth can-i create pods") == "yes")
        _ = try plane.kube("create role reader --verb=get,list --resource=configmaps")
        _ = try plane.kube("create rolebinding reader --role=reader --user=bob")
        #expect(try plane.kube("auth can-i list cm --as=bob") == "yes")
        #expect(try plane.kubectl().run(["auth", "can-i", "delete", "cm", "--as=bob"]).output == "no\n")
        _ = try plane.kube("get cm --as=bob")
        #expect(try plane.kube("auth whoami -o jsonpath='{.status.userInfo.username}'") == "kubernetes-admin")
        _ = try plane.kube("create serviceaccount robot")
        let token = try plane.kube("create token robot")
        #expect(token.split(separator: ".").count == 3)
        _ = try plane.kube("create rolebinding robot --role=reader --serviceaccount=default:robot")
        var robot = try plane.kubectl()
        robot.environment["KUBECONFIG"] = "/dev/null"
        let arguments = [
            "--server", "https://127.0.0.1:\(plane.port)", "--insecure-skip-tls-verify", "--token", token,
        ]
        #expect(try robot.run(arguments + ["get", "cm"]).isGood)
        #expect(try robot.run(arguments + ["get", "secrets"]).errors.contains("system:serviceaccount:default:robot"))
        try checkIssuer(of: token, at: plane) { try robot.run(arguments + ["get", "--raw", $0]).output }
        // Nobody else is told of keys.
        let outsider = try plane.kubectl().run(["get", "--raw", "/openid/v1/jwks", "--as=system:anonymous"])
        #expect(!outsider.isGood && outsider.errors.contains("orbidden"), "\(outsider.errors)")
    }

    /// As somebody outside would: discovery, its keys, and the token's signature by openssl.
    private func checkIssuer(of token: String, at plane: ControlPlane, get: (String) throws -> String) throws {
        let parts = token.split(separator: ".").map { Self.base64URL(String($0)) }
        let (header, claims) = (try JSONParser.parse([UInt8](parts[0])), try JSONParser.parse([UInt8](parts[1])))
        let discovery = try JSONParser.parse(try get("/.well-known/openid-configuration"))
        let issuer = try #require(claims["iss"]?.string)
        #expect(discovery["issuer"]?.string == issuer && discovery["jwks_uri"]?.string == "\(issuer)/openid/v1/jwks")
        let keys = try JSONParser.parse(try get("/openid/v1/jwks"))["keys"]?.array ?? []
        let key = try #require(keys.first { $0["kid"] == header["kid"] && $0["crv"] == "P-256" }, "\(keys)")
        func file(_ name: String, _ data: Data) throws -> String {
            let file = plane.folder.appending(path: name)
            try data.write(to: file)
            return file.path
        }
        // SubjectPublicKeyInfo of an uncompressed point on P-256 (RFC 5480).
        let head = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE"
        let point = ["x", "y"].map { Self.base64URL(key[$0]?.string ?? "") }
        let publicKey = (Data(base64Encoded: head) ?? Data()) + point[0] + point[1]
        let signature = Self.integer(parts[2].prefix(32)) + Self.integer(parts[2].suffix(32))
        let signed = token.split(separator: ".").prefix(2).joined(separator: ".")
        let openssl = try #require(Tool("openssl"))
        let checked = try openssl.run([
            "dgst", "-sha256", "-keyform", "DER", "-verify", try file("key", publicKey), "-signature",
            try file("signature", Data([0x30, UInt8(signature.count)]) + signature),
            try file("signed", Data(signed.utf8)),
        ])
        #expect(checked.isGood, "\(checked.output) \(checked.errors)")
    }

    private static func base64URL(_ text: String) -> Data {
        let standard = text.replacing("-", with: "+").replacing("_", with: "/")
        return Data(base64Encoded: standard + String(repeating: "=", count: (4 - standard.count % 4) % 4)) ?? Data()
    }

    /// DER of an unsigned number.
    private static func integer(_ bytes: Data) -> Data {
        var bytes = Data(bytes.drop { $0 == 0 })
        if bytes.first.map({ $0 >= 0x80 }) ?? true { bytes.insert(0, at: bytes.startIndex) }
        return Data([2, UInt8(bytes.count)]) + bytes
    }

    @Test func bootstrapRolesHold() throws {
        let plane = try ControlPlane()
        for role in ["admin", "edit", "view"] {
            try plane.kube("create rolebinding \(role) --clusterrole=\(role) --user=\(role)")
        }
        try plane.kube("create clusterrolebinding root --clusterrole=cluster-admin --user=root")
        let kubectl = try plane.kubectl()
        let questions: [(String, yes: [String])] = [
            ("get pods", ["root", "admin", "edit", "view"]),
            ("create deployments.apps", ["root", "admin", "edit"]),
            ("get secrets", ["root", "admin", "edit"]),
            ("create rolebindings.rbac.authorization.k8s.io", ["root", "admin"]),
            ("delete nodes", ["root"]),
            ("update resourcequotas", ["root"]),
            ("list pods -n kube-system", ["root"]),
            ("get pods/log", ["root", "admin", "edit", "view"]),
            ("create pods/exec", ["root", "admin", "edit"]),
        ]
        for (question, yes) in questions {
            for user in ["root", "admin", "edit", "view", "nobody"] {
                let answer = try kubectl.run(
                    ["auth", "can-i"] + question.split(separator: " ").map(String.init) + ["--as", user])
                let expected = yes.contains(user) ? "yes" : "no"
                #expect(answer.output.hasPrefix(expected), "\(user): \(question): \(answer)")
            }
        }
        // Nobody gives what he does not have.
        #expect(
            try plane.refusal("create clusterrolebinding up --clusterrole=cluster-admin --user=admin --as=admin")
                .contains(#"User "admin" cannot create resource "clusterrolebindings""#))
        #expect(
            try plane.refusal("create role up --verb=* --resource=* --as=admin").contains(
                "is attempting to grant RBAC permissions not currently held"))
    }

    @Test func metricsHaveTheNamesThatDashboardsKnow() throws {
        let plane = try ControlPlane(["--audit-log-path", "/dev/null"])
        try plane.kube("create configmap counted --from-literal=a=1")
        let page = try plane.kube("get --raw /metrics")
        for series in [
            #"apiserver_request_total{code="201",group="",resource="configmaps",scope="namespace",subresource="",verb="POST",version="v1"} 1"#,
            #"apiserver_request_duration_seconds_bucket{group="",resource="configmaps",scope="namespace","#,
            #"apiserver_current_inflight_requests{request_kind="mutating"} 0"#,
            #"apiserver_resource_objects{group="",resource="namespaces"} 4"#,
            #"apiserver_storage_objects{resource="clusterroles.rbac.authorization.k8s.io"}"#,
            #"etcd_request_duration_seconds_count{group="",operation="create",resource="configmaps"} 1"#,
            #"apiserver_flowcontrol_nominal_limit_seats{priority_level="workload-low"}"#,
            "apiserver_audit_event_total ", "process_resident_memory_bytes ", "process_start_time_seconds ",
        ] {
            #expect(page.contains("\n" + series), "\(series)")
        }
        let watched = try plane.kubectl().run(["get", "cm", "--watch", "--request-timeout=2s", "-o", "name"])
        #expect(watched.output.contains("counted"))
        try plane.kube("create configmap another --from-literal=a=1")
        #expect(
            try plane.kube("get --raw /metrics").contains(
                #"apiserver_longrunning_requests{group="",resource="configmaps",scope="namespace","#))
    }

    @Test func allNamespacesAtOnceAreOnlyRead() throws {
        let plane = try ControlPlane()
        try plane.kube("create configmap kept --from-literal=a=1")
        let refused = try plane.refusal("delete --raw /api/v1/configmaps")
        #expect(refused.contains("MethodNotAllowed"), "\(refused)")
        #expect(try plane.kube("get cm kept -o name") == "configmap/kept")
    }

    @Test func customResourcesAreServed() throws {
        let plane = try ControlPlane()
        let definition = """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: crontabs.stable.example.com}
            spec:
              group: stable.example.com
              scope: Namespaced
              names: {plural: crontabs, singular: crontab, kind: CronTab, shortNames: [ct]}
              versions:
              - name: v1
                served: true
                storage: true
                subresources: {status: {}, scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}}
                additionalPrinterColumns:
                - {name: Spec, type: string, jsonPath: .spec.cronSpec}
                - {name: Replicas, type: integer, jsonPath: .spec.replicas}
                schema:
                  openAPIV3Schema:
                    type: object
                    properties:
                      spec:
                        type: object
                        required: [cronSpec]
                        properties:
                          cronSpec: {type: string}
                          replicas: {type: integer, minimum: 1, default: 1}
                      status:
                        type: object
                        properties: {replicas: {type: integer}}
            """
        let object = """
            apiVersion: stable.example.com/v1
            kind: CronTab
            metadata: {name: mine}
            spec: {cronSpec: "* * * * */5"}
            """
        #expect(try plane.kube("apply -f -", input: definition).contains("created"))
        _ = try plane.kube("wait --for=condition=Established crd/crontabs.stable.example.com --timeout=20s")
        #expect(try plane.kube("apply -f -", input: object) == "crontab.stable.example.com/mine created")
        let table = try plane.kube("get ct").split(separator: "\n").map(String.init)
        #expect(table.first?.split(separator: " ") == ["NAME", "SPEC", "REPLICAS"], "\(table)")
        #expect(table.last?.contains("* * * * */5") == true)
        #expect(try plane.kube("scale ct mine --replicas=4") == "crontab.stable.example.com/mine scaled")
        #expect(try plane.kube("get ct mine -o jsonpath='{.spec.replicas}'") == "4")
        let invalid = try plane.refusal("apply -f -", input: object.replacing("spec: {", with: "spec: {replicas: 0, "))
        #expect(invalid.contains("spec.replicas in body should be greater than or equal to 1"), "\(invalid)")
        #expect(try plane.kube("explain crontab.spec").contains("cronSpec"))
        #expect(
            try plane.kube("apply --server-side --force-conflicts -f -", input: object)
                == "crontab.stable.example.com/mine serverside-applied")
        #expect(try plane.kube("delete crd crontabs.stable.example.com --timeout=20s").contains("deleted"))
        let gone = try plane.refusal("get crontabs")
        #expect(gone.contains("the server doesn't have a resource type") || gone.contains("NotFound"), "\(gone)")
    }

    @Test func listsComeInPages() throws {
        let plane = try ControlPlane()
        let all = (0..<25).map { "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c\($0)}\n" }.joined()
        _ = try plane.kube("create -f -", input: all)
        let names = try plane.kube("get cm --chunk-size=7 -o name").split(separator: "\n")
        #expect(names.count == 25)
        #expect(try plane.kube("delete cm --all").split(separator: "\n").count == 25)
    }

    @Test func acknowledgedObjectsOutliveACrash() throws {
        let plane = try ControlPlane()
        for number in 0..<10 { _ = try plane.kube("create configmap c\(number) --from-literal=a=\(number)") }
        plane.crash()
        try plane.start()
        #expect(try plane.kube("get cm -o name").split(separator: "\n").count == 10)
        #expect(plane.stop() == 0)
    }
}
