import Glibc
import KubeAPI
import Processes
import Threads

/// The answer of an exec plugin (client.authentication.k8s.io ExecCredential).
struct ExecCredential: Sendable, Equatable {
    let credentials: Credentials
    /// Seconds since 1970; nil for credentials that hold as long as the process.
    let expiry: Int64?

    init(output: [UInt8], apiVersion: String) throws(DecodingFailure) {
        let json: JSONValue
        do {
            json = try JSONParser.parse(output)
        } catch {
            throw DecodingFailure("", "is not JSON: \(error)")
        }
        var reader = try ObjectReader(json)
        guard try reader.string("kind") == "ExecCredential", try reader.string("apiVersion") == apiVersion else {
            throw DecodingFailure("kind", "must be ExecCredential of \(apiVersion)")
        }
        let status = try reader.object("status") { status throws(DecodingFailure) in
            let expiry: Int64? = try status.parsed(
                "expirationTimestamp", "a time (RFC 3339)", RFC3339.seconds)
            let token = try status.string("token") ?? ""
            let chain = try status.string("clientCertificateData") ?? ""
            let key = try status.string("clientKeyData") ?? ""
            guard !token.isEmpty || !chain.isEmpty, chain.isEmpty == key.isEmpty else {
                throw DecodingFailure("", "needs a token, or a client certificate with its key")
            }
            let certificate = ServerConnection.ClientCertificate(
                chain: .inline(Array(chain.utf8)), key: .inline(Array(key.utf8)))
            return (
                Credentials(
                    authorization: token.isEmpty ? nil : "Bearer " + token,
                    certificate: chain.isEmpty ? nil : certificate), expiry
            )
        }
        guard let status else { throw DecodingFailure("status", "required") }
        (credentials, expiry) = status
    }

    /// Runs the plugin. `environment` is the one it inherits.
    static func obtain(
        from plugin: ExecPlugin, connection: ServerConnection, environment: [String: String], timeout: Duration
    ) async throws(ClientError) -> ExecCredential {
        var environment = environment
        for variable in plugin.environment { environment[variable.name] = variable.value }
        environment["KUBERNETES_EXEC_INFO"] = request(plugin, connection)
        let finished: FinishedProcess
        do {
            let start = ProgramStart(
                plugin.command, plugin.arguments, environment: environment.map { "\($0.key)=\($0.value)" })
            finished = try await OwnThread.wait { try FinishedProcess.run(start, limit: timeout) }
        } catch {
            let isMissing = (error as? ProcessError)?.code == ENOENT
            let hint = isMissing ? plugin.installHint.map { "; " + $0 } : nil
            throw .credentials("exec plugin: \(error)\(hint ?? "")")
        }
        if let complaint = complaint(of: finished) {
            throw .credentials("exec plugin: \(plugin.command) \(complaint)")
        }
        do {
            return try ExecCredential(output: finished.output, apiVersion: plugin.apiVersion)
        } catch {
            throw .credentials("exec plugin: \(plugin.command) printed no ExecCredential: \(error)")
        }
    }

    /// nil of a plugin that ended well.
    private static func complaint(of finished: FinishedProcess) -> String? {
        switch finished.end {
        case .exit(0): nil
        case .timeLimit: "did not finish in time and was killed"
        case .outputLimit: "printed more than 1 MiB and was killed"
        case .exit, .signal, .unknown:
            "ended with status \(finished.end.status): \(trimmed(Array(finished.errorOutput.suffix(1000))))"
        }
    }

    /// What the plugin is told.
    private static func request(_ plugin: ExecPlugin, _ connection: ServerConnection) -> String {
        var spec = JSONObject([.init("interactive", false)])
        if plugin.providesClusterInfo {
            var cluster = JSONObject([.init("server", .string(connection.server.description))])
            cluster["tls-server-name"] = connection.serverName.map { .string($0) }
            if connection.skipsVerification { cluster["insecure-skip-tls-verify"] = true }
            if let pem = try? connection.authority?.bytes() {
                cluster["certificate-authority-data"] = .string(Base64.encode(pem))
            }
            spec["cluster"] = .object(cluster)
        }
        return JSONWriter.text([
            "apiVersion": .string(plugin.apiVersion), "kind": "ExecCredential", "spec": .object(spec),
        ])
    }
}
