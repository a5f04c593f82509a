import ControllerCore
import KubeAPI
import KubeClient
import Synchronization

/// Deletes pods from nodes whose taints they do not tolerate, or no longer.
public struct TaintEvictionController: Controller {
    public static let name = "taint-eviction-controller"
    private let loop: ObjectLoop
    private let firstSeen: FirstSeen
    /// Pods that are to leave at some time.
    private let leaving = LeavingPods()

    public init(_ context: ControllerContext) {
        loop = ObjectLoop(Self.name, .pod, context, workers: 8, watches: false)
        let firstSeen = FirstSeen()
        self.firstSeen = firstSeen
        let leaving = leaving
        loop.also(.pod) { change in
            if change.new == nil { leaving.set(change.object.uid, false) }
            // A pod that has just come to a node.
            guard let pod = change.new, !pod.nodeName.isEmpty, change.old?.nodeName != pod.nodeName else { return [] }
            return [pod.key]
        }
        loop.also(.node) { change in
            guard change.old?.spec?["taints"] != change.new?.spec?["taints"] else { return [] }
            firstSeen.note(change.object.name, isThere: change.new != nil)
            return context[.pod].objects(Indexes.node, change.object.name).map(\.key)
        }
    }

    public func run() async {
        let context = loop.context
        await loop.decide { pod in
            let key = NamespacedName(namespace: "", name: pod.nodeName)
            guard let node = context[.node][key] else { return Decision() }
            let verdict = TaintEviction.judge(pod, on: node, since: firstSeen.time(node.name) ?? context.now)
            guard case .leaves(let time) = verdict else {
                let isCancelled = leaving.set(pod.uid, false) && !pod.isBeingDeleted
                return Decision(events: isCancelled ? [TaintEviction.cancellation(of: pod)] : [])
            }
            guard time <= context.now else {
                leaving.set(pod.uid, true)
                return Decision(requeueAfter: Timestamp.wait(from: context.now, until: time))
            }
            return Decision(
                TaintEviction.eviction(of: pod, now: context.now).map { Action($0) },
                events: [EventText("TaintManagerEviction", "Marking for deletion Pod \(pod.key)")])
        }
    }
}

/// uids of pods whose time on their node is limited.
private final class LeavingPods: Sendable {
    private let uids = Mutex<Set<String>>([])

    /// Whether it was among them.
    @discardableResult
    func set(_ uid: String, _ isLeaving: Bool) -> Bool {
        uids.withLock { isLeaving ? !$0.insert(uid).inserted : $0.remove(uid) != nil }
    }
}

/// Since when a node's taints are as they are.
private final class FirstSeen: Sendable {
    private let times = Mutex<[String: Int64]>([:])

    func note(_ node: String, isThere: Bool) {
        times.withLock { $0[node] = isThere ? WallClock.now() : nil }
    }

    func time(_ node: String) -> Int64? { times.withLock { $0[node] } }
}
