import AgentCore
import KubeAPI
import KubeSchema
import Testing

/// A worker with a clock of its own, whose directives are collected.
struct WorkerLab: ~Copyable {
    var worker: PodWorker
    /// Nanoseconds since 1970.
    var now: Int64 = 1_000_000_000_000
    private var lives = 0

    init(_ spec: String, status: String = "{}") throws {
        worker = PodWorker(try Self.pod(spec, status: status), now: now)
    }

    static func pod(_ spec: String, metadata: String = "", status: String = "{}") throws -> PodDeclaration {
        let text = #"""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","namespace":"n","uid":"u"\#(metadata)},
             "spec":\#(spec),"status":\#(status)}
            """#
        return PodDeclaration(try APIObject(json: try JSONParser.parse(text)))
    }

    /// Directives without those that only tell people.
    mutating func handle(_ event: PodWorker.Event) -> [PodWorker.Directive] {
        worker.handle(event, now: now).filter { if case .publish = $0 { false } else { true } }
    }

    /// What is told to people, as `reason: message`.
    mutating func events(_ event: PodWorker.Event) -> [String] {
        worker.handle(event, now: now).compactMap {
            if case .publish(let event) = $0 { "\(event.reason): \(event.message)" } else { nil }
        }
    }

    mutating func pass(seconds: Int64) -> [PodWorker.Directive] {
        now += seconds * 1_000_000_000
        return handle(.timePassed)
    }

    /// Volumes and sandbox.
    mutating func setUp() -> [PodWorker.Directive] {
        #expect(handle(.timePassed) == [.mountVolumes])
        #expect(handle(.volumesMounted) == [.startSandbox])
        return handle(.sandboxStarted(id: "s", addresses: ["10.0.0.5"]))
    }

    /// Image and start; returns the id of the new life and what follows.
    mutating func start(_ name: String) -> (id: String, then: [PodWorker.Directive]) {
        _ = handle(.imageReady(container: name, imageID: "sha256:1"))
        lives += 1
        let id = "\(name)-\(lives)"
        return (id, handle(.containerStarted(container: name, ContainerInstance(id: id, startedAt: now))))
    }

    mutating func end(_ name: String, _ id: String, code: Int32) -> [PodWorker.Directive] {
        let outcome = ContainerOutcome(exitCode: code, reason: code == 0 ? "Completed" : "Error", finishedAt: now)
        return handle(.containerEnded(container: name, id: id, outcome))
    }

    var status: JSONValue { worker.status(on: .init(addresses: ["192.0.2.1"], runtime: "runc"), now: now) }

    func condition(_ type: String) -> String? {
        status["conditions"]?.array?.first { $0["type"]?.string == type }?["status"]?.string
    }

    func state(_ name: String, _ field: String = "containerStatuses") -> JSONValue? {
        status[field]?.array?.first { $0["name"]?.string == name }
    }
}

@Suite struct PodWorkerTests {
    @Test func aPodOfTwoContainersBecomesReady() throws {
        var lab = try WorkerLab(#"{"containers":[{"name":"a","image":"i"},{"name":"b","image":"i"}]}"#)
        #expect(lab.setUp() == [.prepareImage(container: "a"), .prepareImage(container: "b")])
        #expect(lab.status["phase"] == "Pending")
        #expect(lab.state("a")?["state"]?["waiting"]?["reason"] == "ContainerCreating")
        #expect(
            lab.handle(.imageReady(container: "a", imageID: "sha256:1")) == [
                .startContainer(container: "a", attempt: 0)
            ])
        _ = lab.handle(.containerStarted(container: "a", ContainerInstance(id: "a1", startedAt: lab.now)))
        #expect(lab.condition("Ready") == "False")
        _ = lab.start("b")
        #expect(lab.status["phase"] == "Running")
        #expect(lab.condition("Ready") == "True")
        #expect(lab.condition("Initialized") == "True")
        #expect(lab.status["podIP"] == "10.0.0.5")
        #expect(lab.state("a")?["containerID"] == "runc://a1")
        #expect(lab.worker.nextWake(now: lab.now) == nil)
    }

    @Test func aContainerThatFailsComesBackAtOnceThenEverLater() throws {
        var lab = try WorkerLab(#"{"containers":[{"name":"a","image":"i"}]}"#)
        _ = lab.setUp()
        var (id, _) = lab.start("a")
        #expect(lab.end("a", id, code: 1) == [.prepareImage(container: "a")])
        for (restart, delay) in [(1, 10), (2, 20), (3, 40), (4, 80), (5, 160), (6, 300), (7, 300)] as [(Int64, Int64)] {
            (id, _) = lab.start("a")
            #expect(lab.state("a")?["restartCount"] == .integer(restart))
            let after = lab.end("a", id, code: 1)
            #expect(!after.contains(.prepareImage(container: "a")))
            #expect(lab.state("a")?["state"]?["waiting"]?["reason"] == "CrashLoopBackOff")
            #expect(lab.state("a")?["lastState"]?["terminated"]?["exitCode"] == 1)
            #expect(lab.pass(seconds: delay - 1).isEmpty)
            #expect(lab.worker.nextWake(now: lab.now) == lab.now + 1_000_000_000)
            #expect(lab.pass(seconds: 1) == [.prepareImage(container: "a")])
        }
    }

    @Test func waitingToRestartIsTold() throws {
        var lab = try WorkerLab(#"{"containers":[{"name":"a","image":"i"}]}"#)
        _ = lab.setUp()
        _ = lab.handle(.imageReady(container: "a", imageID: "sha256:1"))
        let first = ContainerInstance(id: "a1", startedAt: lab.now)
        #expect(lab.events(.containerStarted(container: "a", first)) == ["Started: Started container a"])
        let outcome = ContainerOutcome(exitCode: 1, reason: "Error", finishedAt: lab.now)
        #expect(lab.events(.containerEnded(container: "a", id: "a1", outcome)).isEmpty)
        let (second, _) = lab.start("a")
        let events = lab.events(.containerEnded(container: "a", id: second, outcome))
        #expect(events == ["BackOff: Back-off restarting failed container a in pod p_n(u)"])
    }

    @Test func whoRanLongStartsAnewAtOnce() throws {
        var lab = try WorkerLab(#"{"containers":[{"name":"a","image":"i"}]}"#)
        _ = lab.setUp()
        var (id, _) = lab.start("a")
        _ = lab.end("a", id, code: 1)
        (id, _) = lab.start("a")
        _ = lab.pass(seconds: 3000)
        #expect(lab.end("a", id, code: 1).contains(.prepareImage(container: "a")))
    }

    @Test(
        arguments: [
            ("Never", 0, "Succeeded"), ("Never", 3, "Failed"), ("OnFailure", 0, "Succeeded"),
            ("OnFailure", 1, "Running"),
            ("Always", 0, "Running"),
        ] as [(String, Int32, String)])
    func thePolicySaysWhatAnEndMeans(policy: String, code: Int32, phase: String) throws {
        var lab = try WorkerLab(#"{"restartPolicy":"\#(policy)","containers":[{"name":"a","image":"i"}]}"#)
        _ = lab.setUp()
        let (id, _) = lab.start("a")
        let then = lab.end("a", id, code: code)
        #expect(lab.status["phase"]?.string == phase)
        #expect(then == (phase == "Running" ? [.prepareImage(container: "a")] : [.tearDown]))
        guard phase != "Running" else { return }
        #expect(lab.handle(.tornDown).isEmpty)
        let reason = lab.status["conditions"]?.array?.first { $0["type"] == "Ready" }?["reason"]
        #expect(reason?.string == (phase == "Failed" ? "PodFailed" : "PodCompleted"))
        #expect(lab.pass(seconds: 4000).isEmpty)
    }

    // MARK: - Initial containers and sidecars

    @Test func initialContainersRunOneAfterTheOther() throws {
        var lab = try WorkerLab(
            #"{"initContainers":[{"name":"x","image":"i"},{"name":"y","image":"i"}],"containers":[{"name":"a","image":"i"}]}"#
        )
        #expect(lab.setUp() == [.prepareImage(container: "x")])
        let x = lab.start("x")
        #expect(x.then.isEmpty)
        #expect(lab.condition("Initialized") == "False")
        #expect(lab.state("a")?["state"]?["waiting"]?["reason"] == "PodInitializing")
        #expect(lab.end("x", x.id, code: 0) == [.prepareImage(container: "y")])
        let y = lab.start("y")
        // One that fails is tried again, and nothing goes on.
        #expect(lab.end("y", y.id, code: 2) == [.prepareImage(container: "y")])
        let again = lab.start("y")
        #expect(lab.end("y", again.id, code: 0).contains(.prepareImage(container: "a")))
        _ = lab.start("a")
        #expect(lab.status["phase"] == "Running")
        #expect(lab.condition("Initialized") == "True")
        #expect(lab.state("x", "initContainerStatuses")?["ready"] == true)
    }

    @Test func aFailedInitialContainerFailsAPodThatNeverRestarts() throws {
        var lab = try WorkerLab(
            #"{"restartPolicy":"Never","initContainers":[{"name":"x","image":"i"}],"containers":[{"name":"a","image":"i"}]}"#
        )
        _ = lab.setUp()
        let x = lab.start("x")
        #expect(lab.end("x", x.id, code: 1) == [.tearDown])
        #expect(lab.status["phase"] == "Failed")
    }

    @Test func sidecarsStartFirstStayAndEndLastInReverse() throws {
        var lab = try WorkerLab(
            #"""
            {"restartPolicy":"Never","terminationGracePeriodSeconds":30,
             "initContainers":[{"name":"s1","image":"i","restartPolicy":"Always"},
                               {"name":"s2","image":"i","restartPolicy":"Always"}],
             "containers":[{"name":"a","image":"i"}]}
            """#)
        #expect(lab.setUp() == [.prepareImage(container: "s1")])
        let s1 = lab.start("s1")
        #expect(s1.then == [.prepareImage(container: "s2")])
        let s2 = lab.start("s2")
        #expect(s2.then == [.prepareImage(container: "a")])
        let a = lab.start("a")
        #expect(lab.condition("Ready") == "True")
        #expect(lab.end("a", a.id, code: 0) == [.stopContainer(container: "s2", id: s2.id, grace: 30)])
        #expect(lab.end("s2", s2.id, code: 143) == [.stopContainer(container: "s1", id: s1.id, grace: 30)])
        #expect(lab.end("s1", s1.id, code: 143) == [.tearDown])
        #expect(lab.status["phase"] == "Succeeded")
    }

    // MARK: - The end

    @Test func deletionStopsContainersTearsDownAndFinishes() throws {
        let spec =
            #"{"terminationGracePeriodSeconds":30,"containers":[{"name":"a","image":"i"},{"name":"b","image":"i"}]}"#
        var lab = try WorkerLab(spec)
        _ = lab.setUp()
        let (a, b) = (lab.start("a").id, lab.start("b").id)
        let deleted = try WorkerLab.pod(
            spec, metadata: #","deletionTimestamp":"2026-01-01T00:00:00Z","deletionGracePeriodSeconds":5"#)
        #expect(
            Set(lab.handle(.declared(deleted))) == [
                .stopContainer(container: "a", id: a, grace: 5), .stopContainer(container: "b", id: b, grace: 5),
            ])
        #expect(lab.handle(.declared(deleted)).isEmpty)
        #expect(lab.end("a", a, code: 143).isEmpty)
        #expect(lab.end("b", b, code: 137) == [.tearDown])
        #expect(lab.handle(.tornDown) == [.finished])
        #expect(lab.pass(seconds: 1000).isEmpty)
    }

    @Test func lessGraceIsToldAgainMoreIsNot() throws {
        let spec = #"{"containers":[{"name":"a","image":"i"}]}"#
        var lab = try WorkerLab(spec)
        _ = lab.setUp()
        let (a, _) = lab.start("a")
        let versions = try [60, 90, 0].map { grace in
            try WorkerLab.pod(
                spec, metadata: #","deletionTimestamp":"2026-01-01T00:00:00Z","deletionGracePeriodSeconds":\#(grace)"#)
        }
        #expect(lab.handle(.declared(versions[0])) == [.stopContainer(container: "a", id: a, grace: 60)])
        #expect(lab.handle(.declared(versions[1])).isEmpty)
        #expect(lab.handle(.declared(versions[2])) == [.stopContainer(container: "a", id: a, grace: 0)])
    }

    @Test(arguments: [("Never", "Failed"), ("OnFailure", "Running"), ("Always", "Running")])
    func aCommandThatCannotBeRunEndsWith128(policy: String, phase: String) throws {
        var lab = try WorkerLab(#"{"restartPolicy":"\#(policy)","containers":[{"name":"a","image":"i"}]}"#)
        _ = lab.setUp()
        for attempt in [1, 2] as [Int64] where attempt == 1 || policy != "Never" {
            _ = lab.handle(.imageReady(container: "a", imageID: "sha256:1"))
            let instance = ContainerInstance(id: "a\(attempt)", startedAt: lab.now)
            _ = lab.handle(.containerRefused(container: "a", instance, message: "no such file: x"))
            #expect(lab.state("a")?["restartCount"]?.integer == (policy == "Never" ? 0 : attempt.signum()))
        }
        #expect(lab.status["phase"]?.string == phase)
        let state = lab.state("a")?[policy == "Never" ? "state" : "lastState"]?["terminated"]
        #expect(state?["exitCode"] == 128)
        #expect(state?["reason"] == "StartError")
        #expect(state?["message"] == "no such file: x")
        if policy != "Never" { #expect(lab.state("a")?["state"]?["waiting"]?["reason"] == "CrashLoopBackOff") }
    }

    @Test func whatIsBeingMadeIsWaitedForAndThenEnded() throws {
        var lab = try WorkerLab(#"{"containers":[{"name":"a","image":"i"}]}"#)
        _ = lab.setUp()
        _ = lab.handle(.imageReady(container: "a", imageID: "x"))
        #expect(lab.handle(.removed).isEmpty)
        let then = lab.handle(.containerStarted(container: "a", ContainerInstance(id: "a1", startedAt: lab.now)))
        #expect(then == [.stopContainer(container: "a", id: "a1", grace: 30)])
        #expect(lab.end("a", "a1", code: 137) == [.tearDown])
        #expect(lab.handle(.tornDown) == [.finished])
    }

    @Test func aTearDownThatFailsIsTriedAgain() throws {
        var lab = try WorkerLab(#"{"containers":[{"name":"a","image":"i"}]}"#)
        #expect(lab.handle(.removed) == [.tearDown])
        #expect(lab.handle(.tearDownFailed(message: "busy")).isEmpty)
        let next = lab.worker.nextWake(now: lab.now)
        let wake = try #require(next)
        lab.now = wake
        #expect(lab.handle(.timePassed) == [.tearDown])
        #expect(lab.handle(.tornDown) == [.finished])
    }

    @Test func theActiveDeadlineFailsThePod() throws {
        var lab = try WorkerLab(#"{"activeDeadlineSeconds":20,"containers":[{"name":"a","image":"i"}]}"#)
        _ = lab.setUp()
        let (a, _) = lab.start("a")
        #expect(lab.pass(seconds: 19).isEmpty)
        #expect(lab.pass(seconds: 1) == [.stopContainer(container: "a", id: a, grace: 30)])
        #expect(lab.end("a", a, code: 143) == [.tearDown])
        #expect(lab.status["phase"] == "Failed")
        #expect(lab.status["reason"] == "DeadlineExceeded")
    }

    @Test func evictionFailsThePodAndSaysWhy() throws {
        var lab = try WorkerLab(#"{"containers":[{"name":"a","image":"i"}]}"#)
        _ = lab.setUp()
        let (a, _) = lab.start("a")
        let why = "The node was low on resource: memory. "
        let events = lab.events(.evicted(reason: "Evicted", message: why))
        #expect(events == ["Evicted: \(why)", "Killing: Stopping container a"])
        #expect(lab.events(.evicted(reason: "Evicted", message: "again")).isEmpty)
        _ = lab.end("a", a, code: 137)
        #expect(lab.status["phase"] == "Failed")
        #expect(lab.status["reason"] == "Evicted")
    }

    // MARK: - Probes

    @Test func whatIsBeingStartedAgainShowsItsLastLife() throws {
        var lab = try WorkerLab(#"{"containers":[{"name":"a","image":"i"}]}"#)
        _ = lab.setUp()
        #expect(lab.state("a")?["state"]?["waiting"]?["reason"] == "ContainerCreating")
        let (id, _) = lab.start("a")
        #expect(lab.end("a", id, code: 0) == [.prepareImage(container: "a")])
        #expect(lab.state("a")?["state"]?["terminated"]?["reason"] == "Completed")
        #expect(lab.status["phase"] == "Running")
        _ = lab.start("a")
        #expect(lab.state("a")?["lastState"]?["terminated"]?["reason"] == "Completed")
    }

    @Test func whileAPullIsTriedAgainItsTroubleIsShown() throws {
        var lab = try WorkerLab(#"{"containers":[{"name":"a","image":"i"}]}"#)
        _ = lab.setUp()
        _ = lab.handle(.imageFailed(container: "a", reason: "ErrImagePull", message: "no route"))
        #expect(lab.pass(seconds: 1).isEmpty)
        #expect(lab.pass(seconds: 60) == [.prepareImage(container: "a")])
        #expect(lab.state("a")?["state"]?["waiting"]?["reason"] == "ImagePullBackOff")
        _ = lab.start("a")
        #expect(lab.state("a")?["state"]?["running"] != nil)
    }

    @Test func whatIsPreparedInAPodWithInitialContainersIsInitializing() throws {
        var lab = try WorkerLab(
            #"{"initContainers":[{"name":"i","image":"i"}],"containers":[{"name":"a","image":"i"}]}"#)
        _ = lab.setUp()
        let (id, _) = lab.start("i")
        #expect(lab.end("i", id, code: 0) == [.prepareImage(container: "a")])
        #expect(lab.state("a")?["state"]?["waiting"]?["reason"] == "PodInitializing")
    }

    @Test func messagesOfAPodShareTwelveKilobytes() throws {
        let names = ["a", "b", "c", "d", "e"]
        let list = names.map { #"{"name":"\#($0)","image":"i"}"# }.joined(separator: ",")
        var lab = try WorkerLab(#"{"restartPolicy":"Never","containers":[\#(list)]}"#)
        _ = lab.setUp()
        let (id, _) = lab.start("a")
        let outcome = ContainerOutcome(
            exitCode: 1, reason: "Error", message: String(repeating: "x", count: 4096), finishedAt: lab.now)
        _ = lab.handle(.containerEnded(container: "a", id: id, outcome))
        #expect(lab.state("a")?["state"]?["terminated"]?["message"]?.string?.count == 2457)
    }

    @Test(arguments: [
        (
            #""restartPolicy":"Never","restartPolicyRules":[{"action":"Restart","exitCodes":{"operator":"In","values":[7]}}]"#,
            Int32(7), true
        ),
        (
            #""restartPolicy":"Never","restartPolicyRules":[{"action":"Restart","exitCodes":{"operator":"In","values":[7]}}]"#,
            8, false
        ),
        (
            #""restartPolicy":"Never","restartPolicyRules":[{"action":"Restart","exitCodes":{"operator":"NotIn","values":[7]}}]"#,
            8, true
        ),
        (#""restartPolicy":"Always""#, 0, true), (#""restartPolicy":"OnFailure""#, 1, true),
        (#""restartPolicy":"OnFailure""#, 0, false), (#""stdin":false"#, 7, false),
    ])
    func aContainersOwnRulesComeBeforeThePodsPolicy(container: String, code: Int32, restarts: Bool) throws {
        var lab = try WorkerLab(
            #"{"restartPolicy":"Never","containers":[{"name":"a","image":"i",\#(container)}]}"#)
        _ = lab.setUp()
        let (id, _) = lab.start("a")
        #expect(lab.end("a", id, code: code) == (restarts ? [.prepareImage(container: "a")] : [.tearDown]))
        #expect(lab.status["phase"] == (restarts ? "Running" : code == 0 ? "Succeeded" : "Failed"))
    }

    @Test func aRejectedPodFailsAndNothingOfItStarts() throws {
        var lab = try WorkerLab(#"{"initContainers":[{"name":"i"}],"containers":[{"name":"a"}]}"#)
        let rejection = PodRejection("SysctlForbidden", "forbidden sysctl: \"vm.swappiness\" not allowlisted")
        #expect(lab.handle(.rejected(rejection)) == [.tearDown])
        #expect(lab.handle(.tornDown).isEmpty)
        #expect(lab.status["phase"] == "Failed")
        #expect(lab.status["reason"] == "SysctlForbidden")
        #expect(lab.status["message"] == .string("Pod was rejected: \(rejection.message)"))
        #expect(lab.status["containerStatuses"] == nil && lab.status["initContainerStatuses"] == nil)
        #expect(lab.pass(seconds: 1000).isEmpty)
    }

    @Test func livenessFailuresRestartTheContainer() throws {
        var lab = try WorkerLab(
            #"""
            {"containers":[{"name":"a","image":"i","livenessProbe":
              {"exec":{"command":["x"]},"periodSeconds":2,"failureThreshold":2,"initialDelaySeconds":5}}]}
            """#)
        _ = lab.setUp()
        let (a, then) = lab.start("a")
        #expect(then.isEmpty)
        #expect(lab.worker.nextWake(now: lab.now) == lab.now + 5_000_000_000)
        #expect(lab.pass(seconds: 5) == [.probe(container: "a", id: a, .liveness)])
        #expect(lab.pass(seconds: 5).isEmpty)
        #expect(lab.handle(.probed(container: "a", id: a, .liveness, isGood: false, message: "no")).isEmpty)
        #expect(lab.pass(seconds: 2) == [.probe(container: "a", id: a, .liveness)])
        #expect(
            lab.handle(.probed(container: "a", id: a, .liveness, isGood: false, message: "no")) == [
                .stopContainer(container: "a", id: a, grace: 30)
            ])
        #expect(lab.condition("Ready") == "False")
        #expect(lab.end("a", a, code: 137) == [.prepareImage(container: "a")])
    }

    @Test func readinessComesAndGoes() throws {
        var lab = try WorkerLab(
            #"{"containers":[{"name":"a","image":"i","readinessProbe":{"periodSeconds":1,"failureThreshold":1}}]}"#)
        _ = lab.setUp()
        let (a, then) = lab.start("a")
        #expect(then == [.probe(container: "a", id: a, .readiness)])
        #expect(lab.condition("Ready") == "False")
        _ = lab.handle(.probed(container: "a", id: a, .readiness, isGood: true, message: ""))
        #expect(lab.condition("Ready") == "True")
        _ = lab.pass(seconds: 1)
        #expect(lab.handle(.probed(container: "a", id: a, .readiness, isGood: false, message: "")).isEmpty)
        #expect(lab.condition("Ready") == "False")
        // Of a life before: nothing.
        _ = lab.handle(.probed(container: "a", id: "old", .readiness, isGood: true, message: ""))
        #expect(lab.condition("Ready") == "False")
    }

    @Test func startupHoldsTheOthersUp() throws {
        var lab = try WorkerLab(
            #"{"containers":[{"name":"a","image":"i","startupProbe":{"periodSeconds":1},"readinessProbe":{}}]}"#)
        _ = lab.setUp()
        let (a, then) = lab.start("a")
        #expect(then == [.probe(container: "a", id: a, .startup)])
        #expect(lab.state("a")?["started"] == false)
        #expect(
            lab.handle(.probed(container: "a", id: a, .startup, isGood: true, message: "")) == [
                .probe(container: "a", id: a, .readiness)
            ])
        #expect(lab.state("a")?["started"] == true)
    }

    // MARK: - Trouble

    @Test func imagesThatCannotBeHadAreAskedForEverLater() throws {
        var lab = try WorkerLab(#"{"containers":[{"name":"a","image":"i"}]}"#)
        _ = lab.setUp()
        #expect(
            lab.events(.imageFailed(container: "a", reason: "ErrImagePull", message: "no such host")) == [
                "Failed: Failed to pull image \"i\": no such host", "BackOff: Back-off pulling image \"i\"",
            ])
        #expect(lab.state("a")?["state"]?["waiting"]?["reason"] == "ImagePullBackOff")
        #expect(lab.pass(seconds: 9).isEmpty)
        #expect(lab.pass(seconds: 1) == [.prepareImage(container: "a")])
        #expect(lab.status["phase"] == "Pending")
    }

    @Test func setupIsTriedAgainAndItsFailureShown() throws {
        var lab = try WorkerLab(#"{"containers":[{"name":"a","image":"i"}]}"#)
        #expect(lab.handle(.timePassed) == [.mountVolumes])
        #expect(lab.handle(.setupFailed(reason: "FailedMount", message: "configmap \"x\" not found")).isEmpty)
        #expect(lab.state("a")?["state"]?["waiting"]?["message"]?.string?.contains("not found") == true)
        let next = lab.worker.nextWake(now: lab.now)
        let wake = try #require(next)
        lab.now = wake
        #expect(lab.handle(.timePassed) == [.mountVolumes])
        #expect(lab.handle(.volumesMounted) == [.startSandbox])
    }

    @Test func aLostSandboxStartsEverythingAnew() throws {
        var lab = try WorkerLab(#"{"containers":[{"name":"a","image":"i"}]}"#)
        _ = lab.setUp()
        let (a, _) = lab.start("a")
        #expect(lab.handle(.sandboxLost) == [.stopContainer(container: "a", id: a, grace: 0)])
        #expect(lab.end("a", a, code: 137) == [.startSandbox])
        let then = lab.handle(.sandboxStarted(id: "s2", addresses: ["10.0.0.6"]))
        #expect(then == [.prepareImage(container: "a")])
        _ = lab.start("a")
        #expect(lab.state("a")?["restartCount"] == 1)
        #expect(lab.status["podIP"] == "10.0.0.6")
    }

    @Test func aFailedPostStartHookEndsTheContainer() throws {
        var lab = try WorkerLab(
            #"{"containers":[{"name":"a","image":"i","lifecycle":{"postStart":{"exec":{"command":["x"]}}}}]}"#)
        _ = lab.setUp()
        let (a, then) = lab.start("a")
        #expect(then == [.runPostStart(container: "a", id: a)])
        #expect(lab.condition("Ready") == "False")
        #expect(
            lab.handle(.postStartEnded(container: "a", id: a, isGood: false, message: "no")) == [
                .stopContainer(container: "a", id: a, grace: 30)
            ])
    }

    // MARK: - Adoption

    @Test func whatRunsIsTakenUpAsItIs() throws {
        let status = #"{"containerStatuses":[{"name":"a","containerID":"runc://a3","ready":true,"started":true}]}"#
        var lab = try WorkerLab(
            #"{"containers":[{"name":"a","image":"i","readinessProbe":{"initialDelaySeconds":1000}},{"name":"b","image":"i"}]}"#,
            status: status)
        func life(_ name: String, _ attempt: Int64, _ code: Int32?) -> AdoptedLife {
            AdoptedLife(
                container: name, attempt: attempt, instance: .init(id: "\(name)\(attempt)", startedAt: lab.now - 5),
                imageID: "x",
                outcome: code.map { ContainerOutcome(exitCode: $0, reason: "Error", finishedAt: lab.now) })
        }
        let lives = [life("a", 1, 1), life("a", 2, 2), life("a", 3, nil), life("b", 0, 7)]
        let directives = lab.worker.adopt(lives, sandboxID: "s", addresses: ["10.0.0.9"], now: lab.now)
        #expect(directives == [.forgetContainer(id: "a1"), .prepareImage(container: "b")])
        #expect(lab.state("a")?["restartCount"] == 3)
        #expect(lab.state("a")?["ready"] == true)
        #expect(lab.state("a")?["lastState"]?["terminated"]?["exitCode"] == 2)
        #expect(lab.state("b")?["restartCount"] == 1)
        #expect(lab.status["podIP"] == "10.0.0.9")
    }

    @Test func aPodThatEndedWhileNobodyLookedStaysEnded() throws {
        var lab = try WorkerLab(#"{"restartPolicy":"Never","containers":[{"name":"a","image":"i"}]}"#)
        let life = AdoptedLife(
            container: "a", attempt: 0, instance: .init(id: "a0", startedAt: lab.now), imageID: "x",
            outcome: ContainerOutcome(exitCode: 0, reason: "Completed", finishedAt: lab.now))
        let directives = lab.worker.adopt([life], sandboxID: nil, addresses: [], now: lab.now)
        #expect(directives == [.tearDown])
        #expect(lab.status["phase"] == "Succeeded")
    }

    @Test(
        arguments: [
            ("Failed", "Evicted"), ("Failed", "DeadlineExceeded"), ("Succeeded", nil),
        ] as [(String, String?)])
    func whatHasEndedStaysSoForEveryAgent(phase: String, reason: String?) throws {
        let why = reason.map { #","reason":"\#($0)","message":"why""# } ?? ""
        var lab = try WorkerLab(
            #"{"restartPolicy":"Always","containers":[{"name":"a","image":"i"}]}"#,
            status: #"{"phase":"\#(phase)"\#(why)}"#)
        let life = AdoptedLife(
            container: "a", attempt: 0, instance: .init(id: "a0", startedAt: lab.now), imageID: "x",
            outcome: ContainerOutcome(exitCode: 137, reason: "Error", finishedAt: lab.now))
        let directives = lab.worker.adopt([life], sandboxID: nil, addresses: [], now: lab.now)
        #expect(directives == [.tearDown])
        #expect(lab.handle(.tornDown).isEmpty)
        #expect(lab.pass(seconds: 4000).isEmpty)
        #expect(lab.status["phase"]?.string == phase)
        #expect(lab.status["reason"]?.string == reason)
    }

    @Test func theDeadlineCountsFromThePodsStart() throws {
        let spec = #"{"activeDeadlineSeconds":60,"containers":[{"name":"a","image":"i"}]}"#
        // 50 s before the lab's clock.
        var lab = try WorkerLab(spec, status: #"{"startTime":"1970-01-01T00:15:50Z"}"#)
        let life = AdoptedLife(
            container: "a", attempt: 0, instance: .init(id: "a0", startedAt: lab.now - 1_000_000_000), imageID: "x",
            outcome: nil)
        #expect(lab.worker.adopt([life], sandboxID: "s", addresses: [], now: lab.now).isEmpty)
        #expect(lab.pass(seconds: 9).isEmpty)
        #expect(lab.pass(seconds: 1) == [.stopContainer(container: "a", id: "a0", grace: 30)])
        // A pod of a file has no status; its containers tell.
        lab = try WorkerLab(spec)
        _ = lab.worker.adopt([life], sandboxID: "s", addresses: [], now: lab.now)
        #expect(lab.pass(seconds: 58).isEmpty)
        #expect(lab.pass(seconds: 1) == [.stopContainer(container: "a", id: "a0", grace: 30)])
    }

    @Test func withoutItsSandboxAPodBeginsAnew() throws {
        var lab = try WorkerLab(
            #"{"initContainers":[{"name":"x","image":"i"}],"containers":[{"name":"a","image":"i"}]}"#)
        func life(_ name: String, _ code: Int32) -> AdoptedLife {
            AdoptedLife(
                container: name, attempt: 0, instance: .init(id: "\(name)0", startedAt: lab.now), imageID: "x",
                outcome: ContainerOutcome(exitCode: code, reason: "Completed", finishedAt: lab.now))
        }
        let directives = lab.worker.adopt([life("x", 0), life("a", 137)], sandboxID: nil, addresses: [], now: lab.now)
        #expect(directives == [.mountVolumes])
        #expect(lab.handle(.volumesMounted) == [.startSandbox])
        #expect(lab.handle(.sandboxStarted(id: "s2", addresses: [])) == [.prepareImage(container: "x")])
        let (x, then) = lab.start("x")
        #expect(then.isEmpty)
        #expect(lab.end("x", x, code: 0) == [.forgetContainer(id: "x0"), .prepareImage(container: "a")])
        #expect(lab.state("x", "initContainerStatuses")?["restartCount"] == 1)
    }

    @Test func theSameStatusIsSaidOnce() throws {
        var lab = try WorkerLab(#"{"containers":[{"name":"a","image":"i"}]}"#)
        let node = PodStatus.Node(addresses: [], runtime: "runc")
        let first = lab.worker.report(on: node, now: lab.now)
        #expect(first != nil)
        let second = lab.worker.report(on: node, now: lab.now + 60_000_000_000)
        #expect(second == nil)
    }

    // MARK: - Patches

    /// The pod after a status was sent, as an API server makes it.
    private func patched(_ pod: JSONValue, _ status: JSONValue) throws -> JSONValue {
        let type = try #require(Schema.builtin.type(named: "io.k8s.api.core.v1.Pod"))
        return try StrategicMergePatch(schema: .builtin).apply(
            ["status": PodStatus.patch(status)], to: pod, as: type)
    }

    @Test func aSentStatusLeavesNothingOfTheOneBefore() throws {
        var lab = try WorkerLab(#"{"containers":[{"name":"a","image":"i"}]}"#)
        _ = lab.setUp()
        var pod = try patched(["kind": "Pod"], lab.status)
        func condition(_ type: String) -> JSONValue? {
            pod["status"]?["conditions"]?.array?.first { $0["type"]?.string == type }
        }
        #expect(condition("Ready")?["reason"] == "ContainersNotReady")
        let (a, _) = lab.start("a")
        pod = try patched(pod, lab.status)
        #expect(condition("Ready")?["status"] == "True")
        #expect(condition("Ready")?["reason"] == nil && condition("Ready")?["message"] == nil)
        #expect(pod["status"]?["podIPs"] == [["ip": "10.0.0.5"]])

        _ = lab.handle(.sandboxLost)
        pod = try patched(pod, lab.status)
        #expect(pod["status"]?["podIP"] == nil && pod["status"]?["podIPs"] == nil)
        _ = lab.end("a", a, code: 137)
        _ = lab.handle(.sandboxStarted(id: "s2", addresses: ["10.0.0.6", "fd00::6"]))
        pod = try patched(pod, lab.status)
        #expect(pod["status"]?["podIPs"] == [["ip": "10.0.0.6"], ["ip": "fd00::6"]])
        _ = lab.handle(.sandboxLost)
        _ = lab.handle(.sandboxStarted(id: "s3", addresses: ["10.0.0.7"]))
        pod = try patched(pod, lab.status)
        #expect(pod["status"]?["podIPs"] == [["ip": "10.0.0.7"]])
        #expect(pod["status"]?["hostIPs"] == [["ip": "192.0.2.1"]])
    }
}
