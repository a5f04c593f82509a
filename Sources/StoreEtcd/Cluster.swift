import EtcdAPI
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import GRPCProtobuf
import StoreCore
import SwiftProtobuf
import Synchronization

typealias Client = GRPCClient<HTTP2ClientTransport.Posix>

/// The members, and which of them is asked: the same until it fails.
final class Cluster: Sendable {
    let endpoints: [EtcdEndpoint]
    private let clients: [Client]
    private let connections: [Task<Void, Never>]
    private let current = Atomic<Int>(0)

    /// How long members are tried in turn.
    private static let patience = Duration.seconds(5)
    /// How long a member may take to answer: longer than etcd itself waits for its disk and its peers, 7 seconds.
    private static let answer = Duration.seconds(15)

    /// Answers may be as large as etcd makes them; nobody waits for a member that is not there.
    static var options: CallOptions {
        var options = CallOptions.defaults
        options.maxResponseMessageBytes = Int(Int32.max)
        // The transport measures answers by this one.
        options.maxRequestMessageBytes = Int(Int32.max)
        // A member that cannot be reached is left at once, by watches too.
        options.waitForReady = false
        return options
    }

    init(_ endpoints: [EtcdEndpoint], _ credentials: EtcdCredentials) throws(StoreError) {
        self.endpoints = endpoints
        var clients: [Client] = []
        do {
            for endpoint in endpoints {
                let transport = try HTTP2ClientTransport.Posix(
                    target: endpoint.target,
                    transportSecurity: endpoint.hasTLS ? credentials.security : .plaintext,
                    config: .defaults { configuration in
                        configuration.backoff.initial = .milliseconds(50)
                        configuration.backoff.max = .milliseconds(500)
                        configuration.connection.keepalive = .init(
                            time: .seconds(10), timeout: .seconds(5), allowWithoutCalls: false)
                        configuration.channelDebuggingCallbacks.onCreateTCPConnection = PingAnswers.add
                    })
                clients.append(GRPCClient(transport: transport))
            }
        } catch {
            throw .unavailable("cannot use etcd at \(endpoints.map(\.description)): \(error)")
        }
        self.clients = clients
        connections = clients.map { client in Task { try? await client.runConnections() } }
    }

    func close() async {
        for client in clients { client.beginGracefulShutdown() }
        for connection in connections { connection.cancel() }
        for connection in connections { await connection.value }
    }

    // MARK: Which member

    private var index: Int { current.load(ordering: .relaxed) % clients.count }

    var client: (Client, Int) {
        let index = index
        return (clients[index], index)
    }

    /// The member `index` does not answer: the next is asked from now on.
    func leave(_ index: Int) {
        _ = current.compareExchange(expected: index, desired: (index + 1) % clients.count, ordering: .relaxed)
    }

    // MARK: Calls

    /// Asks one member after the other until one answers. A change that may have been sent is not sent again: nobody can
    /// say whether it happened.
    func call<Request: SwiftProtobuf.Message, Response: SwiftProtobuf.Message>(
        _ method: MethodDescriptor, _ request: Request, isRepeatable: Bool
    ) async throws -> Response {
        var failure = RPCError(code: .unavailable, message: "no member answers")
        let limit = ContinuousClock.now + Self.patience
        var attempt = 0
        while .now < limit {
            attempt += 1
            let (client, index) = client
            let serializer = NotingSerializer<Request>()
            do {
                var options = Self.options
                options.timeout = Self.answer
                return try await client.unary(
                    request: ClientRequest(message: request), descriptor: method, serializer: serializer,
                    deserializer: ProtobufDeserializer<Response>(), options: options
                ) { try $0.message }
            } catch let error as RPCError {
                guard error.isOfMember else { throw error }
                leave(index)
                failure = error
                guard isRepeatable || !serializer.wasUsed else {
                    throw StoreError.unavailable(
                        "etcd at \(endpoints[index]) did not answer, and may have made the change or not: \(error)")
                }
            }
            try await Task.sleep(for: .milliseconds(min(500, 20 * attempt)))
        }
        throw StoreError.unavailable("no etcd of \(endpoints.map(\.description)) answers: \(failure)")
    }
}

/// Says whether a message was about to be sent.
private final class NotingSerializer<Message: SwiftProtobuf.Message>: MessageSerializer {
    private let used = Atomic<Bool>(false)
    var wasUsed: Bool { used.load(ordering: .acquiring) }

    func serialize<Bytes: GRPCContiguousBytes>(_ message: Message) throws -> Bytes {
        used.store(true, ordering: .releasing)
        return try ProtobufSerializer<Message>().serialize(message)
    }
}

extension RPCError {
    /// True when another member may do better: this one is gone, has no leader, or takes too long.
    var isOfMember: Bool { [.unavailable, .deadlineExceeded, .aborted, .internalError].contains(code) }

    /// The store's error of the same meaning. `compacted`: the oldest revision, as far as it is known.
    func storeError(compacted: Revision, latest: Revision) -> any Error {
        for known in [
            StoreError.compacted(compacted), .futureRevision(latest), .keyNotFound, .emptyKey, .duplicateKey,
            .tooManyOperations(limit: 0), .leaseNotFound, .leaseExists, .leaseTimeTooLong(limit: 0),
        ] where message == known.description { return known }
        return code == .cancelled ? CancellationError() : StoreError.unavailable("etcd: \(message)")
    }
}
