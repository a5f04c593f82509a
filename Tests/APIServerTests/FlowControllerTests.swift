import AccessControl
import KubeAPI
import Telemetry
import Testing

@testable import APIServer

struct FlowControllerTests {
    private func request(_ user: String, _ group: String = "system:authenticated") -> RequestAttributes {
        RequestAttributes(user: UserInfo(name: user, groups: [group]), verb: "list", resource: "pods", namespace: "ns")
    }

    /// One level for everybody.
    private static func single(queueLength: Int64) -> FlowConfiguration {
        FlowConfiguration([
            [
                "kind": "PriorityLevelConfiguration", "metadata": ["name": "only"],
                "spec": [
                    "type": "Limited",
                    "limited": [
                        "nominalConcurrencyShares": 1,
                        "limitResponse": [
                            "type": "Queue",
                            "queuing": ["queues": 1, "handSize": 1, "queueLengthLimit": .integer(queueLength)],
                        ],
                    ],
                ],
            ],
            [
                "kind": "FlowSchema", "metadata": ["name": "all", "uid": "u-1"],
                "spec": [
                    "priorityLevelConfiguration": ["name": "only"],
                    "rules": [
                        [
                            "subjects": [["kind": "User", "user": ["name": "*"]]],
                            "resourceRules": [
                                ["verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "namespaces": ["*"]]
                            ],
                        ]
                    ],
                ],
            ],
        ])
    }

    @Test func seatsAreGivenBackAndWaitersSeated() async throws {
        let metrics = MetricsRegistry()
        let control = FlowController(
            Self.single(queueLength: 5), limits: .init(reading: 3, mutating: 0, patience: .seconds(60)),
            metrics: metrics)
        var tickets: [any FlowTicket] = []
        for _ in 0..<3 { tickets.append(try await control.admit(request("jane"), isMutating: false, isLong: false)) }
        let waiting = Task { try await control.admit(request("bob"), isMutating: false, isLong: false) }
        func shows(_ text: String) -> Bool {
            String(decoding: metrics.exposition(), as: UTF8.self).contains("apiserver_flowcontrol_" + text + "\n")
        }
        while !shows("current_inqueue_requests{flow_schema=\"all\",priority_level=\"only\"} 1") {
            try await Task.sleep(for: .milliseconds(5))
        }
        let impatient = Task { try await control.admit(request("eve"), isMutating: false, isLong: false) }
        while !shows("current_inqueue_requests{flow_schema=\"all\",priority_level=\"only\"} 2") {
            try await Task.sleep(for: .milliseconds(5))
        }
        impatient.cancel()
        await #expect(throws: Status.self) { _ = try await impatient.value }
        tickets.removeFirst().finish()
        tickets.append(try await waiting.value)
        #expect(shows("current_executing_requests{flow_schema=\"all\",priority_level=\"only\"} 3"))
        for ticket in tickets {
            ticket.finish()
            ticket.finish()
        }
        #expect(shows("current_executing_requests{flow_schema=\"all\",priority_level=\"only\"} 0"))
        #expect(shows("dispatched_requests_total{flow_schema=\"all\",priority_level=\"only\"} 4"))
    }

    @Test func impatienceEndsIn429() async throws {
        let metrics = MetricsRegistry()
        let control = FlowController(
            Self.single(queueLength: 1), limits: .init(reading: 1, mutating: 0, patience: .milliseconds(50)),
            metrics: metrics)
        let first = try await control.admit(request("a"), isMutating: false, isLong: false)
        #expect(first.headers.map(\.value) == ["u-1", ""])
        let status = await #expect(throws: Status.self) {
            _ = try await control.admit(request("b"), isMutating: false, isLong: false)
        }
        #expect(status?.code == 429 && status?.retryAfterSeconds == 1)
        #expect(String(decoding: metrics.exposition(), as: UTF8.self).contains("reason=\"time-out\"} 1\n"))
        first.finish()
        try await control.admit(request("b"), isMutating: false, isLong: false).finish()
    }

    @Test func exemptAndLongRequestsAreNotBounded() async throws {
        let control = FlowController(
            limits: .init(reading: 1, mutating: 0, patience: .milliseconds(10)), metrics: MetricsRegistry())
        var held: [any FlowTicket] = []
        for _ in 0..<50 {
            held.append(try await control.admit(request("root", "system:masters"), isMutating: true, isLong: false))
            held.append(try await control.admit(request("jane"), isMutating: false, isLong: true))
        }
        #expect(held.count == 100)
    }
}
