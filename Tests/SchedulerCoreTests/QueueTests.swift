import KubeAPI
import Testing

@testable import SchedulerCore

@Suite struct QueueTests {
    private static let second: Int64 = 1_000_000_000

    private func names(_ queue: inout SchedulingQueue, at now: Int64 = 0) -> [String] {
        var names: [String] = []
        while let next = queue.pop(now: now) { names.append(next.pod.key.name) }
        return names
    }

    @Test func priorityThenTime() throws {
        var queue = SchedulingQueue()
        queue.set(try Make.pod("a"), now: 1)
        queue.set(try Make.pod("b", priority: 10), now: 2)
        queue.set(try Make.pod("c"), now: 0)
        queue.set(try Make.pod("d", priority: 10), now: 3)
        #expect(names(&queue) == ["b", "d", "c", "a"])
    }

    @Test func whatIsGoneIsNotTried() throws {
        var queue = SchedulingQueue()
        for name in ["a", "b"] { queue.set(try Make.pod(name), now: 0) }
        queue.remove(NamespacedName(namespace: "default", name: "a"))
        #expect(names(&queue) == ["b"])
        #expect(queue.counts == .init(inFlight: 1))
    }

    @Test func onlyEventsThatMayHelpBringAPodBack() throws {
        var queue = SchedulingQueue()
        let pod = try Make.pod("a", cpu: "4")
        queue.set(pod, now: 0)
        _ = queue.pop(now: 0)
        queue.failed(pod.key, plugins: [.nodeResourcesFit], now: 0)
        #expect(queue.counts == .init(unschedulable: 1))
        queue.react(to: .nodeAdded(try Make.node("small", cpu: "1")), now: 0)
        queue.react(to: .volumeChanged, now: 0)
        #expect(queue.counts == .init(unschedulable: 1))
        queue.react(to: .nodeAdded(try Make.node("large", cpu: "8")), now: 0)
        #expect(queue.counts == .init(backoff: 1))
        #expect(queue.nextDeadline() == Self.second)
        #expect(names(&queue, at: Self.second - 1).isEmpty)
        #expect(names(&queue, at: Self.second) == ["a"])
    }

    @Test func backoffDoublesUpToItsLimit() throws {
        var queue = SchedulingQueue()
        let pod = try Make.pod("a")
        queue.set(pod, now: 0)
        var now: Int64 = 0
        for seconds in [1, 2, 4, 8, 10, 10] as [Int64] {
            #expect(names(&queue, at: now) == ["a"])
            queue.retry(pod.key, now: now)
            #expect(queue.nextDeadline() == now + seconds * Self.second)
            now += seconds * Self.second
        }
    }

    @Test func afterFiveMinutesEveryPodIsTriedAgain() throws {
        var queue = SchedulingQueue()
        let pod = try Make.pod("a")
        queue.set(pod, now: 0)
        _ = queue.pop(now: 0)
        queue.failed(pod.key, plugins: [.interPodAffinity], now: 0)
        #expect(names(&queue, at: 299 * Self.second).isEmpty)
        #expect(names(&queue, at: 300 * Self.second) == ["a"])
    }

    @Test func gatedPodsWaitOutside() throws {
        var queue = SchedulingQueue()
        queue.set(try Make.pod("a", spec: ["schedulingGates": [["name": "quota"]]]), now: 0)
        #expect(names(&queue).isEmpty)
        #expect(queue.counts == .init(gated: 1))
        queue.set(try Make.pod("a"), now: 0)
        #expect(names(&queue) == ["a"])
    }

    @Test func aChangedSpecBringsThePodBackButItsStatusDoesNot() throws {
        var queue = SchedulingQueue()
        let pod = try Make.pod("a", cpu: "4")
        queue.set(pod, now: 0)
        _ = queue.pop(now: 0)
        queue.failed(pod.key, plugins: [.nodeResourcesFit], now: 0)
        queue.set(try Make.pod("a", cpu: "4"), now: Self.second)
        #expect(queue.counts.unschedulable == 1)
        queue.set(try Make.pod("a", cpu: "1"), now: Self.second)
        #expect(names(&queue, at: Self.second) == ["a"])
    }

    @Test func aPodOfTheSameNameIsAnother() throws {
        var queue = SchedulingQueue()
        queue.set(try Make.pod("a", uid: "1"), now: 0)
        _ = queue.pop(now: 0)
        queue.set(try Make.pod("a", uid: "2"), now: 0)
        #expect(queue.pop(now: 0)?.pod.uid == "2")
    }

    /// Pods that never fit, of high priority, do not keep others waiting.
    @Test func nobodyStarves() throws {
        var queue = SchedulingQueue()
        for index in 0..<50 { queue.set(try Make.pod("big-\(index)", cpu: "99", priority: 1000), now: 0) }
        queue.set(try Make.pod("small"), now: 0)
        var now: Int64 = 0
        var tries = 0
        while let next = queue.pop(now: now) {
            tries += 1
            now += Self.second / 100
            if next.pod.key.name == "small" { break }
            queue.failed(next.pod.key, plugins: [.nodeResourcesFit], now: now)
            queue.react(to: .podGone(try Make.pod("other")), now: now)
            if tries > 1000 { break }
        }
        #expect(tries < 200)
    }
}
