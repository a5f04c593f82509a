import KubeAPI
import Testing

@testable import SchedulerCore

@Suite struct ConfigurationTests {
    private func configuration(_ more: String) throws -> SchedulerConfiguration {
        let head = #""apiVersion":"kubescheduler.config.k8s.io/v1","kind":"KubeSchedulerConfiguration""#
        return try SchedulerConfiguration(json: try JSONParser.parse("{\(head)\(more.isEmpty ? "" : ",")\(more)}"))
    }

    @Test func nothingSaidMeansTheDefaults() throws {
        let configuration = try configuration("")
        #expect(configuration.profiles.count == 1)
        #expect(configuration.profiles[0].weights == Profile.defaultWeights)
        #expect(configuration.backoff.maximumBackoff == 10_000_000_000)
        #expect(configuration.election == .init() && configuration.absentPlugins.isEmpty)
    }

    @Test func profilesWeightsAndArguments() throws {
        let configuration = try configuration(
            """
            "podInitialBackoffSeconds":2,"percentageOfNodesToScore":30,"leaderElection":{"leaderElect":true},
            "profiles":[{"schedulerName":"packing","plugins":{"multiPoint":{"enabled":[{"name":"ImageLocality","weight":7}],
            "disabled":[{"name":"InterPodAffinity"}]},"score":{"disabled":[{"name":"TaintToleration"}]}},
            "pluginConfig":[{"name":"NodeResourcesFit","args":{"scoringStrategy":{"type":"MostAllocated",
            "resources":[{"name":"cpu","weight":3}]}}}]},{"schedulerName":"other"}]
            """)
        #expect(configuration.election.isOn == true)
        #expect(configuration.backoff.initialBackoff == 2_000_000_000)
        let packing = configuration.profiles[0]
        #expect(packing.schedulerName == "packing")
        #expect(packing.weights[.imageLocality] == 7)
        #expect(packing.weights[.interPodAffinity] == nil && packing.disabledFilters == [.interPodAffinity])
        #expect(packing.weights[.taintToleration] == nil)
        #expect(packing.fit.strategy == .mostAllocated)
        #expect(packing.fit.resources == [.init(name: "cpu", weight: 3)])
        #expect(packing.percentageOfNodesToScore == 30)
        #expect(configuration.profiles[1].weights == Profile.defaultWeights)
    }

    /// As `kube-scheduler --write-config-to` writes its own.
    @Test func whatAStockSchedulerWritesIsTaken() throws {
        let names = [
            "SchedulingGates", "PrioritySort", "NodeUnschedulable", "NodeName", "NodePorts", "VolumeRestrictions",
            "NodeVolumeLimits", "VolumeBinding", "VolumeZone", "DefaultPreemption", "DefaultBinder",
        ].map { #"{"name":"\#($0)","weight":0}"# }
        let points = ["bind", "filter", "permit", "preBind", "preEnqueue", "preFilter", "queueSort", "reserve"]
            .map { #""\#($0)":{}"# }
        let configuration = try configuration(
            """
            "clientConnection":{"acceptContentTypes":"","burst":100,"contentType":"application/vnd.kubernetes.protobuf",
            "kubeconfig":"/etc/s.conf","qps":50},"enableContentionProfiling":true,"enableProfiling":true,"parallelism":16,
            "leaderElection":{"leaderElect":true,"leaseDuration":"30s","renewDeadline":"10s","resourceLock":"leases",
            "resourceName":"mine","resourceNamespace":"kube-system","retryPeriod":"2s"},
            "profiles":[{"schedulerName":"default-scheduler",
            "plugins":{"multiPoint":{"enabled":[\(names.joined(separator: ","))]},\(points.joined(separator: ","))},
            "pluginConfig":[{"name":"NodeResourcesBalancedAllocation","args":{"kind":"NodeResourcesBalancedAllocationArgs",
            "resources":[{"name":"cpu","weight":1}]}},{"name":"DynamicResources","args":{"filterTimeout":"10s"}}]}]
            """)
        #expect(configuration.profiles[0].weights == Profile.defaultWeights)
        #expect(configuration.absentPlugins.isEmpty && configuration.profiles[0].disabledFilters.isEmpty)
        #expect(configuration.withoutEffect == ["enableProfiling", "enableContentionProfiling", "parallelism"])
        #expect(configuration.connection == .init(kubeconfig: "/etc/s.conf", qps: 50, burst: 100))
        #expect(configuration.election.leaseDuration == "30s" && configuration.election.resourceName == "mine")
    }

    @Test(arguments: [
        (#""profile":[]"#, "profile: is not known; remove it"),
        (
            #""profiles":[{"schedulerName":"a"},{"schedulerName":"a"}]"#,
            #"profiles[1].schedulerName: "a" has a profile already"#
        ),
        (#""podInitialBackoffSeconds":20"#, "podMaxBackoffSeconds: must not be less than podInitialBackoffSeconds"),
        (#""percentageOfNodesToScore":101"#, "percentageOfNodesToScore: must be between 0 and 100, got 101"),
        (
            #""profiles":[{"pluginConfig":[{"name":"NodeResourcesFit","args":{"scoringStrategy":{"type":"Best"}}}]}]"#,
            #"profiles[0].pluginConfig[0].args.scoringStrategy.type: must be one of LeastAllocated, MostAllocated, RequestedToCapacityRatio, got "Best""#
        ),
        (
            #""profiles":[{"plugins":{"score":{"disable":[{"name":"*"}]}}}]"#,
            "profiles[0].plugins.score.disable: is not known; remove it"
        ),
        (
            #""profiles":[{"pluginConfig":[{"name":"NodeResourcesBalancedAllocation","args":{"resources":[{"name":"cpu","weight":2}]}}]}]"#,
            "profiles[0].pluginConfig[0].args.resources[0].weight: must be between 1 and 1, got 2"
        ),
        (
            #""profiles":[{"pluginConfig":[{"name":"NodeResourcesFit","args":{"scoringStrategy":{"shape":[]}}}]}]"#,
            "profiles[0].pluginConfig[0].args.scoringStrategy.shape: is not known; remove it"
        ),
        (
            #""leaderElection":{"resourceLock":"endpoints"}"#,
            #"leaderElection.resourceLock: must be leases, got "endpoints""#
        ),
        (#""leaderElection":{"leaderElects":true}"#, "leaderElection.leaderElects: is not known; remove it"),
    ])
    func mistakesAreNamed(text: String, message: String) throws {
        do {
            _ = try configuration(text)
            Issue.record("\(text) should be refused")
        } catch {
            #expect("\(error)" == message)
        }
    }

    @Test func ratiosFollowTheirShape() {
        let shape = ScoreShape(points: [
            .init(utilization: 20, score: 0), .init(utilization: 60, score: 10), .init(utilization: 100, score: 5),
        ])
        #expect([0, 20, 40, 60, 80, 100, 200].map { shape.score(at: $0) } == [0, 0, 50, 100, 75, 50, 50])
    }
}
