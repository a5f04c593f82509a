import CLinux
import CNI
import Glibc
import NetTypes
import Netlink
import Routes
import Synchronization
import Threads

/// Keeps the kernel's routes to other nodes' pods as the Nodes say, whoever else changes them: it hears of every change and
/// mends. One thread, which sleeps while nothing happens.
public final class NodeRouteKeeper: Sendable {
    public enum Event: Sendable, Equatable {
        case done(NodeRoutes.Change)
        /// It is tried again when an interface or a route changes, and every few seconds.
        case failed(NodeRoutes.Change, reason: String)
        case problem(String)
    }

    private struct Wanted {
        var peers: [NodeRoutes.Peer] = []
        var own: [CIDR] = []
        /// Nothing is done before the Nodes are known: a restart must not take routes away.
        var isKnown = false
        var isStopped = false
    }

    private let wanted = Mutex(Wanted())
    private let wakeUp: CInt
    private let host: HostNamespace?
    private let report: @Sendable (Event) -> Void
    /// After a change by others, how long to wait for more of them.
    private static let settling: CInt = 50
    private static let retry: CInt = 5000

    /// - Parameters:
    ///   - host: the namespace that is the node's; nil is this process' own.
    ///   - report: called on the keeper's thread; each failure once, until it is another.
    public init(host: HostNamespace? = nil, report: @escaping @Sendable (Event) -> Void) {
        self.host = host
        self.report = report
        wakeUp = eventfd(0, CInt(EFD_CLOEXEC | EFD_NONBLOCK))
    }

    deinit { close(wakeUp) }

    /// The other nodes, and this node's own pod CIDRs.
    public func update(peers: [NodeRoutes.Peer], own: [CIDR]) {
        wanted.withLock { wanted in
            wanted.peers = peers
            wanted.own = own
            wanted.isKnown = true
        }
        eventfd_write(wakeUp, 1)
    }

    /// Makes `run` return. The routes stay.
    public func stop() {
        wanted.withLock { $0.isStopped = true }
        eventfd_write(wakeUp, 1)
    }

    /// Works until `stop` or until the task is cancelled. Throws when netlink cannot be used.
    public func run() async throws {
        try await withTaskCancellationHandler {
            try await OwnThread.wait { try self.work() }
        } onCancel: {
            stop()
        }
    }

    private func work() throws {
        try host?.enter()
        var monitor = try RouteMonitor()
        var table = try KernelNodeRoutes()
        var failures: [Event] = []
        while true {
            let now = wanted.withLock { $0 }
            if now.isStopped { return }
            if now.isKnown { try mend(now, &table, &failures) }
            try wait(&monitor, own: table.portID, hasFailed: !failures.isEmpty)
        }
    }

    private func mend(_ wanted: Wanted, _ table: inout KernelNodeRoutes, _ failures: inout [Event]) throws {
        let plan = NodeRoutes.plan(desired: wanted.peers, own: wanted.own, observed: try table.observed())
        var failed = plan.problems.map(Event.problem)
        for change in plan.changes {
            do {
                try table.perform(change)
                report(.done(change))
            } catch {
                failed.append(.failed(change, reason: "\(error)"))
            }
        }
        for event in failed where !failures.contains(event) { report(event) }
        failures = failed
    }

    /// Until something changed that is not our own doing.
    private func wait(_ monitor: inout RouteMonitor, own: UInt32, hasFailed: Bool) throws {
        while true {
            var descriptors = [
                pollfd(fd: monitor.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: wakeUp, events: Int16(POLLIN), revents: 0),
            ]
            let count = poll(&descriptors, nfds_t(descriptors.count), hasFailed ? Self.retry : -1)
            if count == 0 { return }
            if descriptors[1].revents != 0 {
                var value: eventfd_t = 0
                eventfd_read(wakeUp, &value)
                return
            }
            guard try monitor.drain(except: own) else { continue }
            poll(nil, 0, Self.settling)
            _ = try monitor.drain(except: own)
            return
        }
    }
}
