import ContainerRuntime
import NIOCore

/// port-forward over SPDY/3.1 (`portforward.k8s.io`): for each connection the client opens a pair of streams with the same
/// `requestid`, `error` and `data`, whose headers name the port.
actor PortForwardSession {
    typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>
    /// Connects to a port of the pod.
    typealias Dial = @Sendable (_ port: Int) async throws -> Connection

    private struct Pair {
        var data: SPDYConnection.Stream?
        var error: SPDYConnection.Stream?
    }

    private let dial: Dial
    private var pairs: [String: Pair] = [:]

    private init(_ dial: @escaping Dial) { self.dial = dial }

    /// Serves a connection to its end.
    static func serve(_ transport: SPDYConnection.Transport, dial: @escaping Dial) async {
        let session = PortForwardSession(dial)
        await SPDYConnection.serve(transport) { stream, connection in try await session.take(stream, connection) }
    }

    private func take(
        _ stream: SPDYConnection.Stream, _ connection: SPDYConnection
    ) throws -> (@Sendable () async -> Void)? {
        let request = stream.headers["requestid"] ?? ""
        var pair = pairs[request] ?? Pair()
        switch stream.headers["streamtype"] {
        case "data": pair.data = stream
        case "error": pair.error = stream
        default: throw SPDYFrame.Malformed()
        }
        guard let data = pair.data, let error = pair.error else {
            pairs[request] = pair
            return nil
        }
        pairs[request] = nil
        let dial = dial
        return { await Self.forward(data: data, error: error, connection, dial) }
    }

    private static func forward(
        data: SPDYConnection.Stream, error: SPDYConnection.Stream, _ connection: SPDYConnection, _ dial: Dial
    ) async {
        let port = Int(data.headers["port"] ?? "") ?? 0
        do {
            try await dial(port).executeThenClose { inbound, outward in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        while let bytes = await data.inbox.next() { try await outward.write(bytes) }
                        outward.finish()
                    }
                    for try await bytes in inbound { try await connection.send(data, bytes) }
                    await data.inbox.abandon()
                    group.cancelAll()
                }
            }
        } catch is CancellationError {
        } catch let failure {
            let text = "an error occurred forwarding \(port): \(failure)"
            try? await connection.send(error, ByteBuffer(string: text))
        }
        for stream in [data, error] { await connection.finish(stream) }
    }
}
