import KubeAPI
import Processes

/// What a plugin's end and output mean.
enum PluginAnswer {
    /// The object it printed, nil if it printed nothing; throws what it failed with.
    static func read(
        _ finished: FinishedProcess, _ invocation: PluginInvocation, timeLimit: Duration
    ) throws(CNIFailure) -> JSONValue? {
        let what = "the CNI plugin \(invocation.plugin.type) (\(invocation.command.rawValue))"
        switch finished.end {
        // Of an end that nobody knows its output says what there is.
        case .exit(0), .unknown: return try success(finished.output, what)
        case .exit(let code): throw failure(finished, "\(what) failed with exit code \(code)", what)
        case .signal(let signal):
            throw CNIFailure(
                CNIFailure.Code.internal, "\(what) was ended by signal \(signal)\(tail(finished.errorOutput))")
        case .timeLimit:
            throw CNIFailure(
                CNIFailure.Code.tryAgainLater,
                "\(what) did not end within \(timeLimit) and was killed\(tail(finished.errorOutput))")
        case .outputLimit: throw CNIFailure(CNIFailure.Code.internal, "\(what) printed too much and was killed")
        }
    }

    private static func success(_ output: [UInt8], _ what: String) throws(CNIFailure) -> JSONValue? {
        guard output.contains(where: { !isSpace($0) }) else { return nil }
        do {
            return try JSONParser.parse(output)
        } catch {
            throw CNIFailure(CNIFailure.Code.decodingFailure, "\(what) printed no JSON: \(error)")
        }
    }

    private static func failure(_ finished: FinishedProcess, _ otherwise: String, _ what: String) -> CNIFailure {
        guard let value = try? JSONParser.parse(finished.output), let failure = CNIFailure(value) else {
            return CNIFailure(CNIFailure.Code.internal, otherwise + tail(finished.output + finished.errorOutput))
        }
        return CNIFailure(
            failure.code, "\(what): \(oneLine(failure.message))", details: oneLine(failure.details))
    }

    /// The end of what it printed, for people.
    private static func tail(_ bytes: [UInt8]) -> String {
        let text = oneLine(String(decoding: bytes.suffix(300), as: UTF8.self))
        return text.isEmpty ? "" : ": \(text)"
    }

    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    private static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0a, 0x0d].contains(byte) }
}
