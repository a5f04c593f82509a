import ContainerRuntime
import KubeAPI

/// How exec and attach tell that they are over: a `Status` on the error channel (`v4.channel.k8s.io`).
enum CommandStatus {
    static let success: JSONValue = ["metadata": [:], "status": "Success"]

    static func failure(_ message: String) -> JSONValue {
        status(code: 500, reason: "InternalError", message: message)
    }

    static func exit(_ code: Int32) -> JSONValue {
        guard code != 0 else { return success }
        var status = status(
            code: 0, reason: "NonZeroExitCode",
            message: "command terminated with non-zero exit code: exit status \(code)")
        status[path: "details"] = ["causes": [["reason": "ExitCode", "message": .string("\(code)")]]]
        return status
    }

    private static func status(code: Int64, reason: String, message: String) -> JSONValue {
        var status: JSONValue = [
            "metadata": [:], "status": "Failure", "reason": .string(reason), "message": .string(message),
        ]
        if code > 0 { status[path: "code"] = .integer(code) }
        return status
    }
}

extension ContainerSession {
    /// What clients send when their terminal changes: `{"Width":80,"Height":24}`. Anything else is passed over.
    func resize(toJSON bytes: [UInt8]) {
        guard let size = try? JSONParser.parse(bytes), let columns = size["Width"]?.integer,
            let rows = size["Height"]?.integer
        else { return }
        resize(rows: UInt16(clamping: rows), columns: UInt16(clamping: columns))
    }
}
