import ContainerRuntime
import KubeAPI

/// What has gone through an interface of a pod.
struct InterfaceCounters {
    let name: String
    let sandbox: SandboxRecord
    let receivedBytes, receivedPackets, receivedErrors, sentBytes, sentPackets, sentErrors: Double

    /// proc(5), net/dev: `name: bytes packets errs drop fifo frame compressed multicast bytes packets errs …`, of the pod's
    /// own network, without its loopback.
    static func of(_ sandbox: SandboxRecord) -> [InterfaceCounters] {
        guard sandbox.namespaces.contains("net") else { return [] }
        let table = Files.read("/proc/\(sandbox.process.pid)/net/dev") ?? ""
        return table.split(separator: "\n").compactMap { line in
            let sides = line.split(separator: ":", maxSplits: 1)
            guard sides.count == 2 else { return nil }
            let name = sides[0].filter { $0 != " " }
            let numbers = sides[1].split(separator: " ").compactMap { Double($0) }
            guard numbers.count >= 11, name != "lo" else { return nil }
            return InterfaceCounters(
                name: name, sandbox: sandbox, receivedBytes: numbers[0], receivedPackets: numbers[1],
                receivedErrors: numbers[2], sentBytes: numbers[8], sentPackets: numbers[9], sentErrors: numbers[10])
        }
    }

    /// As `/stats/summary` shows it.
    var json: JSONValue {
        [
            "name": .string(name), "rxBytes": .integer(Int64(receivedBytes)),
            "rxErrors": .integer(Int64(receivedErrors)),
            "txBytes": .integer(Int64(sentBytes)), "txErrors": .integer(Int64(sentErrors)),
        ]
    }
}
