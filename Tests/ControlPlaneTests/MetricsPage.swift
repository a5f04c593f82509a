import TestPrograms
import Testing

enum MetricsPage {
    /// What a program of this machine serves under /metrics.
    static func read(port: UInt16) throws -> String {
        let request = #"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"#
        let script = "exec 3<>/dev/tcp/127.0.0.1/\(port); printf '\(request)' >&3; cat <&3"
        return try #require(Tool("bash")).run(["-c", script], seconds: 20).output
    }
}
