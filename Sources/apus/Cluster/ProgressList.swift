import ArgumentParser
import Glibc

/// Steps with their times: on a terminal the one under way is shown as it goes, elsewhere each is a line when it is done.
final class ProgressList {
    private let isTerminal = isatty(STDOUT_FILENO) == 1
    private let start = ContinuousClock.now

    /// Runs one step; what it returns is said beside it.
    @discardableResult
    func step<Value>(_ title: String, _ body: () async throws -> Value) async throws -> Value {
        let begin = ContinuousClock.now
        if isTerminal { write("  … \(title)") }
        do {
            let value = try await body()
            finish("✓", title, ContinuousClock.now - begin)
            return value
        } catch {
            finish("✗", title, ContinuousClock.now - begin)
            throw error
        }
    }

    /// Since the first step.
    var total: String { Self.text(ContinuousClock.now - start) }

    private func finish(_ mark: String, _ title: String, _ time: Duration) {
        let padded = title + String(repeating: " ", count: max(1, 44 - title.count))
        let colour = mark == "✓" ? "32" : "31"
        write(
            isTerminal
                ? "\r\u{1B}[K  \u{1B}[\(colour)m\(mark)\u{1B}[0m \(padded)\(Self.text(time))\n"
                : "  \(mark) \(padded)\(Self.text(time))\n")
    }

    private func write(_ text: String) {
        print(text, terminator: "")
        fflush(nil)
    }

    /// `1.25 s`
    private static func text(_ time: Duration) -> String {
        let hundredths = time.components.seconds * 100 + time.components.attoseconds / 10_000_000_000_000_000
        let fraction = hundredths % 100
        return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction) s"
    }
}

/// Waits until a condition holds, looking every few milliseconds.
enum Patience {
    static func wait(_ limit: Duration, for what: String, _ isDone: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + limit
        while try await !isDone() {
            guard ContinuousClock.now < deadline else {
                throw ValidationError("\(what) did not come within \(limit.components.seconds) s")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
