import KubeAPI
import KubeSchema
import Testing

@testable import APIServer

struct PodQualityOfServiceTests {
    @Test(
        arguments: [
            ([], "BestEffort"),
            ([["requests": ["cpu": "1"]]], "Burstable"),
            ([["requests": ["cpu": "1", "memory": "1Gi"], "limits": ["cpu": "1", "memory": "1Gi"]]], "Guaranteed"),
            ([["limits": ["cpu": "1", "memory": "1Gi"]], [:]], "Burstable"),
            ([["requests": ["cpu": "1"], "limits": ["cpu": "2", "memory": "1Gi"]]], "Burstable"),
            ([["requests": ["nvidia.com/gpu": "1"]]], "BestEffort"),
        ] as [([JSONValue], String)])
    func classOf(_ resources: [JSONValue], _ expected: String) {
        let containers = resources.map { JSONValue.object(JSONObject([.init("resources", $0)])) }
        #expect(PodQualityOfService(["spec": ["containers": .array(containers)]]).rawValue == expected)
    }
}
