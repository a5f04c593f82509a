import ArgumentParser
import Glibc
import KubeClient
import LocalCluster
import Logging

/// Which cluster is meant.
struct ClusterFlags: ParsableArguments {
    @Option(
        help: """
            The folder of the cluster; it stays when the cluster ends. By default that of the cluster of this name that is \
            there, else \(usualFolder).
            """)
    var dataDir: String?
    @Option(help: "What its namespaces and cgroups are named after, for several clusters on one machine.")
    var name = "apus"

    func validate() throws {
        let isPlain = name.utf8.allSatisfy {
            $0 < 128 && ($0 == 45 || Character(UnicodeScalar($0)).isLetter || Character(UnicodeScalar($0)).isNumber)
        }
        guard isPlain, (1...16).contains(name.utf8.count), name.first != "-" else {
            throw ValidationError("--name \(name): use up to 16 letters, digits and dashes")
        }
        guard !ClusterLayout.reservedNames.contains(name) else {
            throw ValidationError("--name \(name): another part of apus keeps /run/apus/\(name); choose another name")
        }
    }

    private static let usualFolder = "/var/lib/apus/cluster"

    func layout() throws -> ClusterLayout {
        ClusterLayout(
            name: name, dataDirectory: try ClusterFolder.choose(dataDir, name: name, usual: Self.usualFolder),
            program: LabPlace.program)
    }

    func cluster(_ verb: String) throws -> LocalCluster {
        guard geteuid() == 0 else {
            throw ValidationError("apus \(verb) works with network namespaces and needs root: run it with sudo")
        }
        return LocalCluster(try layout())
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
