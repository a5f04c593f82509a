import StoreCore
import Synchronization

/// One named condition of /livez or /readyz.
public struct HealthCheck: Sendable {
    public let name: String
    /// nil when all is well, else why not.
    public let failure: @Sendable () async -> String?

    public init(_ name: String, failure: @escaping @Sendable () async -> String?) {
        self.name = name
        self.failure = failure
    }
}

/// /healthz, /livez and /readyz with their checks.
final class Health: Sendable {
    private let live: [HealthCheck]
    private let ready: [HealthCheck]
    private let isShuttingDown = Mutex<@Sendable () -> Bool>({ false })

    init(_ store: any Store, _ readyChecks: [HealthCheck]) {
        let ping = HealthCheck("ping") { nil }
        let etcd = HealthCheck("etcd") {
            do {
                var query = RangeQuery(KeyRange(key: Array("/registry/health".utf8)))
                query.countOnly = true
                _ = try await store.range(query)
                return nil
            } catch {
                return "\(error)"
            }
        }
        live = [ping, etcd]
        ready = [ping, etcd] + readyChecks
    }

    /// Whether the server ends; it is not ready then.
    var shutdown: @Sendable () -> Bool {
        get { isShuttingDown.withLock { $0 } }
        set { isShuttingDown.withLock { $0 = newValue } }
    }

    /// nil for another path.
    func respond(_ http: HTTPRequest) async -> HTTPResponse? {
        let parts = http.path.split(separator: "/").map(String.init)
        guard let page = parts.first, ["healthz", "livez", "readyz"].contains(page), parts.count <= 2 else {
            return nil
        }
        var checks = page == "readyz" ? ready + [shutdownCheck] : live
        if parts.count == 2 {
            checks = checks.filter { $0.name == parts[1] }
            if checks.isEmpty { return nil }
        }
        let excluded = Set(http.query.all("exclude"))
        var lines = ""
        var isWell = true
        for check in checks {
            if excluded.contains(check.name) {
                lines += "[+]\(check.name) excluded: ok\n"
            } else if await check.failure() == nil {
                lines += "[+]\(check.name) ok\n"
            } else {
                lines += "[-]\(check.name) failed: reason withheld\n"
                isWell = false
            }
        }
        let unknown = excluded.subtracting(checks.map(\.name)).sorted()
        if !unknown.isEmpty {
            let list = unknown.map { "\"\($0)\"" }.joined(separator: ",")
            lines += "warn: some health checks cannot be excluded: no matches for \(list)\n"
        }
        var response: HTTPResponse
        if isWell {
            response = HTTPResponse(
                text: http.query["verbose"] == nil ? "ok" : lines + "\(page) check passed\n")
        } else {
            response = HTTPResponse(status: 500, text: lines + "\(page) check failed\n")
        }
        response.headers.add(name: "X-Content-Type-Options", value: "nosniff")
        return response
    }

    private var shutdownCheck: HealthCheck {
        let isShuttingDown = shutdown
        return HealthCheck("shutdown") { isShuttingDown() ? "the server is shutting down" : nil }
    }
}
