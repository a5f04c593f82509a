import GRPCCore
import GRPCNIOTransportHTTP2Posix

/// grpc.health.v1.Health/Check, without TLS. Its two messages have one field each and are written here.
struct GRPCHealth: Sendable {
    let host: String
    let port: Int
    let service: String
    let timeout: Duration

    private static let method = MethodDescriptor(fullyQualifiedService: "grpc.health.v1.Health", method: "Check")
    private static let serving: UInt8 = 1

    /// Why it is not SERVING; nil when it is.
    func check() async -> String? {
        do {
            let target: any ResolvableTarget =
                host.contains(":") ? .ipv6(address: host, port: port) : .ipv4(address: host, port: port)
            let transport = try HTTP2ClientTransport.Posix(target: target, transportSecurity: .plaintext)
            var options = CallOptions.defaults
            options.timeout = timeout
            options.waitForReady = false
            let request = ClientRequest(message: [0x0A] + varint(service.utf8.count) + Array(service.utf8))
            let answer = try await withGRPCClient(transport: transport) { [options] client in
                try await client.unary(
                    request: request, descriptor: Self.method, serializer: RawMessage(), deserializer: RawMessage(),
                    options: options
                ) { try $0.message }
            }
            // Field 1, a number; one that is not there is 0, UNKNOWN.
            let status = answer.count >= 2 && answer[0] == 0x08 ? answer[1] : 0
            return status == Self.serving ? nil : "service unhealthy (responded with \"\(Self.name(status))\")"
        } catch {
            return "failed to connect to gRPC service at \(host):\(port): \(error)"
        }
    }

    private func varint(_ number: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = number
        while rest > 0x7F {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    private static func name(_ status: UInt8) -> String {
        ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"][Int(min(status, 3))]
    }
}

/// A message as its bytes.
struct RawMessage: MessageSerializer, MessageDeserializer {
    func serialize<Bytes: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Bytes { Bytes(message) }
    func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> [UInt8] {
        bytes.withUnsafeBytes { Array($0) }
    }
}
