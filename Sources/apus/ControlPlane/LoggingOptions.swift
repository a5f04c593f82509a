import ArgumentParser
import Logging
import Telemetry

/// How a daemon logs.
struct LoggingOptions: ParsableArguments {
    @Option(
        name: [.customLong("logging-format"), .customLong("log-format")],
        help: "text, json (an object a line), or auto: text on a terminal, else JSON.")
    var format = LogFormat.Choice.auto

    func logger(_ label: String) -> Logger { format.logger(label) }
}

extension LogFormat.Choice: ExpressibleByArgument {
    /// Writes to standard error.
    func logger(_ label: String) -> Logger {
        let format = LogFormat(self)
        let settings = LogSettings()
        return Logger(label: label) { _ in LineLogHandler(format: format, settings: settings) }
    }
}
