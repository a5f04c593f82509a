import ControllerCore
import KubeAPI
import TestRandom
import Testing

@Suite struct CronTests {
    private static func seconds(_ text: String) -> Int64 { RFC3339.seconds(text) ?? 0 }

    @Test(
        arguments: [
            ("*/15 * * * *", "2026-03-01T10:07:30Z", "2026-03-01T10:15:00Z"),
            ("0 0 * * *", "2026-12-31T23:59:00Z", "2027-01-01T00:00:00Z"),
            ("30 4 1,15 * 5", "2026-07-02T00:00:00Z", "2026-07-03T04:30:00Z"),
            ("0 12 * * mon-fri", "2026-11-20T12:00:00Z", "2026-11-23T12:00:00Z"),
            ("0 0 29 2 *", "2026-03-01T00:00:00Z", "2028-02-29T00:00:00Z"),
            ("5/20 3 * jan *", "2026-01-01T03:06:00Z", "2026-01-01T03:25:00Z"),
            ("@hourly", "2026-01-01T03:00:00Z", "2026-01-01T04:00:00Z"),
            ("@every 1h30m", "2026-01-01T03:00:00Z", "2026-01-01T04:30:00Z"),
            ("0 0 * * 7", "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z"),
        ])
    func theNextTimeIsFound(schedule: String, after: String, expected: String) throws {
        #expect(try CronSchedule(schedule).next(after: Self.seconds(after)) == Self.seconds(expected))
    }

    @Test(arguments: ["", "* * * *", "60 * * * *", "* 24 * * *", "*/0 * * * *", "a * * * *", "5-1 * * * *", "@every x"])
    func nonsenseIsRefused(schedule: String) {
        #expect(throws: CronSchedule.Refusal.self) { try CronSchedule(schedule) }
    }

    @Test func aTimeThatNeverComesIsNone() throws {
        #expect(try CronSchedule("0 0 31 2 *").next(after: 0) == nil)
    }

    /// A zone with summer time from an instant to another: version 2 of the format, with an empty first part.
    private static func zone() throws -> TimeZoneRules {
        func bytes(_ value: Int64, _ size: Int) -> [UInt8] {
            (0..<size).reversed().map { UInt8(truncatingIfNeeded: value >> Int64($0 * 8)) }
        }
        func header(_ times: Int64, _ types: Int64, _ characters: Int64) -> [UInt8] {
            Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15)
                + [0, 0, 0, times, types, characters].flatMap { bytes($0, 4) }
        }
        let start = seconds("2026-03-29T01:00:00Z")
        let end = seconds("2026-10-25T01:00:00Z")
        let types = bytes(3600, 4) + [0, 0] + bytes(7200, 4) + [1, 0]
        let file =
            header(0, 0, 0) + header(2, 2, 4) + bytes(start, 8) + bytes(end, 8) + [1, 0] + types + Array("CET\0".utf8)
        return try #require(TimeZoneRules(tzif: file))
    }

    @Test func clocksThatChangeAreFollowed() throws {
        let zone = try Self.zone()
        let daily = try CronSchedule("30 2 * * *")
        // 02:30 in winter is 01:30 UTC; the night of the change has no 02:30; in summer it is 00:30 UTC.
        #expect(
            daily.next(after: Self.seconds("2026-03-27T12:00:00Z"), zone: zone) == Self.seconds("2026-03-28T01:30:00Z"))
        #expect(
            daily.next(after: Self.seconds("2026-03-28T12:00:00Z"), zone: zone) == Self.seconds("2026-03-30T00:30:00Z"))
        // In autumn 02:30 comes twice and counts once.
        let autumn = try #require(daily.next(after: Self.seconds("2026-10-24T12:00:00Z"), zone: zone))
        #expect(autumn == Self.seconds("2026-10-25T00:30:00Z"))
        #expect(daily.next(after: autumn, zone: zone) == Self.seconds("2026-10-26T01:30:00Z"))
    }

    @Test(arguments: 0..<200) func brokenZoneFilesAreRefused(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var bytes =
            Array("TZif2".utf8)
            + (0..<Int(random.next() % 200)).map { _ in UInt8(truncatingIfNeeded: random.next() % 4) }
        if random.next() % 2 == 0 { bytes.removeLast(min(bytes.count, Int(random.next() % 8))) }
        if let rules = TimeZoneRules(tzif: bytes) { #expect(rules.offset(at: 0) == rules.offset(at: 0)) }
    }

    private static func cron(_ more: [String: JSONValue] = [:]) -> JSONValue {
        var spec: JSONValue = [
            "schedule": "*/10 * * * *", "jobTemplate": ["spec": ["template": [:]]], "successfulJobsHistoryLimit": 1,
            "failedJobsHistoryLimit": 1,
        ]
        for (key, value) in more { spec[path: key] = value }
        return ["metadata": ["name": "tick"], "spec": spec]
    }

    private static func run(_ cluster: inout MiniCluster) throws -> Decision {
        let cron = try #require(cluster[.cronJob, "tick"])
        let decision = CronJobs.decide(cron, jobs: cluster.owned(.job, by: cron), zone: .utc, now: cluster.now)
        try cluster.perform(decision)
        return decision
    }

    private static func end(_ cluster: inout MiniCluster, _ name: String) {
        let now = cluster.now
        cluster.change(.job, name) { job in
            var status: JSONValue = ["startTime": Timestamp.text(now), "completionTime": Timestamp.text(now)]
            Conditions.set(Condition("Complete", true), in: &status, now: now)
            job["status"] = status
        }
    }

    @Test func jobsComeByTheClockAndGoByTheHistory() throws {
        var cluster = MiniCluster()
        cluster.add(.cronJob, Self.cron())
        #expect(try Self.run(&cluster).requeueAfter == .seconds(600) + .milliseconds(100))
        #expect(cluster[.job].isEmpty)
        for round in 1...3 {
            cluster.pass(seconds: 600)
            _ = try Self.run(&cluster)
            _ = try Self.run(&cluster)
            let names = cluster[.job].map(\.name)
            #expect(names.contains("tick-\(cluster.now / 60_000_000_000)"), "round \(round)")
            #expect(cluster[.cronJob, "tick"]?.status?["active"]?.array?.count == 1)
            if let name = names.last { Self.end(&cluster, name) }
        }
        _ = try Self.run(&cluster)
        #expect(cluster[.job].count == 1)
        #expect(cluster[.cronJob, "tick"]?.status?["lastSuccessfulTime"] != nil)
        #expect(cluster.events.contains { $0.hasPrefix("SawCompletedJob: Saw completed job: tick-") })
    }

    @Test(arguments: [("Forbid", 1), ("Allow", 2), ("Replace", 1)])
    func runsThatOverlap(policy: String, count: Int) throws {
        var cluster = MiniCluster()
        cluster.add(.cronJob, Self.cron(["concurrencyPolicy": .string(policy)]))
        for _ in 0..<2 {
            cluster.pass(seconds: 600)
            _ = try Self.run(&cluster)
        }
        #expect(cluster[.job].count == count)
        let isNew = cluster[.job].contains { $0.name == "tick-\(cluster.now / 60_000_000_000)" }
        #expect(isNew == (policy != "Forbid"))
    }

    @Test func whatWasMissedForTooLongIsLeft() throws {
        var cluster = MiniCluster()
        cluster.add(.cronJob, Self.cron(["startingDeadlineSeconds": 60]))
        cluster.pass(seconds: 900)
        _ = try Self.run(&cluster)
        #expect(cluster[.job].isEmpty, "the time was five minutes ago")
        cluster.change(.cronJob, "tick") { $0[path: "spec", "startingDeadlineSeconds"] = nil }
        _ = try Self.run(&cluster)
        #expect(cluster[.job].count == 1)
        cluster.change(.cronJob, "tick") { $0[path: "spec", "schedule"] = "bad" }
        _ = try Self.run(&cluster)
        #expect(cluster.events.last?.hasPrefix("UnparseableSchedule") == true)
    }

    /// In the zone of the schedule.
    @Test func aJobSaysForWhichTimeItIs() throws {
        let zone = try Self.zone()
        for (time, text) in [
            ("2026-07-01T07:10:00Z", "2026-07-01T09:10:00+02:00"),
            ("2026-12-01T07:10:00Z", "2026-12-01T08:10:00+01:00"),
        ] {
            var cluster = MiniCluster()
            cluster.now = (Self.seconds(time) - 60) * Timestamp.second
            let cron = cluster.add(.cronJob, Self.cron())
            cluster.pass(seconds: 60)
            try cluster.perform(CronJobs.decide(cron, jobs: [], zone: zone, now: cluster.now))
            let annotation = "batch.kubernetes.io/cronjob-scheduled-timestamp"
            #expect(cluster[.job].first?.annotation(annotation) == text)
            var plain = cluster
            plain.remove(.job, try #require(cluster[.job].first?.name))
            try plain.perform(
                Decision(CronJobs.decide(cron, jobs: [], zone: .utc, now: cluster.now).actions.filter(\.isCreation)))
            #expect(plain[.job].first?.annotation(annotation) == time)
        }
    }

    @Test func aJobThatSomebodyDeletedIsMissed() throws {
        var cluster = MiniCluster()
        cluster.add(.cronJob, Self.cron(["concurrencyPolicy": "Replace"]))
        for _ in 0..<2 {
            cluster.pass(seconds: 600)
            _ = try Self.run(&cluster)
            _ = try Self.run(&cluster)
        }
        #expect(!cluster.events.contains { $0.hasPrefix("MissingJob") }, "one that was replaced is not missing")
        let name = try #require(cluster[.job].first?.name)
        cluster.remove(.job, name)
        _ = try Self.run(&cluster)
        #expect(cluster.events.last == "MissingJob: Active job went missing: \(name)")
        #expect(cluster[.cronJob, "tick"]?.status?["active"] == nil)
    }
}

extension Action {
    fileprivate var isCreation: Bool {
        guard case .create = write else { return false }
        return true
    }
}
