import Foundation
import Manifests
import Testing

@testable import Bench

@Suite struct ScenarioFileTests {
    @Test func everyFieldIsRead() throws {
        let scenarios = try ScenarioFile.parse(
            """
            name: weighted
            about: One pod is twice as strong.
            services: [10, 1000]
            pods: 3
            weights: [1, 1, 2]
            balance: round-robin
            affinitySeconds: 600
            clients:
            - {kind: keep-alive, connections: 5, rate: 2000}
            - {kind: new-connections}
            changesPerSecond: 100
            seconds: 1.5
            rounds: 7
            ---
            name: plain
            clients: [{kind: bulk}]
            """, file: "x.yaml")
        var weighted = TrafficScenario(
            name: "weighted",
            clients: [.init(.keepAlive, connections: 5, rate: 2000), .init(.newConnections)])
        weighted.about = "One pod is twice as strong."
        weighted.services = [10, 1000]
        weighted.pods = 3
        weighted.weights = [1, 1, 2]
        weighted.balance = "round-robin"
        weighted.affinitySeconds = 600
        weighted.changesPerSecond = 100
        weighted.seconds = 1.5
        weighted.rounds = 7
        #expect(scenarios == [weighted, TrafficScenario(name: "plain", clients: [.init(.bulk)])])
    }

    @Test(arguments: [
        ("clients: [{kind: bulk}]", "x.yaml:1:1: name: required"),
        ("name: a", "x.yaml:1:1: clients: must have between 1 and 16 elements"),
        (
            "name: a\nclients:\n- {kind: slow}",
            "x.yaml:3:10: clients[0].kind: must be one of keep-alive, new-connections,"
        ),
        ("name: a\nclients: [{kind: bulk}]\nspeed: 3", "x.yaml:3:8: speed: is no field of a scenario"),
        ("name: a\nclients: [{kind: bulk, rte: 3}]", "clients[0].rte: is no field of a scenario"),
        ("name: a\nservices: [0]\nclients: [{kind: bulk}]", "x.yaml:2:12: services[0]: must be between 1 and 100000"),
        ("name: a\npods: 2\nweights: [1]\nclients: [{kind: bulk}]", "weights: must be 2 numbers, one for each pod"),
        ("name: a\nseconds: -1\nclients: [{kind: bulk}]", "seconds: must be above 0"),
        ("# nothing", "x.yaml: holds no scenario"), ("name: [", "x.yaml:"),
    ])
    func whatIsWrongIsSaidWithItsPlace(text: String, message: String) throws {
        let failure = try #require(throws: ManifestFailure.self) { try ScenarioFile.parse(text, file: "x.yaml") }
        #expect("\(failure)".contains(message), "\(failure)")
    }

    @Test func scenariosMustDifferByName() throws {
        let text = ["a", "b", "a"].map { "name: \($0)\nclients: [{kind: bulk}]" }.joined(separator: "\n---\n")
        let scenarios = try ScenarioFile.parse(text, file: "x.yaml")
        #expect(ScenarioFile.repeatedName(scenarios) == "a")
        #expect(ScenarioFile.repeatedName(Array(scenarios.dropLast())) == nil)
    }

    /// The examples that users start from.
    @Test func theProjectsOwnScenariosAreRead() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "policies/traffic")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(files.count >= 4)
        for file in files {
            let text = try String(contentsOf: file, encoding: .utf8)
            #expect(try !ScenarioFile.parse(text, file: file.lastPathComponent).isEmpty)
        }
    }
}
