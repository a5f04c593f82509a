import KubeAPI
import Testing

@testable import SchedulerCore

/// What a pod asks for: containers, init containers, sidecars, pod level, overhead.
@Suite struct ResourceTests {
    private static func container(_ cpu: String, always: Bool = false) -> JSONValue {
        var container = Make.container(cpu: cpu)
        if always { container[path: "restartPolicy"] = "Always" }
        return container
    }

    struct Case: Sendable {
        let name: String
        let containers: [JSONValue]
        var initial: [JSONValue] = []
        var more: JSONValue = .emptyObject
        let milliCPU: Int64
    }

    static let cases: [Case] = [
        .init(name: "containers add up", containers: [container("1"), container("500m")], milliCPU: 1500),
        .init(
            name: "the largest init container counts when it is more", containers: [container("1")],
            initial: [container("3"), container("2")], milliCPU: 3000),
        .init(
            name: "init containers do not add to containers", containers: [container("2")], initial: [container("1")],
            milliCPU: 2000),
        .init(
            name: "sidecars add to containers", containers: [container("1")], initial: [container("1", always: true)],
            milliCPU: 2000),
        .init(
            name: "an init container runs beside the sidecars before it", containers: [container("1")],
            initial: [container("1", always: true), container("2"), container("5", always: true)], milliCPU: 7000),
        .init(
            name: "an init container needs most", containers: [container("1")],
            initial: [container("1", always: true), container("9")], milliCPU: 10000),
        .init(
            name: "overhead comes on top", containers: [container("1")], more: ["overhead": ["cpu": "250m"]],
            milliCPU: 1250),
        .init(
            name: "pod-level requests replace the sum", containers: [container("3")],
            more: ["resources": ["requests": ["cpu": "2"]], "overhead": ["cpu": "1"]], milliCPU: 3000),
    ]

    @Test(arguments: cases) func requests(of example: Case) throws {
        var spec = example.more
        spec[path: "containers"] = .array(example.containers)
        spec[path: "initContainers"] = .array(example.initial)
        #expect(try PodRequests(spec: spec).requests.milliCPU == example.milliCPU, "\(example.name)")
    }

    @Test func whatAsksForNothingCountsALittleInScores() throws {
        let pod = try Make.pod("a")
        #expect(pod.requests == Resources())
        #expect(pod.assumedRequests == Resources(milliCPU: 100, memory: 200 << 20))
    }

    @Test func extendedResourcesAreCounted() throws {
        let spec: JSONValue = ["containers": [["resources": ["requests": ["example.org/gpu": "2", "memory": "1Gi"]]]]]
        let requests = try PodRequests(spec: spec).requests
        #expect(requests["example.org/gpu"] == 2)
        #expect(requests.memory == 1 << 30)
    }

    @Test func amountsBeyondMeasureStayAtTheBounds() throws {
        let list: JSONValue = ["cpu": "9E", "memory": "9223372036854775807", "x.org/y": "9223372036854775807"]
        var sum = try Resources(list: list)
        sum += sum
        #expect(sum.memory == .max && sum.milliCPU == .max && sum["x.org/y"] == .max)
    }

    @Test func aQuantityThatIsNoneIsNamed() {
        #expect(throws: DecodingFailure.self) {
            try Make.pod("a", spec: ["containers": [["resources": ["requests": ["cpu": "much"]]]]])
        }
        let spec: JSONValue = ["containers": [["resources": ["requests": ["cpu": "much"]]]]]
        do {
            _ = try Make.pod("a", spec: spec)
        } catch {
            #expect("\(error)".hasPrefix("spec.containers[0].resources.requests.cpu: "))
        }
    }
}
