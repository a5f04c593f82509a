import Logging
import Synchronization
import Testing

@testable import Telemetry

@Suite struct LogTests {
    private func record(
        _ message: String, _ level: Logger.Level = .info, _ metadata: [(String, Logger.MetadataValue)] = []
    ) -> LogRecord {
        LogRecord(
            level: level, message: message, metadata: metadata.map { (name: $0.0, value: $0.1) },
            file: "NodeProxy/Daemon.swift", line: 12,
            time: LogTime(month: 11, day: 2, hour: 6, minute: 1, second: 7, microseconds: 1_764_000_000_001_002),
            process: 4711)
    }

    @Test func writesKlogLines() {
        #expect(
            LogFormat.klog.line(record("Synced \"all\"", .info, [("count", "3"), ("name", "a b")]))
                == "I1102 06:01:07.001002    4711 Daemon.swift:12] \"Synced \\\"all\\\"\" count=\"3\" name=\"a b\"\n")
        #expect(LogFormat.klog.line(record("x", .error)).hasPrefix("E1102"))
        #expect(LogFormat.klog.line(record("x", .warning)).hasPrefix("W1102"))
    }

    @Test func writesJSONLines() {
        #expect(
            LogFormat.json.line(record("Synced", .info, [("list", ["a", "b\n"]), ("map", ["k": "v"])]))
                == "{\"ts\":1764000000001.002,\"level\":\"info\",\"caller\":\"Daemon.swift:12\",\"msg\":\"Synced\",\"v\":0,"
                + "\"list\":[\"a\",\"b\\n\"],\"map\":{\"k\":\"v\"}}\n")
    }

    @Test(arguments: ["a\nb", "\u{1b}[2J", "\u{7f}", "\u{9b}31m"])
    func letsNoControlCharacterThrough(message: String) {
        for format in [LogFormat.klog, .json] {
            let line = format.line(record(message, .info, [("k", .string(message))])).dropLast()
            #expect(line.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
        }
        let line = LogFormat.terminal.line(record(message))
        #expect(!line.contains(message))
    }

    @Test func coloursForPeople() {
        #expect(LogFormat.terminal.line(record("Ready")) == "\u{1b}[2m06:01:07\u{1b}[0m Ready\n")
        #expect(LogFormat.terminal.line(record("Bad", .error)).contains("\u{1b}[31merror\u{1b}[0m Bad"))
        let line = LogFormat.terminal.line(record("Ready", .info, [("a", "1"), ("b", "two words"), ("c", "")]))
        #expect(line == "\u{1b}[2m06:01:07\u{1b}[0m Ready \u{1b}[2m a=1 b=\"two words\" c=\"\"\u{1b}[0m\n")
    }

    @Test func aPipeGetsNoColours() {
        let line = ReadableLine(
            time: "11-02 06:01:07", level: .warning, message: "ended", values: [.init(name: "pid", text: "7")])
        #expect(line.text(isColoured: false) == "11-02 06:01:07 warning ended  pid=7\n")
    }

    @Test func picksAFormat() {
        #expect(LogFormat(.json, isTerminal: true) == .json)
        #expect(LogFormat(.text, isTerminal: true) == .terminal)
        #expect(LogFormat(.text, isTerminal: false) == .klog)
        #expect(LogFormat(.auto, isTerminal: true) == .terminal)
        #expect(LogFormat(.auto, isTerminal: false) == .json)
    }

    @Test(arguments: [
        (UInt32(0), Logger.Level.info), (3, .info), (4, .debug), (5, .debug), (6, .trace), (10, .trace),
    ])
    func mapsVerbosity(verbosity: UInt32, level: Logger.Level) {
        #expect(LogSettings(verbosity: verbosity).level == level)
    }

    private func logged(_ settings: LogSettings, _ body: (Logger) -> Void) -> [String] {
        let lines = Lines()
        var logger = Logger(label: "test") { _ in
            LineLogHandler(format: .klog, settings: settings) { line in lines.add(line) }
        }
        logger[metadataKey: "node"] = "n1"
        body(logger)
        return lines.all
    }

    @Test func followsVerbosityAndModules() {
        let settings = LogSettings(verbosity: 0)
        func count() -> Int {
            logged(settings) { logger in
                logger.debug("one")
                logger.info("two", metadata: ["a": "b"])
                logger.error("three")
            }.count
        }
        #expect(count() == 2)
        settings.set(verbosity: 4)
        #expect(count() == 3)
        settings.set(verbosity: 0, modules: [.init(filePattern: "Log*", verbosity: 5)])
        #expect(count() == 3)
        settings.set(verbosity: 0, modules: [.init(filePattern: "Other", verbosity: 5)])
        #expect(count() == 2)
    }

    @Test func mergesMetadataAndErrors() {
        let lines = logged(LogSettings()) { logger in
            logger.warning("careful", metadata: ["a": "b"])
        }
        #expect(lines.first?.hasSuffix("\"careful\" a=\"b\" node=\"n1\"\n") == true)
    }

    @Test(arguments: [
        ("", "", true), ("*", "", true), ("a*c", "abc", true), ("a*c", "abd", false), ("?b", "ab", true),
        ("?", "", false),
    ])
    func matchesGlobs(pattern: String, text: String, matches: Bool) {
        #expect(Glob.matches(pattern[...], text[...]) == matches)
    }
}

private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
}
