import KubeAPI
import TestThreads
import Testing

@testable import APIServer

/// What resourceVersion, its match and continue tokens mean, over HTTP, before and after compaction.
@Suite(.ownThread) struct RevisionTests {
    private static let configMaps = ServedClient.configMaps

    private func make(_ client: ServedClient, _ names: [String]) async throws {
        for name in names {
            try await client.change("POST", Self.configMaps, #"{"metadata":{"name":"\#(name)"}}"#)
        }
    }

    /// Everything that was is compacted.
    private func compact(_ client: ServedClient) async throws {
        try await make(client, ["last"])
        try await client.store.compact(client.store.revisions.latest)
    }

    private static func names(_ list: JSONValue) -> [String] {
        list["items"]?.array?.map { $0.meta("name") } ?? []
    }

    private static func version(_ list: JSONValue) -> String {
        list[path: "metadata", "resourceVersion"]?.string ?? ""
    }

    private func expired(_ client: ServedClient, _ query: String) async throws -> JSONValue {
        let answer = try await client.send("GET", "\(Self.configMaps)?\(query)")
        #expect(answer.status == 410, "\(answer.text)")
        let status = try answer.json
        #expect(status["reason"] == "Expired" && status["code"] == 410, "\(answer.text)")
        return status
    }

    @Test func anOldVersionIsShownUntilItIsCompacted() async throws {
        try await withServer { client in
            try await make(client, ["a"])
            let old = Self.version(try await client.object(Self.configMaps))
            try await make(client, ["b"])
            let exact = "resourceVersion=\(old)&resourceVersionMatch=Exact"
            let then = try await client.object("\(Self.configMaps)?\(exact)")
            #expect(Self.names(then) == ["a"] && Self.version(then) == old)
            for query in [
                "resourceVersion=\(old)", "resourceVersion=\(old)&resourceVersionMatch=NotOlderThan",
                "resourceVersion=0",
            ] {
                #expect(Self.names(try await client.object("\(Self.configMaps)?\(query)")) == ["a", "b"])
            }
            try await compact(client)
            _ = try await expired(client, exact)
            // With a limit and no match, an old client means that version.
            _ = try await expired(client, "resourceVersion=\(old)&limit=1")
        }
    }

    @Test func aWatchOfWhatIsCompactedEndsWithItsError() async throws {
        try await withServer { client in
            try await make(client, ["a"])
            try await compact(client)
            let seen = try await client.watched("\(Self.configMaps)?resourceVersion=1")
            #expect(seen.count == 1 && seen[0]["type"] == "ERROR", "\(seen)")
            #expect(seen[0][path: "object", "reason"] == "Expired" && seen[0][path: "object", "code"] == 410)
        }
    }

    @Test func aVersionToComeIsWaitedForAndRefused() async throws {
        try await withServer { client in
            for path in [Self.configMaps, "\(Self.configMaps)/a", "\(Self.configMaps)?watch=1"] {
                let mark = path.contains("?") ? "&" : "?"
                let answer = try await client.send("GET", "\(path)\(mark)resourceVersion=9000")
                #expect(answer.status == 504, "\(path) \(answer.text)")
                let status = try answer.json
                #expect(status["reason"] == "Timeout")
                #expect(status[path: "details", "causes"]?.array?.first?["reason"] == "ResourceVersionTooLarge")
                #expect(status[path: "details", "retryAfterSeconds"] == 1)
            }
        }
    }

    @Test func aClientSaysHowLongItWaits() async throws {
        try await withServer { client in
            let start = ContinuousClock.now
            let late = try await client.send("GET", "\(Self.configMaps)?resourceVersion=9000&timeout=100ms")
            #expect(late.status == 504 && ContinuousClock.now - start < .seconds(3), "\(late.text)")
            #expect(try late.json["reason"] == "Timeout" && late.text.contains("within requested timeout"))
            let wrong = try await client.send("GET", "\(Self.configMaps)?timeout=soon")
            #expect(wrong.status == 400 && wrong.text.contains(#"invalid duration \"soon\""#), "\(wrong.text)")
            for timeout in ["10s", "0", "24h"] {
                #expect(try await client.send("GET", "\(Self.configMaps)?timeout=\(timeout)").status == 200)
            }
            // What lasts has a parameter of its own.
            #expect(try await client.watched("\(Self.configMaps)?resourceVersion=1&timeout=10ms").isEmpty)
        }
    }

    @Test func pagesAreOfOneRevisionAndAnExpiredOneGoesOn() async throws {
        try await withServer { client in
            try await make(client, ["a", "b", "c"])
            let first = try await client.object("\(Self.configMaps)?limit=1")
            #expect(Self.names(first) == ["a"] && first[path: "metadata", "remainingItemCount"] == 2)
            let token = first[path: "metadata", "continue"]?.string ?? ""
            try await client.change("DELETE", "\(Self.configMaps)/b")
            let second = try await client.object("\(Self.configMaps)?limit=1&continue=\(token)")
            #expect(Self.names(second) == ["b"] && Self.version(second) == Self.version(first))
            #expect(second[path: "metadata", "remainingItemCount"] == 1)

            let mixed = try await client.send("GET", "\(Self.configMaps)?continue=\(token)&resourceVersion=5")
            #expect(mixed.status == 400, "\(mixed.text)")
            try await compact(client)
            let status = try await expired(client, "limit=5&continue=\(token)")
            let next = status[path: "metadata", "continue"]?.string ?? ""
            #expect(!next.isEmpty)
            let rest = try await client.object("\(Self.configMaps)?limit=5&continue=\(next)")
            #expect(Self.names(rest) == ["c", "last"])
        }
    }

    @Test(arguments: [
        ("resourceVersionMatch=Exact", "forbidden unless resourceVersion is provided"),
        ("resourceVersionMatch=Exact&resourceVersion=0", #"forbidden for resourceVersion \"0\""#),
        ("resourceVersionMatch=Newest&resourceVersion=1", #"Unsupported value: \"Newest\""#),
        ("resourceVersionMatch=Exact&resourceVersion=1&continue=x", "forbidden when continue is provided"),
        ("sendInitialEvents=true", "sendInitialEvents is forbidden for list"),
        ("watch=1&resourceVersionMatch=NotOlderThan&resourceVersion=1", "forbidden for watch unless sendInitialEvents"),
        ("watch=1&sendInitialEvents=true&allowWatchBookmarks=true", "requires setting resourceVersionMatch"),
    ]) func combinationsThatMeanNothingAreRefused(query: String, text: String) async throws {
        try await withServer { client in
            let answer = try await client.send("GET", "\(Self.configMaps)?\(query)")
            #expect(answer.status == 422 && answer.text.contains(text), "\(answer.text)")
        }
    }
}
