import ArgumentParser
import KubeClient
import NodeJoin
import NodeProxy
import PKI

struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Make, list and delete the tokens with which nodes join.",
        discussion: """
            Examples:
              apus token create --kubeconfig admin.kubeconfig
              apus token create --ttl 1h --server https://10.0.0.1:6443
              apus token list
              apus token delete abcdef
            """,
        subcommands: [Create.self, List.self, Delete.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a token, and say how a node joins with it.")
        @OptionGroup var access: AdministratorAccess
        @Option(help: "How long it can be used.") var ttl = "24h"
        @Option(help: "Where nodes reach the API server; the kubeconfig's server by default.") var server: String?

        func run() async throws {
            guard let life = GoDuration(ttl)?.duration, life > .zero else {
                throw ValidationError("--ttl \(ttl) is no time as 24h or 30m")
            }
            var generator = SystemRandomNumberGenerator()
            let token = JoinToken(using: &generator)
            let (address, hash) = try await access.withClient { client, _ in
                let connection = client.connection
                guard let authority = connection.authorityText else {
                    throw ValidationError(
                        "the kubeconfig names no certificate authority; nodes would not know whom to trust")
                }
                let address = server ?? "\(connection.server)"
                let end = Clock.nanoseconds() + life.components.seconds * 1_000_000_000
                try await JoinTokens(client).create(token, server: address, authority: authority, expiration: end)
                return (address, try PublicKeyHash.of(certificatePEM: authority))
            }
            print(
                "\(token)\n\nOn the new node, as root:\n\n  apus join \(address) --token \(token) --ca-cert-hash \(hash)\n"
            )
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the tokens, without their secrets.")
        @OptionGroup var access: AdministratorAccess

        func run() async throws {
            let tokens = try await access.withClient { client, _ in try await JoinTokens(client).list() }
            print("TOKEN   EXPIRES               DESCRIPTION")
            for token in tokens { print("\(token.id)  \(token.expiration)  \(token.description)") }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Delete a token.")
        @OptionGroup var access: AdministratorAccess
        @Argument(help: "The token, or what it begins with up to the dot.") var token: String

        func run() async throws {
            let id = String(token.prefix { $0 != "." })
            try await access.withClient { client, _ in try await JoinTokens(client).delete(id) }
            print("the token \(id) is deleted")
        }
    }
}
