import Foundation

/// Debian's etcdctl against one server.
struct Etcdctl {
    let endpoint: String
    var flags: [String] = []

    /// Its output's lines; fails when it does.
    @discardableResult
    func callAsFunction(_ arguments: String..., input: String = "") throws -> [String] {
        let outcome = try run(arguments, input: input)
        guard outcome.status == 0 else {
            throw EtcdProcess.Failure(
                description: "etcdctl \(arguments): \(outcome.status) \(outcome.output) \(outcome.errors)")
        }
        return outcome.lines.last == "" ? outcome.lines.dropLast() : outcome.lines
    }

    func run(_ arguments: [String], input: String = "", seconds: Int = 60) throws -> Command.Outcome {
        try Command.run(
            "etcdctl", ["--endpoints", endpoint, "--command-timeout", "30s"] + flags + arguments, input: input,
            seconds: seconds)
    }

    /// What its last line on standard error says when it fails.
    func failure(_ arguments: String..., input: String = "", seconds: Int = 60) throws -> String {
        let outcome = try run(arguments, input: input, seconds: seconds)
        guard outcome.status != 0 else { return "no failure: \(outcome.output)" }
        return outcome.errors.split(separator: "\n").last.map(String.init) ?? ""
    }

    /// Fields of the first line of its JSON.
    func json(_ arguments: String...) throws -> [String: Any] {
        let outcome = try run(arguments + ["-w", "json"])
        guard outcome.status == 0,
            let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
        else { throw EtcdProcess.Failure(description: "etcdctl \(arguments): \(outcome.output) \(outcome.errors)") }
        return object
    }
}
