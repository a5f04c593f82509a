import Foundation

/// scheduler-bench [NODES [PODS [WORKLOAD...]]]: decisions per second and their latency, in process, on the pure core.
let arguments = CommandLine.arguments.dropFirst()
let nodes = arguments.first.flatMap { Int($0) } ?? 5000
let pods = arguments.dropFirst().first.flatMap { Int($0) } ?? 5000
let chosen = arguments.dropFirst(2).compactMap { Workload(rawValue: $0) }

/// Megabytes of the process in memory, now and at most.
func memory() -> (now: Int, most: Int) {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    func value(_ name: String) -> Int {
        let line = status.split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 / 1024 } ?? 0
    }
    return (value("VmRSS"), value("VmHWM"))
}

func fixed(_ number: Double, _ digits: Int = 0) -> String { String(format: "%.\(digits)f", number) }

func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
}

print("\(nodes) nodes, \(pods) pods after as many without wishes; milliseconds per decision")
print(["workload", "pods/s", "goal", "p50", "p99", "max", "unplaced", "RSS MB"].map { padded($0, 19) }.joined())
var isGood = true
for workload in chosen.isEmpty ? Workload.allCases : chosen {
    let count = workload == .preemption ? min(pods, 500) : pods
    let result = try Measurement.run(workload, nodes: nodes, before: pods, pods: count)
    let cells = [
        workload.rawValue, fixed(result.perSecond), workload.goal.map { fixed($0) } ?? "",
        fixed(result.percentile(0.5), 3), fixed(result.percentile(0.99), 3), fixed(result.durations.last ?? 0, 3),
        "\(result.unplaced)", "\(memory().now)",
    ]
    print(cells.map { padded($0, 19) }.joined())
    if let goal = workload.goal, result.perSecond < goal || result.percentile(0.99) > 20 { isGood = false }
}
exit(isGood ? 0 : 1)
