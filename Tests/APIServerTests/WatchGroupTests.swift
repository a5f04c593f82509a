import AsyncHTTPClient
import KubeAPI
import NIOCore
import TestThreads
import Testing

@testable import APIServer

/// Watches that see the same are served together; what each of them sees must not tell.
@Suite(.ownThread) struct WatchGroupTests {
    private struct Change: Hashable, Sendable {
        let type: String
        let name: String
        let version: String
    }

    private static let json = ["Content-Type": "application/json"]

    /// Creates, changes and deletes objects; returns what happened. The last one is called `end`.
    private func write(_ client: ServedClient, rounds: Int, text: String = "") async throws -> [Change] {
        var changes: [Change] = []
        func note(_ type: String, _ name: String, _ answer: ServedClient.Answer) throws {
            let object = try JSONParser.parse(answer.body)
            let version = object[path: "metadata", "resourceVersion"]?.string
            changes.append(Change(type: type, name: name, version: try #require(version, "\(answer.text.prefix(200))")))
        }
        for round in 0..<rounds {
            let name = "c\(round)"
            let body = #"{"metadata":{"name":"\#(name)","labels":{"app":"a"}},"data":{"text":"\#(text)"}}"#
            try note("ADDED", name, try await client.send("POST", ServedClient.configMaps, Self.json, body: body))
            let patch = try await client.send(
                "PATCH", "\(ServedClient.configMaps)/\(name)", ["Content-Type": "application/merge-patch+json"],
                body: #"{"data":{"more":"\#(round)"}}"#)
            try note("MODIFIED", name, patch)
        }
        let body = #"{"metadata":{"name":"end","labels":{"app":"a"}}}"#
        try note("ADDED", "end", try await client.send("POST", ServedClient.configMaps, Self.json, body: body))
        return changes
    }

    /// Opens a watch of everything after `version`.
    private func open(
        _ client: ServedClient, after version: String, _ query: String = ""
    ) async throws -> HTTPClientResponse.Body {
        var request = HTTPClientRequest(
            url: "http://127.0.0.1:\(client.port)\(ServedClient.configMaps)?watch=1&timeoutSeconds=60"
                + "&resourceVersion=\(version)\(query)")
        request.headers.add(name: "Authorization", value: "Bearer admin")
        return try await client.http.execute(request, timeout: .seconds(60)).body
    }

    /// What it shows until `end`.
    private func changes(_ body: HTTPClientResponse.Body) async throws -> [Change] {
        var text: [UInt8] = []
        var changes: [Change] = []
        for try await piece in body {
            text += piece.readableBytesView
            while let end = text.firstIndex(of: UInt8(ascii: "\n")) {
                let event = try JSONParser.parse(Array(text[..<end]))
                text.removeSubrange(...end)
                guard let type = event["type"]?.string, type != "BOOKMARK" else { continue }
                let metadata = event[path: "object", "metadata"]
                changes.append(
                    Change(
                        type: type, name: metadata?["name"]?.string ?? "",
                        version: metadata?["resourceVersion"]?.string ?? ""))
                if changes.last?.name == "end" { return changes }
            }
        }
        return changes
    }

    private func version(_ client: ServedClient) async throws -> String {
        let list = try JSONParser.parse(try await client.send("GET", ServedClient.configMaps).body)
        return try #require(list[path: "metadata", "resourceVersion"]?.string)
    }

    /// Some are there from the start, some come in the middle, and read first what they have missed.
    @Test func allSeeEveryChangeOnceAndInOrder() async throws {
        try await withServer { client in
            let first = try await version(client)
            try await withThrowingTaskGroup(of: [Change].self) { group in
                for number in 0..<24 {
                    let query = number % 3 == 0 ? "&labelSelector=app%3Da&allowWatchBookmarks=true" : ""
                    group.addTask {
                        try await Task.sleep(for: .milliseconds(10 * number))
                        return try await changes(try await open(client, after: first, query))
                    }
                }
                let written = try await write(client, rounds: 60)
                for try await seen in group { #expect(seen == written) }
            }
        }
    }

    /// More than sockets and buffers hold, for a client that reads only when the others have seen everything.
    @Test func aClientThatDoesNotReadMissesNothingAndHoldsUpNobody() async throws {
        try await withServer { client in
            let first = try await version(client)
            let slow = try await open(client, after: first)
            let quick = try await open(client, after: first)
            async let seen = changes(quick)
            let written = try await write(client, rounds: 40, text: String(repeating: "x", count: 200 << 10))
            #expect(try await seen == written)
            #expect(try await changes(slow) == written)
        }
    }

    /// What such a client has yet to read is compacted: it hears so, and nobody else does.
    @Test func aClientThatDoesNotReadInTimeGetsItsOwn410() async throws {
        try await withServer { client in
            let first = try await version(client)
            let slow = try await open(client, after: first)
            let quick = try await open(client, after: first)
            async let seen = changes(quick)
            let written = try await write(client, rounds: 40, text: String(repeating: "x", count: 200 << 10))
            #expect(try await seen == written)
            try await client.store.compact(client.store.revisions.latest)
            let left = try await changes(slow)
            #expect(left.last?.type == "ERROR" && left.count < written.count, "\(left.count) of \(written.count)")
            #expect(left.dropLast().elementsEqual(written.prefix(left.count - 1)))
        }
    }
}
