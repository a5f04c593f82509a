import KubeAPI
import KubeSchema
import Testing

struct PodSubresourceValidationTests {
    /// `path: message` of every finding of an update.
    private func findings(_ subresource: String, _ new: String, old: String, status: String = "{}") throws -> [String] {
        func pod(_ spec: String) throws -> JSONValue {
            try JSONParser.parse(
                #"{"metadata":{"name":"p","namespace":"n"},"spec":{"restartPolicy":"Always",\#(spec)},"status":\#(status)}"#
            )
        }
        return Validation.validate(
            try pod(new), group: "", version: "v1", kind: "Pod", old: try pod(old), subresource: subresource
        ).map { "\($0.path): \($0.message)" }
    }

    private static let main = #""containers":[{"name":"c","image":"i"}]"#
    private static let debugger = #""ephemeralContainers":[{"name":"d","image":"i"}]"#

    private func ephemeral(_ container: String) -> String { "\(Self.main),\"ephemeralContainers\":[\(container)]" }

    @Test func ephemeralContainersAreOnlyAdded() throws {
        let with = "\(Self.main),\(Self.debugger)"
        #expect(try findings("ephemeralcontainers", with, old: Self.main) == [])
        #expect(try findings("ephemeralcontainers", with, old: with) == [])
        #expect(
            try findings("ephemeralcontainers", Self.main, old: with)
                == ["spec.ephemeralContainers: Forbidden: existing ephemeral containers \"d\" may not be removed\n"])
        #expect(
            try findings("ephemeralcontainers", ephemeral(#"{"name":"d","image":"j"}"#), old: with)
                == ["spec.ephemeralContainers: Forbidden: existing ephemeral containers \"d\" may not be changed\n"])
        #expect(
            try findings("ephemeralcontainers", ephemeral(#"{"name":"c","image":"i"}"#), old: Self.main)
                == [#"spec.ephemeralContainers[0].name: Duplicate value: "c""#])
        #expect(
            try findings(
                "ephemeralcontainers", ephemeral(#"{"name":"d","image":"i","targetContainerName":"x"}"#), old: Self.main
            )
                == [#"spec.ephemeralContainers[0].targetContainerName: Not found: "x""#])
        #expect(
            try findings(
                "ephemeralcontainers",
                ephemeral(#"{"name":"d","image":"i","resources":{"limits":{"cpu":"1"}},"restartPolicy":"Always"}"#),
                old: Self.main) == [
                    "spec.ephemeralContainers[0].resources: Forbidden: cannot be set for an Ephemeral Container",
                    "spec.ephemeralContainers[0].restartPolicy: Forbidden: cannot be set for an Ephemeral Container",
                ])
    }

    private func container(_ requests: String, _ limits: String = "{}", _ more: String = "", name: String = "c")
        -> String
    {
        #"{"name":"\#(name)","image":"i","resources":{"requests":\#(requests),"limits":\#(limits)}\#(more)}"#
    }

    private func containers(_ requests: String, _ limits: String = "{}", _ more: String = "") -> String {
        "\"containers\":[\(container(requests, limits, more))]"
    }

    @Test func aResizeChangesCPUAndMemoryAlone() throws {
        let old = containers(#"{"cpu":"1","memory":"1Gi"}"#, #"{"cpu":"2"}"#)
        #expect(try findings("resize", containers(#"{"cpu":"2","memory":"1Gi"}"#, #"{"cpu":"3"}"#), old: old) == [])
        #expect(
            try findings("resize", containers(#"{"cpu":"1"}"#, #"{"cpu":"2"}"#), old: old)
                == ["spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed"])
        #expect(
            try findings("resize", containers(#"{"cpu":"1","memory":"1Gi"}"#), old: old)
                == ["spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed"])
        let onlyResources = "spec: Forbidden: only cpu and memory resources are mutable"
        #expect(
            try findings(
                "resize",
                containers(#"{"cpu":"1","memory":"1Gi","ephemeral-storage":"1Gi"}"#, #"{"cpu":"2"}"#), old: old)
                == [onlyResources])
        let policy = #","resizePolicy":[{"resourceName":"cpu","restartPolicy":"NotRequired"}]"#
        #expect(
            try findings("resize", containers(#"{"cpu":"1","memory":"1Gi"}"#, #"{"cpu":"2"}"#, policy), old: old)
                == [onlyResources])
        #expect(
            try findings("resize", Self.main.replacingName("c", "e"), old: Self.main)
                == ["spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize"])
        #expect(
            try findings("resize", #""containers":[{"name":"c","image":"i"},{"name":"e","image":"i"}]"#, old: Self.main)
                == ["spec.containers: Forbidden: containers may not be added or removed on resize"])
        #expect(
            try findings(
                "resize", old, old: old, status: #"{"containerStatuses":[{"name":"c","state":{"running":{}}}]}"#)
                == ["spec: Forbidden: Pod running on node without support for resize"])
    }
}

extension String {
    fileprivate func replacingName(_ old: String, _ new: String) -> String {
        split(separator: "\"name\":\"\(old)\"", omittingEmptySubsequences: false).joined(
            separator: "\"name\":\"\(new)\"")
    }
}
