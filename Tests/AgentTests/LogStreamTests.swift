import Foundation
import Glibc
import TestThreads
import Testing

@testable import Agent

/// Logs as files on a disk, read without an agent.
@Suite(.ownThread) struct LogStreamTests {
    final class LogFolder {
        let path = "/tmp/apus-log-\(UUID().uuidString)"
        var current: String { "\(path)/0.log" }

        init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(atPath: path) }

        /// Lines `1` to `3`, each so many seconds after 1970-01-01T00:00:00Z.
        static func lines(_ numbers: ClosedRange<Int>, tag: String = "stdout F") -> String {
            numbers.map { "1970-01-01T00:00:\($0 < 10 ? "0" : "")\($0).000000000Z \(tag) \($0)\n" }.joined()
        }

        func append(_ text: String) throws {
            let file = open(current, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
            try #require(file >= 0)
            defer { close(file) }
            try #require(write(file, text, text.utf8.count) == text.utf8.count)
        }

        /// As the monitor does it.
        func rotate(_ time: String) throws {
            try #require(rename(current, "\(current).\(time)") == 0)
            try append("")
        }

        /// What a request with this query shows of what is there now.
        func shown(_ query: String, now: Int64 = 0) async throws -> String {
            let stream = LogStream(current, try LogQuery(AgentPath("/?\(query)"), now: now))
            return await Self.rest(of: stream)
        }

        static func rest(of stream: LogStream) async -> String {
            var text: [UInt8] = []
            while true {
                let bytes = await stream.next()
                text += bytes
                if bytes.isEmpty || stream.isFinished { return String(decoding: text, as: UTF8.self) }
            }
        }
    }

    @Test(arguments: [
        ("", "1\n2\n3\n4\n5\n6\n"), ("tailLines=0", ""), ("tailLines=1", "6\n"), ("tailLines=3", "4\n5\n6\n"),
        ("tailLines=5", "2\n3\n4\n5\n6\n"), ("tailLines=100", "1\n2\n3\n4\n5\n6\n"), ("limitBytes=3", "1\n2"),
        ("tailLines=4&limitBytes=4", "3\n4\n"), ("sinceTime=1970-01-01T00:00:04Z", "4\n5\n6\n"),
        ("sinceSeconds=2", "5\n6\n"), ("tailLines=4&sinceSeconds=2", "5\n6\n"),
        ("tailLines=1&timestamps=true", "1970-01-01T00:00:06.000000000Z 6\n"), ("stream=Stderr", ""),
    ])
    func whatIsAskedForIsShownOverRotatedFiles(query: String, text: String) async throws {
        let log = try LogFolder()
        try log.append(LogFolder.lines(1...2))
        try log.rotate("19700101-000002")
        try log.append(LogFolder.lines(3...4))
        try log.rotate("19700101-000004")
        try log.append(LogFolder.lines(5...6))
        #expect(try await log.shown(query, now: 7_000_000_000) == text)
    }

    @Test(arguments: [
        "tailLines=-1", "tailLines=x", "limitBytes=0", "sinceSeconds=0", "sinceTime=yesterday", "stream=x",
    ])
    func whatCannotBeMeantIsRefused(query: String) {
        #expect(throws: LogQuery.Refusal.self) { try LogQuery(AgentPath("/?\(query)"), now: 0) }
    }

    @Test func aTailOfManyLinesIsFoundFromTheEnd() async throws {
        let log = try LogFolder()
        let line = "1970-01-01T00:00:01.000000000Z stdout F " + String(repeating: "x", count: 200)
        for block in 0..<10 { try log.append((0..<100).map { "\(line) \(block * 100 + $0)\n" }.joined()) }
        let shown = try await log.shown("tailLines=700").split(separator: "\n")
        #expect(shown.count == 700)
        #expect(shown.first?.hasSuffix("x 300") == true && shown.last?.hasSuffix("x 999") == true)
    }

    @Test func partsOfALineAreJoinedAndStreamsKeptApart() async throws {
        let log = try LogFolder()
        try log.append(LogFolder.lines(1...1, tag: "stdout P") + LogFolder.lines(2...2))
        try log.append(LogFolder.lines(3...3, tag: "stderr F"))
        #expect(try await log.shown("") == "12\n3\n")
        #expect(try await log.shown("stream=Stderr") == "3\n")
        #expect(try await log.shown("stream=Stdout") == "12\n")
    }

    @Test func whoFollowsSeesEveryLineOverARotation() async throws {
        let log = try LogFolder()
        try log.append(LogFolder.lines(1...2))
        let stream = LogStream(log.current, try LogQuery(AgentPath("/?follow=true&tailLines=1"), now: 0))
        #expect(await LogFolder.rest(of: stream) == "2\n")
        #expect(await !stream.hasMore())
        // A line is shown when it is whole.
        try log.append("1970-01-01T00:00:03.000000000Z stdout F 3")
        #expect(await stream.hasMore())
        #expect(await LogFolder.rest(of: stream) == "")
        try log.append("\n")
        try log.rotate("19700101-000003")
        try log.append(LogFolder.lines(4...5))
        #expect(await LogFolder.rest(of: stream) == "3\n4\n5\n")
    }
}
