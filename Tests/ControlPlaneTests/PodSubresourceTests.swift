import TestPrograms
import TestThreads
import Testing

/// What kubectl changes of a running pod, each through its subresource.
@Suite(.ownThread, .needs("kubectl"), .timeLimit(.minutes(30)))
struct PodSubresourceTests {
    private static let pod = """
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: default, namespace: default}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: p, namespace: default}
        spec:
          containers:
          - name: main
            image: example.org/main:1
            resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {cpu: 200m, memory: 128Mi}}
        """

    @Test func debugContainersAreAdded() throws {
        let plane = try ControlPlane()
        try plane.kube("apply -f -", input: Self.pod)
        try plane.kube("debug p --image=example.org/tools:1 --container=tools --target=main")
        #expect(try plane.kube("get pod p -o jsonpath='{.spec.ephemeralContainers[*].name}'") == "tools")
        let again = try plane.refusal("debug p --image=example.org/tools:1 --container=main")
        #expect(again.contains("main"), "\(again)")
        // Through the pod itself nothing of it may change.
        let patch = #"{"spec":{"ephemeralContainers":[{"name":"tools","image":"example.org/other:1"}]}}"#
        #expect(try plane.refusal("patch pod p -p '\(patch)'").contains("pod updates may not change fields other than"))
        #expect(
            try plane.refusal(
                "patch pod p --subresource=ephemeralcontainers --type=merge -p '{\"spec\":{\"ephemeralContainers\":null}}'"
            )
            .contains(#"existing ephemeral containers "tools" may not be removed"#))
    }

    @Test func containersAreResized() throws {
        let plane = try ControlPlane()
        try plane.kube("apply -f -", input: Self.pod)
        func resize(_ resources: String) -> String {
            #"patch pod p --subresource=resize -p '{"spec":{"containers":[{"name":"main","resources":\#(resources)}]}}'"#
        }
        try plane.kube(resize(#"{"requests":{"cpu":"150m"},"limits":{"cpu":"300m"}}"#))
        #expect(
            try plane.kube("get pod p -o jsonpath='{.spec.containers[0].resources}'")
                == #"{"limits":{"cpu":"300m","memory":"128Mi"},"requests":{"cpu":"150m","memory":"64Mi"}}"#)
        #expect(
            try plane.refusal(resize(#"{"requests":{"cpu":"300m","memory":"128Mi"}}"#))
                .contains("Pod QOS Class may not change as a result of resizing"))
        #expect(
            try plane.refusal(resize(#"{"limits":{"memory":null}}"#)).contains("resource limits cannot be removed"))
        // Everything else of the pod is left as it is.
        try plane.kube(
            "patch pod p --subresource=resize -p '{\"spec\":{\"containers\":[{\"name\":\"main\",\"image\":\"example.org/x:1\"}]}}'"
        )
        #expect(try plane.kube("get pod p -o jsonpath='{.spec.containers[0].image}'") == "example.org/main:1")
    }
}
