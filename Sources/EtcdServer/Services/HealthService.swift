import GRPCServer
import NIOCore

/// grpc.health.v1.Health, as etcd has it: the server as a whole serves, and has no parts with names. Its messages have one
/// field each and are written here.
struct HealthService {
    private static let serving: Encode = { $0.writeBytes([0x08, 1]) }

    func register(_ methods: inout MethodTable) {
        methods.task("/grpc.health.v1.Health/Check") { request in
            // The name of a part is the only field.
            guard Self.namesNothing(request) else {
                throw RPCStatus(.notFound, "unknown service")
            }
            return Self.serving
        }
        methods.stream("/grpc.health.v1.Health/Watch") { stream in
            guard let request = try await stream.next() else { return }
            let isKnown = Self.namesNothing(request)
            try await stream.write { $0.writeBytes([0x08, isKnown ? 1 : 3]) }
            // Nothing changes until the server ends, or its client goes.
            while true { try await Task.sleep(for: .seconds(3600)) }
        }
    }

    private static func namesNothing(_ request: ByteBuffer) -> Bool {
        request.readableBytes == 0 || request.readableBytesView.elementsEqual([0x0a, 0])
    }
}
