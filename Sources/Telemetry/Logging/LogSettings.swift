import Logging
import Synchronization

/// How much is logged; shared by all handlers and changeable while they run.
public final class LogSettings: Sendable {
    /// A file's own verbosity: `--vmodule PATTERN=N`.
    public struct Module: Sendable, Hashable {
        /// A file name without `.swift`; `*` and `?` are wildcards.
        public let filePattern: String
        public let verbosity: UInt32

        public init(filePattern: String, verbosity: UInt32) {
            self.filePattern = filePattern
            self.verbosity = verbosity
        }
    }

    private struct State {
        var verbosity: UInt32
        var modules: [Module]
    }

    private let state: Mutex<State>

    public init(verbosity: UInt32 = 0, modules: [Module] = []) {
        state = Mutex(State(verbosity: verbosity, modules: modules))
    }

    public func set(verbosity: UInt32, modules: [Module]) {
        state.withLock { $0 = State(verbosity: verbosity, modules: modules) }
    }

    public func set(verbosity: UInt32) { state.withLock { $0.verbosity = verbosity } }

    public var verbosity: UInt32 { state.withLock { $0.verbosity } }

    /// The finest level that any file may log.
    var level: Logger.Level {
        state.withLock { state in
            Self.level(verbosity: state.modules.reduce(state.verbosity) { max($0, $1.verbosity) })
        }
    }

    /// Whether a file may log at a level.
    func allows(_ level: Logger.Level, file: String) -> Bool {
        state.withLock { state in
            guard level < .info, !state.modules.isEmpty else { return true }
            let name = LogRecord.fileName(file).split(separator: ".").first ?? ""
            let module = state.modules.first { Glob.matches($0.filePattern[...], name) }
            return level >= Self.level(verbosity: module?.verbosity ?? state.verbosity)
        }
    }

    /// klog's numbers: 0 to 3 say what an operator wants to read, 4 and 5 are for debugging, 6 and more for tracing.
    static func level(verbosity: UInt32) -> Logger.Level {
        switch verbosity {
        case 0...3: .info
        case 4...5: .debug
        default: .trace
        }
    }
}

/// Shell patterns with `*` and `?`.
enum Glob {
    static func matches(_ pattern: Substring, _ text: Substring) -> Bool {
        switch pattern.first {
        case nil: text.isEmpty
        case "*": matches(pattern.dropFirst(), text) || !text.isEmpty && matches(pattern, text.dropFirst())
        case "?": !text.isEmpty && matches(pattern.dropFirst(), text.dropFirst())
        case let letter: letter == text.first && matches(pattern.dropFirst(), text.dropFirst())
        }
    }
}
