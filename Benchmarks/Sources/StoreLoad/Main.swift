import Foundation
import StoreCore
import StoreEtcd

/// Load for a server of etcd's API, whichever: `store-load fill|watch|list|compact PORT COUNT`. Prints figures as JSON.
@main
struct StoreLoad {
    static func main() async {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let port = Int(arguments[2]), let count = Int(arguments[3]) else {
            fail("usage: store-load fill|watch|list|compact PORT COUNT", code: 64)
        }
        do {
            switch arguments[1] {
            case "fill": try await Fill.run(port: port, keys: count)
            case "watch": try await WatchDelay.run(port: port, watchers: count)
            case "compact": try await CompactionDelay.run(port: port, versions: count)
            default: try await List.run(port: port, keys: count)
            }
        } catch {
            fail("\(arguments[1]): \(error)", code: 1)
        }
    }

    private static func fail(_ text: String, code: Int32) -> Never {
        FileHandle.standardError.write(Data("\(text)\n".utf8))
        exit(code)
    }
}

struct LoadFailure: Error, CustomStringConvertible {
    let description: String
}

/// A client of the server.
func withServer(_ port: Int, _ body: (EtcdStore) async throws -> Void) async throws {
    let store = try EtcdStore(endpoints: EtcdEndpoint.list("http://127.0.0.1:\(port)")) {
        Int64(Date().timeIntervalSince1970 * 1000)
    }
    try await body(store)
    await store.close()
}

extension Duration {
    var milliseconds: Double { Double(components.seconds) * 1000 + Double(components.attoseconds) / 1e15 }
}
