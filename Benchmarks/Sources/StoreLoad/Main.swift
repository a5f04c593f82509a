import EtcdAPI
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix

/// Load for a server of etcd's API, whichever: `store-load fill|watch|list PORT COUNT`. Prints figures as JSON.
@main
struct StoreLoad {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let port = Int(arguments[2]), let count = Int(arguments[3]) else {
            FileHandle.standardError.write(Data("usage: store-load fill|watch|list PORT COUNT\n".utf8))
            exit(64)
        }
        switch arguments[1] {
        case "fill": try await Fill.run(port: port, keys: count)
        case "watch": try await WatchDelay.run(port: port, watchers: count)
        default: try await List.run(port: port, keys: count)
        }
    }
}

/// A connection to the server.
func withServer(
    _ port: Int, _ body: @Sendable @escaping (GRPCClient<HTTP2ClientTransport.Posix>) async throws -> Void
) async throws {
    try await withGRPCClient(
        transport: .http2NIOPosix(target: .ipv4(address: "127.0.0.1", port: port), transportSecurity: .plaintext),
        handleClient: body)
}

extension Duration {
    var milliseconds: Double { Double(components.seconds) * 1000 + Double(components.attoseconds) / 1e15 }
}
