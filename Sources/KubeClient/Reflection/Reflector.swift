import AsyncHTTPClient
import KubeAPI
import Logging
import NIOCore

/// Keeps a consumer up to date with all objects of one resource: the shell around `ReflectorMachine`.
///
/// Nothing is stored; items and watch events are decoded one at a time as they arrive, and a slow consumer slows the
/// reading from the server.
public actor Reflector<Object: DecodableObject> {
    public typealias Consumer = @Sendable (ReflectorEvent<Object>) async -> Void

    private let client: KubeClient
    private let selection: ResourceSelection
    private let logger: Logger
    private let consumer: Consumer
    private var machine: ReflectorMachine
    /// Of the watch under way.
    private var watchdog = Watchdog(.zero)
    /// A failure was logged, and nothing since.
    private var isInterrupted = false

    public init(
        client: KubeClient, selection: ResourceSelection, policy: ReflectorPolicy = ReflectorPolicy(), logger: Logger,
        consumer: @escaping Consumer
    ) {
        self.client = client
        self.selection = selection
        self.consumer = consumer
        self.machine = ReflectorMachine(policy: policy)
        var logger = logger
        logger[metadataKey: "resource"] = "\(selection.path)"
        self.logger = logger
    }

    /// Works until the task is cancelled. Errors never end it; they are logged and tried again.
    public func run() async {
        var step = machine.proceed(at: .now, random: random)
        while !Task.isCancelled {
            switch step {
            case .wait(let delay):
                try? await Task.sleep(for: delay)
                step = machine.proceed(at: .now, random: random)
            case .list(let query): step = await list(query)
            case .watch(let query): step = await watch(query)
            }
        }
    }

    private var random: Double { .random(in: 0..<1) }

    private func failed(_ error: ClientError) async -> ReflectorMachine.Step {
        let step = machine.failed(ReflectorMachine.Failure(error), at: .now, random: random)
        guard !Task.isCancelled else { return step }
        isInterrupted = true
        logger.warning("interrupted", metadata: ["error": "\(error)", "next": "\(step.text)"])
        if case .status(let status) = error, status.code == 404 { await consumer(.notServed) }
        return step
    }
}

// MARK: - List

extension Reflector {
    private func list(_ query: ReflectorMachine.ListQuery) async -> ReflectorMachine.Step {
        do {
            let response = try await client.send(selection.request(query))
            if query.continuation == nil { await consumer(.replaceBegin) }
            watchdog = Watchdog(client.options.requestTimeout)
            let page = try await converting {
                try await self.watchdog.guarding { try await self.readPage(response) }
            }
            let step = machine.listed(
                resourceVersion: page.resourceVersion, continuation: page.continuation, at: .now, random: random)
            if case .watch = step { await consumer(.replaceEnd) }
            return step
        } catch {
            return await failed(error)
        }
    }

    private func readPage(_ response: HTTPClientResponse) async throws -> ListMeta {
        try await client.readPage(response, watchdog) { await deliver($0) }
    }

    private func deliver(_ element: ListScanner.Element) async {
        switch ItemDecoding<Object>(element, limit: client.options.objectLimit) {
        case .object(let object): await consumer(.upsert(object))
        case .malformed(let key, let reason): await malformed(key, reason)
        }
    }

    private func malformed(_ key: NamespacedName?, _ reason: String) async {
        logger.warning(
            "object skipped", metadata: ["object": "\(key?.description ?? "unknown")", "reason": "\(reason)"])
        await consumer(.malformed(key, reason: reason))
    }
}

// MARK: - Watch

extension Reflector {
    private func watch(_ query: ReflectorMachine.WatchQuery) async -> ReflectorMachine.Step {
        let policy = machine.policy
        let whole = Duration.seconds(query.timeoutSeconds) + policy.grace
        let lane = client.lanes.enter()
        defer { client.lanes.leave(lane) }
        do {
            let response = try await client.send(selection.request(query), lane: lane)
            if isInterrupted { logger.info("watching again") }
            isInterrupted = false
            if query.sendsInitialEvents { await consumer(.replaceBegin) }
            watchdog = Watchdog(query.sendsInitialEvents ? policy.initialSilence : whole)
            let end = try await watchdog.guarding {
                try await self.readWatch(response, isInitial: query.sendsInitialEvents, until: .now + whole)
            }
            return machine.watchEnded(end, at: .now, random: random)
        } catch let error as ClientError {
            return await failed(error)
        } catch is Watchdog.Expired {
            logger.info("watch fell silent")
            return machine.watchEnded(.silent, at: .now, random: random)
        } catch {
            return await failed(.unreachable("\(error)"))
        }
    }

    private func readWatch(
        _ response: HTTPClientResponse, isInitial: Bool, until deadline: ContinuousClock.Instant
    ) async throws -> ReflectorMachine.WatchEnd {
        var isInitial = isInitial
        var splitter = LineSplitter(limit: client.options.objectLimit)
        do {
            for try await chunk in response.body {
                try watchdog.suspend()
                splitter.append(chunk)
                while let element = splitter.next() {
                    if try await deliver(element) { isInitial = false }
                }
                watchdog.allow(isInitial ? machine.policy.initialSilence : deadline - .now)
            }
        } catch let error where !(error is ClientError || error is Watchdog.Expired) {
            try Task.checkCancellation()
            logger.info("watch broke", metadata: ["error": "\(reason(of: error))"])
            return .broken
        }
        if splitter.pending > 0 { await malformed(nil, "the watch ended in the middle of an event") }
        return .complete
    }

    /// True when the event completes the initial list.
    private func deliver(_ element: LineSplitter.Element) async throws(ClientError) -> Bool {
        guard case .line(let bytes) = element else {
            await malformed(nil, "an event larger than \(client.options.objectLimit) bytes")
            return false
        }
        switch WatchDecoding<Object>(line: bytes) {
        case .upsert(let object):
            await consumer(.upsert(object))
            machine.passed(resourceVersion: object.resourceVersion)
        case .delete(let key, let resourceVersion):
            await consumer(.delete(key))
            machine.passed(resourceVersion: resourceVersion)
        case .bookmark(let resourceVersion, let endsInitialEvents):
            guard machine.passedBookmark(resourceVersion: resourceVersion, endsInitialEvents: endsInitialEvents) else {
                return false
            }
            await consumer(.replaceEnd)
            return true
        case .error(let status): throw .status(status)
        case .malformed(let key, let resourceVersion, let reason):
            await malformed(key, reason)
            machine.passed(resourceVersion: resourceVersion)
        }
        return false
    }
}

extension ReflectorMachine.Step {
    /// For the log.
    var text: String {
        switch self {
        case .list: "list"
        case .watch: "watch"
        case .wait(let delay) where delay < .seconds(1): "retry in \(Int(delay / .milliseconds(1)))ms"
        case .wait(let delay): "retry in \((delay / .milliseconds(100)).rounded() / 10)s"
        }
    }
}

extension ReflectorMachine.Failure {
    init(_ error: ClientError) {
        guard case .status(let status) = error else {
            self = .transport
            return
        }
        self = .status(
            code: status.code, retryAfter: status.retryAfter,
            isResourceVersionTooLarge: status.isResourceVersionTooLarge)
    }
}
