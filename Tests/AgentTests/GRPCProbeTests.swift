import GRPCServer
import KubeAPI
import NIOCore
import Testing

@testable import Agent

@Suite struct GRPCProbeTests {
    /// Says of `good` that it serves, of `slow` nothing for long, of anything else that it does not.
    private static var methods: MethodTable {
        var methods = MethodTable()
        methods.task("/grpc.health.v1.Health/Check") { request in
            let service = String(
                buffer: request.getSlice(at: request.readerIndex + 2, length: max(0, request.readableBytes - 2))
                    ?? ByteBuffer())
            if service == "slow" { try await Task.sleep(for: .seconds(60)) }
            return { $0.writeBytes([0x08, service == "good" ? 1 : 2]) }
        }
        return methods
    }

    @Test func aServiceThatServesPassesAndOthersSayWhy() async throws {
        let server = RPCServer(Self.methods)
        let address = try await server.listen(try SocketAddress(ipAddress: "127.0.0.1", port: 0), tls: nil)
        let port = try #require(address.port)
        func check(_ service: String, port: Int, seconds: Int = 20) async -> String? {
            await GRPCHealth(host: "127.0.0.1", port: port, service: service, timeout: .seconds(seconds)).check()
        }
        #expect(await check("good", port: port) == nil)
        #expect(await check("bad", port: port)?.contains("NOT_SERVING") == true)
        let slow = await check("slow", port: port, seconds: 1)
        #expect(slow?.contains("127.0.0.1:\(port)") == true, "\(slow ?? "it passed")")
        await server.shutDown(grace: .zero)
        let gone = await check("good", port: port, seconds: 2)
        #expect(gone?.contains("127.0.0.1:\(port)") == true, "\(gone ?? "it passed")")
    }
}
