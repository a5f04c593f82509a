import Glibc
import KubeClient
import Logging
import ProxyCore
import ServiceLifecycle
import Synchronization

/// The node proxy as a service: the loop on its thread, and what feeds it.
public struct ProxyDaemon: Service {
    /// Where Services and EndpointSlices come from.
    public enum Input: Sendable {
        case manifests(directory: String)
        case kubernetes(KubeClient)
    }

    private let loop: ProxyLoop
    private let input: Input
    private let nodeName: String
    private let logger: Logger

    public init(
        settings: ProxySettings, input: Input, tableName: String, observer: (any ProxyObserver)? = nil, logger: Logger
    ) {
        loop = ProxyLoop(settings: settings, tableName: tableName, observer: observer ?? LogObserver(logger: logger))
        self.input = input
        nodeName = settings.nodeName
        self.logger = logger
    }

    /// Inputs may be sent here from outside: questions, new settings.
    public var mailbox: Mailbox<ProxyInput> { loop.mailbox }

    /// Runs until graceful shutdown; the rules stay in the kernel.
    public func run() async throws {
        try await withGracefulShutdownHandler {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await runLoop() }
                group.addTask { try await feed() }
                // The loop ends when it is told to, the feed when it fails: either ends the other.
                defer { group.cancelAll() }
                try await group.next()
            }
        } onGracefulShutdown: {
            loop.mailbox.send(.stop)
        }
    }

    private func feed() async throws {
        switch input {
        case .manifests(let directory):
            try await ManifestFeed(directory: directory, mailbox: loop.mailbox, logger: logger).run(nodeName: nodeName)
        case .kubernetes(let client):
            await KubernetesFeed(client: client, mailbox: loop.mailbox, logger: logger).run(nodeName: nodeName)
        }
    }

    /// The loop blocks, so it has a thread of its own.
    private func runLoop() async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let body = Unmanaged.passRetained(
                    ThreadBody { continuation.resume(with: Result { try loop.run() }) })
                var thread = pthread_t()
                let code = pthread_create(
                    &thread, nil,
                    { argument in
                        guard let argument else { return nil }
                        Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
                        return nil
                    }, body.toOpaque())
                guard code == 0 else {
                    body.release()
                    continuation.resume(throwing: ThreadFailure(code: code))
                    return
                }
                pthread_detach(thread)
            }
        } onCancel: {
            loop.mailbox.send(.stop)
        }
    }
}

/// Carries a closure across pthread_create.
private final class ThreadBody {
    let run: () -> Void
    init(_ run: @escaping () -> Void) { self.run = run }
}

struct ThreadFailure: Error, CustomStringConvertible {
    let code: CInt
    var description: String { "cannot start the proxy's thread: \(String(cString: strerror(code)))" }
}
