import EtcdAPI
import Foundation
import GRPCCore

/// Puts keys of 256 bytes, a hundred in a transaction.
enum Fill {
    static func run(port: Int, keys: Int) async throws {
        try await withServer(port) { client in
            let store = Etcdserverpb_KV.Client(wrapping: client)
            for first in stride(from: 0, to: keys, by: 100) {
                _ = try await store.txn(
                    .with {
                        $0.success = (first..<min(keys, first + 100)).map { number in
                            .with {
                                $0.requestPut = .with {
                                    $0.key = Data("/registry/pods/default/pod-\(number)".utf8)
                                    $0.value = Data(repeating: UInt8(truncatingIfNeeded: number), count: 256)
                                }
                            }
                        }
                    })
            }
        }
    }
}

/// Reads all keys at once.
enum List {
    static func run(port: Int, keys: Int) async throws {
        try await withServer(port) { client in
            let store = Etcdserverpb_KV.Client(wrapping: client)
            var times: [Double] = []
            for _ in 0..<5 {
                let start = ContinuousClock.now
                let response = try await store.range(
                    .with {
                        $0.key = Data("/registry/".utf8)
                        $0.rangeEnd = Data("/registry0".utf8)
                        $0.limit = Int64(keys)
                    })
                times.append((ContinuousClock.now - start).milliseconds)
                guard response.kvs.count == keys else { throw RPCError(code: .dataLoss, message: "keys are missing") }
            }
            print("{\"list_ms\": \(times.sorted()[2])}")
        }
    }
}
