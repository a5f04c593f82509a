import Glibc
import Logging

/// Writes each event as one line.
public struct LineLogHandler: LogHandler {
    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?
    /// Overrides the shared settings for this logger.
    private var ownLevel: Logger.Level?
    private let settings: LogSettings
    private let format: LogFormat
    private let write: @Sendable (String) -> Void

    /// `write` takes whole lines with their line feeds; standard error by default.
    public init(
        format: LogFormat, settings: LogSettings, write: @escaping @Sendable (String) -> Void = StandardError.write
    ) {
        self.format = format
        self.settings = settings
        self.write = write
    }

    public var logLevel: Logger.Level {
        get { ownLevel ?? settings.level }
        set { ownLevel = newValue }
    }

    public subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        guard ownLevel != nil || settings.allows(event.level, file: event.file) else { return }
        var values = metadata
        if let provided = metadataProvider?.get() { values.merge(provided) { $1 } }
        if let own = event.metadata { values.merge(own) { $1 } }
        if let error = event.error { values["err"] = "\(error)" }
        let record = LogRecord(
            level: event.level, message: event.message.description,
            metadata: values.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }, file: event.file,
            line: event.line, time: .now(), process: getpid())
        write(format.line(record))
    }
}

/// Standard error, a line at a time.
public enum StandardError {
    public static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Lines of several threads do not mix as long as the kernel takes each at once, which files, terminals and, up to
    /// 4096 bytes, pipes do.
    public static func write(_ line: String) {
        var bytes = Array(line.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}

extension LogTime {
    static func now() -> LogTime {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return LogTime(microseconds: Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000)
    }

    /// In the machine's time zone.
    private init(microseconds: Int64) {
        var seconds = time_t(microseconds / 1_000_000)
        var parts = tm()
        localtime_r(&seconds, &parts)
        self.init(
            month: parts.tm_mon + 1, day: parts.tm_mday, hour: parts.tm_hour, minute: parts.tm_min,
            second: parts.tm_sec, microseconds: microseconds)
    }

    /// `11-21 06:11:57` in the machine's time zone, of milliseconds since 1970-01-01T00:00:00Z.
    public static func text(milliseconds: Double) -> String {
        let time = LogTime(microseconds: Int64(exactly: (milliseconds * 1000).rounded()) ?? 0)
        return "\(padded(time.month, 2))-\(padded(time.day, 2)) \(time.clock)"
    }
}
