import ArgumentParser
import KubeClient
import Logging
import NodeJoin

struct JoinCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "join", abstract: "Get this machine's credentials as a node of a cluster.",
        discussion: """
            With a token of 'apus token create' it learns whom to trust, asks for a client certificate and writes a
            kubeconfig. The agent renews the certificate before it ends.

            Examples:
              apus join https://10.0.0.1:6443 --token abcdef.0123456789abcdef --ca-cert-hash sha256:...
              apus agent --kubeconfig /var/lib/apus/node/kubeconfig
              apus proxy --kubeconfig /var/lib/apus/node/kubeconfig --cluster-cidr 10.244.0.0/16
            """)

    @Argument(help: "The API server, such as https://10.0.0.1:6443.") var server: String
    @Option(help: "The token.") var token: String
    @Option(help: "The hash of the authority's key, as 'apus token create' and kubeadm print it.")
    var caCertHash: String?
    @Option(help: "The node's name; the host's by default.") var nodeName: String?
    @Option(help: "Where to keep the credentials.") var directory = "/var/lib/apus/node"

    func run() async throws {
        guard let address = ServerAddress(parsing: server), address.isTLS else {
            throw ValidationError("\(server) is no address such as https://10.0.0.1:6443")
        }
        guard let token = JoinToken(token) else {
            throw ValidationError("--token: six and sixteen letters a-z or digits, with a dot between")
        }
        let logger = Logger(label: "join") { _ in SwiftLogNoOpLogHandler() }
        let name = nodeName ?? Host.name
        let list = ProgressList()
        let found = try await list.step("finding out whom to trust") {
            try await ClusterDiscovery(address, token: token, authorityHash: caCertHash, logger: logger).connection()
        }
        let pem = try await list.step("asking for a certificate of \(name)") {
            try await AdministratorAccess.withClient(found, logger) { client in
                try await NodeCertificates(client).request(node: name)
            }
        }
        try TextInput.makeFolder(directory)
        let credentials = try NodeCredentials(directory)
        try credentials.write(server: server, authorityPEM: found.authorityText ?? "", certificateAndKey: pem)
        print(
            """

            The node \(name) may join. Start its agent and its proxy:

              apus agent --kubeconfig \(credentials.kubeconfig) --network-kubeconfig \(credentials.kubeconfig) \\
                --hostname-override \(name) --cluster-dns 10.96.0.10
              apus proxy --kubeconfig \(credentials.kubeconfig) --hostname-override \(name)

            """
        )
    }
}
