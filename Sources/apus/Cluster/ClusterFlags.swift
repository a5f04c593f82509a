import ArgumentParser
import Glibc
import KubeClient
import LocalCluster
import Logging

/// Which cluster is meant.
struct ClusterFlags: ParsableArguments {
    @Option(help: "The folder of the cluster; it stays when the cluster ends.") var dataDir = "/var/lib/apus/cluster"
    @Option(help: "What its namespaces and cgroups are named after, for several clusters on one machine.")
    var name = "apus"

    func validate() throws {
        let isPlain = name.utf8.allSatisfy {
            $0 < 128 && ($0 == 45 || Character(UnicodeScalar($0)).isLetter || Character(UnicodeScalar($0)).isNumber)
        }
        guard isPlain, (1...16).contains(name.utf8.count), name.first != "-" else {
            throw ValidationError("--name \(name): use up to 16 letters, digits and dashes")
        }
    }

    var layout: ClusterLayout {
        ClusterLayout(name: name, dataDirectory: absolute(dataDir), program: LabPlace.program)
    }

    func cluster(_ verb: String) throws -> LocalCluster {
        guard geteuid() == 0 else {
            throw ValidationError("apus \(verb) works with network namespaces and needs root: run it with sudo")
        }
        return LocalCluster(layout)
    }

    private func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        guard let here = getcwd(nil, 0) else { return path }
        defer { free(here) }
        return "\(String(cString: here))/\(path)"
    }
}

extension LocalCluster {
    /// Lends the cluster's API for as long as `body` runs.
    func withAPI<Value>(_ body: (ClusterAPI) async throws -> Value) async throws -> Value {
        let logger = Logger(label: "cluster") { _ in SwiftLogNoOpLogHandler() }
        let connection = try Kubeconfig(contentsOf: layout.kubeconfig).connection()
        return try await AdministratorAccess.withClient(connection, logger) { try await body(ClusterAPI($0)) }
    }
}
