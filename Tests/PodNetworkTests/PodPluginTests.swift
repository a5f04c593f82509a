import CNI
import Glibc
import KubeAPI
import Namespaces
import NetTypes
import Routes
import TestThreads
import Testing

@testable import PodNetwork

@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: makes network namespaces"))
struct PodPluginTests {
    let node: TestNode

    init() throws { node = try TestNode() }

    @Test func connectsPodsWithTheNodeAndEachOther() throws {
        let pods = try (0..<2).map { _ in try TestPod(node) }
        for pod in pods { #expect(try pod.add().exitCode == 0) }
        let first = try pods[0].result()
        #expect(first.addresses.map(\.prefixLength) == [32, 128])
        #expect(first.interfaces.map(\.sandbox) == [nil, pods[0].path])
        let second = try pods[1].result()
        for (mine, other) in zip(first.addresses, second.addresses) {
            // Nobody listens: a refusal comes from the other end.
            #expect(try pods[0].reaches(other.address), "pod to pod \(other.address)")
            #expect(try node.reaches(mine.address), "node to pod \(mine.address)")
        }
        for address in [TestNode.address4, TestNode.address6] { #expect(try pods[0].reaches(address)) }
        for pod in pods { #expect(try pod.run("CHECK").exitCode == 0) }
    }

    /// From others' pods nobody takes packets: each interface carries its own pod's address alone.
    @Test func aPodCannotUseAnothersAddress() throws {
        let pods = try (0..<2).map { _ in try TestPod(node) }
        for pod in pods { #expect(try pod.add().exitCode == 0) }
        let others = try #require(pods[1].result().addresses.first?.address)
        let isDropped = try pods[0].namespace.run {
            var routes = try RouteSocket()
            try routes.addAddress(others, prefixLength: 32, to: "eth0")
            return !Reach.answers(TestNode.address4, from: others, milliseconds: 300)
        }
        #expect(isDropped)
    }

    @Test func addTwiceGivesTheSame() throws {
        let pod = try TestPod(node)
        #expect(try pod.add().exitCode == 0)
        let first = try pod.result()
        #expect(try pod.add().exitCode == 0)
        #expect(try pod.result().addresses == first.addresses)
        #expect(try node.leases() == 2)
        #expect(try pod.reachesGatewaySide())
    }

    @Test func deleteTwiceAndWithoutNamespace() throws {
        let pod = try TestPod(node)
        #expect(try pod.add().exitCode == 0)
        for path in [pod.path, "", "/nonexistent/netns"] {
            #expect(try pod.run("DEL", path: path) == .init(output: [], exitCode: 0))
            #expect(try node.veths().isEmpty)
        }
        // They rest, and are nobody's.
        #expect(try node.heldLeases() == 0)
        #expect(try pod.run("CHECK").exitCode == 1)
        // One that was never there.
        #expect(try TestPod(node).run("DEL").exitCode == 0)
    }

    @Test func failuresLeaveNothing() throws {
        let pod = try TestPod(node)
        for path in ["/nonexistent", "/etc/passwd", "/proc/thread-self/ns/net", "/proc/thread-self/ns/uts"] {
            let outcome = try pod.run("ADD", path: path)
            #expect(outcome.exitCode == 1, "\(path)")
            let answer = try JSONParser.parse(outcome.output)
            #expect(answer["code"]?.integer != nil && answer["msg"]?.string?.isEmpty == false)
        }
        // Something has the name inside the pod.
        try pod.namespace.run {
            var routes = try RouteSocket()
            try routes.createBridge("eth0")
        }
        #expect(try pod.add().exitCode == 1)
        #expect(try node.veths().isEmpty)
        #expect(try node.heldLeases() == 0)
    }

    @Test func theRangeIsExhaustedThenRests() throws {
        let small = try TestNode(ranges: ["10.99.0.0/30"], coolDown: 30)
        let pods = try (0..<3).map { _ in try TestPod(small) }
        #expect(try pods[0].add().exitCode == 0)
        #expect(try pods[1].add().exitCode == 0)
        #expect(try small.status().exitCode == 1)
        let refused = try pods[2].add()
        #expect(refused.exitCode == 1)
        #expect(String(decoding: refused.output, as: UTF8.self).contains("no address of 10.99.0.0/30 is free"))
        #expect(try pods[0].run("DEL").exitCode == 0)
        #expect(try pods[2].add(now: 1010).exitCode == 1)
        #expect(try pods[2].add(now: 1040).exitCode == 0)
        #expect(try pods[2].result().addresses.map(\.address) == pods[0].result().addresses.map(\.address))
    }

    @Test func checkSeesWhatIsBroken() throws {
        let damages: [(String, (inout RouteSocket, String, IPAddress) throws -> Void)] = [
            ("node's interface down", { routes, name, _ in try routes.setDown(name) }),
            ("node's interface gone", { routes, name, _ in try routes.deleteLink(name) }),
            (
                "route gone",
                { routes, name, address in
                    try routes.deleteRoute(Route(CIDR(host: address), link: name, origin: PodLink.origin))
                }
            ),
        ]
        for (what, damage) in damages {
            let pod = try TestPod(node)
            #expect(try pod.add().exitCode == 0)
            let address = try #require(pod.result().addresses.first?.address)
            #expect(try pod.run("CHECK").exitCode == 0)
            try node.namespace.run {
                var routes = try RouteSocket()
                try damage(&routes, pod.link.hostName, address)
            }
            #expect(try pod.run("CHECK").exitCode == 1, "\(what)")
            // ADD after a crash makes it whole again.
            #expect(try pod.add().exitCode == 0, "\(what)")
            #expect(try pod.run("CHECK").exitCode == 0, "\(what)")
        }
    }

    @Test func garbageGoes() throws {
        let pods = try (0..<2).map { _ in try TestPod(node) }
        for pod in pods { #expect(try pod.add().exitCode == 0) }
        let valid: JSONValue = [["containerID": .string(pods[0].id), "ifname": "eth0"]]
        #expect(try node.run("GC", [], adding: ["cni.dev/valid-attachments": valid]).exitCode == 0)
        #expect(try node.veths() == [pods[0].link.hostName])
        #expect(try node.heldLeases() == 2)
        #expect(try pods[0].run("CHECK").exitCode == 0)
    }

    @Test func speaksItsVersions() throws {
        let answer = try JSONParser.parse(try node.run("VERSION", []).output)
        #expect(answer["supportedVersions"] == ["0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"])
        #expect(try node.status().exitCode == 0)
        let pod = try TestPod(node)
        let old = try JSONParser.parse(try pod.run("ADD", version: "0.3.1").output)
        #expect(old["cniVersion"] == "0.3.1")
        #expect(old["ips"]?.array?.compactMap { $0["version"]?.string } == ["4", "6"])
        #expect(try pod.run("ADD", version: "2.0.0").exitCode == 1)
    }

    @Test(arguments: [
        ["CNI_COMMAND=ADD"], ["CNI_COMMAND=NONE"], [],
        ["CNI_COMMAND=ADD", "CNI_CONTAINERID=a/b", "CNI_NETNS=/n", "CNI_IFNAME=eth0"],
        ["CNI_COMMAND=ADD", "CNI_CONTAINERID=a", "CNI_NETNS=/n", "CNI_IFNAME=a-name-that-is-too-long"],
        ["CNI_COMMAND=ADD", "CNI_CONTAINERID=a", "CNI_NETNS=", "CNI_IFNAME=eth0"],
        ["CNI_COMMAND=ADD", "CNI_CONTAINERID=a", "CNI_NETNS=/n", "CNI_IFNAME=lo"],
    ]) func badEnvironmentsAreRefused(environment: [String]) throws {
        let outcome = try node.run(nil, environment)
        #expect(outcome.exitCode == 1)
        #expect(try JSONParser.parse(outcome.output)["code"]?.integer == Int64(CNIFailure.Code.invalidEnvironment))
    }

    /// Whatever bytes a lease file holds after a crash: nothing is given twice, and garbage collection frees it.
    @Test func damagedLeasesAreNotGivenAway() throws {
        let pod = try TestPod(node)
        #expect(try pod.add().exitCode == 0)
        let address = try #require(pod.result().addresses.first?.address)
        try SmallText.replace("\(node.leaseDirectory)/\(address)", "")
        let other = try TestPod(node)
        #expect(try other.add().exitCode == 0)
        #expect(try other.result().addresses.first?.address != address)
        #expect(try node.run("GC", []).exitCode == 0)
        #expect(try node.heldLeases() == 0)
    }
}
