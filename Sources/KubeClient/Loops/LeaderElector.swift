import ControlLoops
import KubeAPI
import Logging

/// Runs a body only while this process holds a Lease: the shell around `LeaderElection`.
public struct LeaderElector: Sendable {
    /// Another process leads now, or the Lease could not be renewed in time. The process should end.
    public struct Lost: Error, CustomStringConvertible {
        public let description: String
    }

    public typealias Election = LeaderElection<ContinuousClock.Instant>

    private static let leases = GroupVersionResource(group: "coordination.k8s.io", resource: "leases")

    private let client: KubeClient
    private let key: NamespacedName
    private let identity: String
    private let policy: Election.Policy
    private let logger: Logger

    /// `identity` must be different for every process, such as host name and a random number.
    public init(
        client: KubeClient, lease key: NamespacedName, identity: String, policy: Election.Policy = .init(),
        logger: Logger
    ) {
        self.client = client
        self.key = key
        self.identity = identity
        self.policy = policy
        self.logger = logger
    }

    /// Waits for leadership, runs `body`, and gives the Lease back when it ends or the task is cancelled.
    ///
    /// - Parameter standby: opened when another process is seen to lead.
    /// - Throws: `Lost`, and what `body` throws.
    public func run(
        standby: Latch? = nil, _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        let leading = Latch()
        let recorder = EventRecorder(client: client, component: key.name, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await recorder.run() }
            group.addTask { try await hold(leading, standby) }
            group.addTask {
                await leading.wait()
                guard !Task.isCancelled else { return }
                logger.info("leading", metadata: ["lease": "\(key)", "identity": "\(identity)"])
                recorder.report(report("\(identity) became leader"))
                try await body()
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func report(_ note: String) -> EventReport {
        let lease = EventReport.Subject(
            apiVersion: Self.leases.apiVersion, kind: "Lease", namespace: key.namespace, name: key.name)
        return EventReport(severity: .normal, reason: "LeaderElection", action: "", note: note, regarding: lease)
    }

    private func hold(_ leading: Latch, _ standby: Latch?) async throws {
        var election = Election(identity: identity, policy: policy)
        var lease: APIObject?
        var step = Election.Step.read
        while !Task.isCancelled {
            if election.isLeading { leading.open() } else if !election.leader.isEmpty { standby?.open() }
            switch step {
            case .wait(let delay):
                try? await Task.sleep(for: delay)
                step = .read
            case .lost: throw Lost(description: "the lease \(key) is lost to \(name(election.leader))")
            case .read, .create, .update:
                step = await perform(step, &election, &lease)
            }
        }
        await release(&election, lease)
    }

    private func name(_ leader: String) -> String { leader.isEmpty || leader == identity ? "time" : leader }

    private func perform(_ step: Election.Step, _ election: inout Election, _ lease: inout APIObject?) async
        -> Election.Step
    {
        let limit = election.requestLimit(now: .now)
        let known = lease
        do {
            lease = try await Watchdog(limit).guarding { try await request(step, known) }
        } catch let error as ClientError where error.isNotFound && step == .read {
            lease = nil
            return election.read(nil, now: .now, wallClock: WallClock.now(), random: random)
        } catch {
            logger.debug("lease not had", metadata: ["lease": "\(key)", "error": "\(error)"])
            return election.failed(now: .now, random: random)
        }
        switch step {
        case .create(let record), .update(let record): return election.wrote(record, now: .now, random: random)
        default:
            return election.read(
                lease.map { LeaseRecord(lease: $0.json) }, now: .now, wallClock: WallClock.now(), random: random)
        }
    }

    private var random: Double { .random(in: 0..<1) }

    private func request(_ step: Election.Step, _ lease: APIObject?) async throws -> APIObject {
        switch step {
        case .create(let record):
            let object: JSONValue = [
                "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
                "metadata": ["name": .string(key.name), "namespace": .string(key.namespace)], "spec": record.spec,
            ]
            return try await client.create(Self.leases, object, namespace: key.namespace)
        case .update(let record):
            guard var lease else { throw ClientError.malformed("no lease was read") }
            lease["spec"] = record.spec
            return try await client.update(Self.leases, lease)
        default: return try await client.get(Self.leases, key)
        }
    }

    /// Not bound to the task, which is cancelled already. A renewal that was under way then may have been taken: the Lease is
    /// another one than is known, and is read again.
    private func release(_ election: inout Election, _ lease: APIObject?) async {
        guard let record = election.release(wallClock: WallClock.now()), let lease else { return }
        await Task {
            var known = lease
            for _ in 0..<3 {
                do {
                    let latest = known
                    _ = try await Watchdog(.seconds(2)).guarding { try await request(.update(record), latest) }
                    return
                } catch let error as ClientError where error.isConflict {
                    guard let found = try? await Watchdog(.seconds(2)).guarding({ try await request(.read, nil) }),
                        LeaseRecord(lease: found.json).holder == identity
                    else { return }
                    known = found
                } catch {
                    return
                }
            }
        }.value
    }
}
