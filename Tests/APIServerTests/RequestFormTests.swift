import AsyncHTTPClient
import KubeAPI
import NIOCore
import TestThreads
import Testing

@testable import APIServer

/// The forms in which bodies come and answers go, over HTTP, and how large they may be.
@Suite(.ownThread) struct RequestFormTests {
    private static let configMaps = ServedClient.configMaps
    private static let json = ["Content-Type": "application/json"]

    // MARK: - Limits

    @Test func bodiesOfMoreThanThreeMebibytesAreRefused() async throws {
        try await withServer { client in
            let large = #"{"metadata":{"name":"c"},"data":{"a":"\#(String(repeating: "x", count: 3 << 20))"}}"#
            let declared = try await client.send("POST", Self.configMaps, Self.json, body: large)
            #expect(declared.status == 413, "\(declared.text)")
            #expect(try declared.json["reason"] == "RequestEntityTooLarge")
            // In chunks the size shows only as they come.
            var request = HTTPClientRequest(url: "http://127.0.0.1:\(client.port)\(Self.configMaps)")
            request.method = .POST
            request.headers.add(name: "Authorization", value: "Bearer admin")
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(Array(large.utf8), length: .unknown)
            let chunked = try await client.http.execute(request, timeout: .seconds(60))
            #expect(chunked.status == .payloadTooLarge)
            #expect(try await client.send("GET", "\(Self.configMaps)/c").status == 404)
        }
    }

    @Test func objectsHaveTheirLimits() async throws {
        try await withServer { client in
            func text(_ bytes: Int) -> String { String(repeating: "x", count: bytes) }
            let secrets = "/api/v1/namespaces/default/secrets"
            for (path, body, field) in [
                (Self.configMaps, #"{"metadata":{"name":"c"},"data":{"a":"\#(text(1 << 20 | 1))"}}"#, "Too long"),
                (secrets, #"{"metadata":{"name":"c"},"stringData":{"a":"\#(text(1 << 20 | 1))"}}"#, "data: Too long"),
                (
                    Self.configMaps, #"{"metadata":{"name":"c","annotations":{"a":"\#(text(256 << 10))"}}}"#,
                    "metadata.annotations: Too long: may not be more than 262144 bytes"
                ),
            ] {
                let refused = try await client.send("POST", path, Self.json, body: body)
                #expect(refused.status == 422 && refused.text.contains(field), "\(refused.text.prefix(400))")
            }
            try await client.change(
                "POST", Self.configMaps, #"{"metadata":{"name":"c"},"data":{"a":"\#(text((1 << 20) - 1))"}}"#)
        }
    }

    // MARK: - Fields that nobody knows

    /// Nobody could own them, so that server-side apply refuses them whatever is asked.
    @Test func appliesRefuseFieldsThatNoSchemaHas() async throws {
        try await withServer { client in
            let refused = try await client.send(
                "PATCH", "\(Self.configMaps)/c?fieldManager=m&fieldValidation=Ignore",
                ["content-type": "application/apply-patch+yaml"],
                body: #"{"apiVersion":"v1","kind":"ConfigMap","data":{"a":"b"},"foo":1}"#)
            #expect(refused.status == 500)
            #expect(
                refused.text.contains(
                    "failed to create typed patch object (default/c; /v1, Kind=ConfigMap): .foo: field not declared in "
                        + "schema"), "\(refused.text)")
        }
    }

    @Test func numbersOfQueriesAreNumbers() async throws {
        try await withServer { client in
            for query in ["limit=abc", "timeoutSeconds=1.5"] {
                let refused = try await client.send("GET", "\(Self.configMaps)?\(query)", [:], body: "")
                #expect(refused.status == 400 && refused.text.contains("invalid syntax"), "\(refused.text)")
            }
        }
    }

    @Test func unknownFieldsAreTreatedAsAsked() async throws {
        try await withServer { client in
            let body = #"{"metadata":{"name":"c"},"data":{"a":"1","a":"2"},"colour":"red"}"#
            func create(_ query: String) async throws -> ServedClient.Answer {
                try await client.send("POST", "\(Self.configMaps)?dryRun=All\(query)", Self.json, body: body)
            }
            for query in ["", "&fieldValidation=Warn"] {
                let warned = try await create(query)
                #expect(warned.status == 201)
                let warning = warned.headers["warning"] ?? ""
                #expect(
                    warning.contains(#"299 - "unknown field \"colour\"""#)
                        && warning.contains(#"299 - "duplicate field \"data.a\"""#), "\(warned.headers)")
            }
            let ignored = try await create("&fieldValidation=Ignore")
            #expect(ignored.status == 201 && ignored.headers["warning"] == nil)
            let strict = try await create("&fieldValidation=Strict")
            #expect(
                strict.status == 400 && strict.text.contains("strict decoding error")
                    && strict.text.contains(#"unknown field \"colour\""#), "\(strict.text)")
            let other = try await create("&fieldValidation=Perhaps")
            #expect(other.status == 422 && other.text.contains(#"Unsupported value: \"Perhaps\""#), "\(other.text)")
        }
    }

    @Test func forceIsForApplyAlone() async throws {
        try await withServer { client in
            try await client.change("POST", Self.configMaps, #"{"metadata":{"name":"c"}}"#)
            let refused = try await client.send(
                "PATCH", "\(Self.configMaps)/c?force=true", ["Content-Type": "application/merge-patch+json"],
                body: #"{"data":{"a":"1"}}"#)
            #expect(
                refused.status == 422
                    && refused.text.contains("force: Forbidden: may not be specified for non-apply patch"),
                "\(refused.text)")
        }
    }

    // MARK: - Shapes

    private static let partial = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
    private static let partialList = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
    private static let table = "application/json;as=Table;g=meta.k8s.io;v=v1"

    @Test func metadataAloneIsGiven() async throws {
        try await withServer { client in
            try await client.change(
                "POST", Self.configMaps, #"{"metadata":{"name":"c","labels":{"a":"b"}},"data":{"d":"1"}}"#)
            let one = try await client.send("GET", "\(Self.configMaps)/c", ["Accept": Self.partial]).json
            #expect(one["kind"] == "PartialObjectMetadata" && one["apiVersion"] == "meta.k8s.io/v1")
            #expect(one[path: "metadata", "labels"] == ["a": "b"] && one["data"] == nil)
            let list = try await client.send("GET", Self.configMaps, ["Accept": Self.partialList]).json
            #expect(list["kind"] == "PartialObjectMetadataList" && list["items"]?.array?.count == 1)
            #expect(list["items"]?.array?.first?["data"] == nil)
            let events = try await client.watched(
                "\(Self.configMaps)?resourceVersion=1&allowWatchBookmarks=true", accept: Self.partial)
            #expect(events.map { $0["type"] } == ["ADDED", "BOOKMARK"])
            #expect(events.allSatisfy { $0[path: "object", "kind"] == "PartialObjectMetadata" }, "\(events)")
            #expect(events.allSatisfy { $0[path: "object", "data"] == nil })
        }
    }

    @Test func aWatchOfTablesNamesItsColumnsOnce() async throws {
        try await withServer { client in
            for name in ["a", "b"] {
                try await client.change("POST", Self.configMaps, #"{"metadata":{"name":"\#(name)"},"data":{"d":"1"}}"#)
            }
            let events = try await client.watched(
                "\(Self.configMaps)?resourceVersion=1&allowWatchBookmarks=true", accept: Self.table)
            #expect(events.map { $0["type"] } == ["ADDED", "ADDED", "BOOKMARK"])
            #expect(events.allSatisfy { $0[path: "object", "kind"] == "Table" })
            let columns = events.map {
                $0[path: "object", "columnDefinitions"]?.array?.compactMap { $0["name"]?.string } ?? []
            }
            #expect(columns == [["Name", "Data", "Age"], [], []])
            let cells = events.map { $0[path: "object", "rows"]?.array?.first?["cells"]?.array?.prefix(2) }
            #expect(cells[0] == ["a", 1] && cells[1] == ["b", 1])
        }
    }

    @Test func aWatchThatAsksForItGetsBookmarksOfTheWatchedKind() async throws {
        try await withServer { client in
            try await client.change("POST", Self.configMaps, #"{"metadata":{"name":"a"}}"#)
            let events = try await client.watched(
                "\(Self.configMaps)?sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true")
            #expect(events.map { $0["type"] } == ["ADDED", "BOOKMARK", "BOOKMARK"])
            #expect(events.allSatisfy { $0[path: "object", "kind"] == "ConfigMap" })
            let ends = events.map { $0[path: "object", "metadata", "annotations", "k8s.io/initial-events-end"] }
            #expect(ends == [nil, "true", nil])
        }
    }
}
