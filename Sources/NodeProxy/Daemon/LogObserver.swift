import KubeAPI
import Logging
import NetTypes
import ProxyCore
import Telemetry

/// Writes what the loop does to the log, in the words of people who operate it.
struct LogObserver: ProxyObserver {
    let logger: Logger

    func queued(services: Int, endpointSlices: Int) {
        logger.debug("changes came in", metadata: ["services": "\(services)", "endpointSlices": "\(endpointSlices)"])
    }

    func programmed(_ result: Programmed) {
        var metadata: Logger.Metadata = [
            "family": "\(result.family)", "operations": "\(result.report.operations)",
            "took": "\(milliseconds(result.duration))",
        ]
        if let failure = result.report.cleanupFailure { metadata["leftOver"] = "\(failure)" }
        logger.log(
            level: result.isFull ? .info : .debug, result.isFull ? "synchronised" : "programmed a change",
            metadata: metadata)
    }

    func failed(_ family: IPFamily, _ error: any Error, retryAfter: Duration) {
        logger.error(
            "cannot program the kernel; the last good state stays",
            metadata: ["family": "\(family)", "error": "\(error)", "nextTry": "\(milliseconds(retryAfter))"])
    }

    func repaired(_ family: IPFamily, operations: Int) {
        logger.warning(
            "something else changed our table; repaired",
            metadata: ["family": "\(family)", "operations": "\(operations)"])
    }

    func malformed(_ kind: ObjectKind, _ name: NamespacedName?, reason: String) {
        logger.error(
            "an object cannot be read; what was good before stays",
            metadata: [
                "resource": "\(kind.rawValue)", "object": "\(name.map { "\($0)" } ?? "unknown")", "reason": "\(reason)",
            ])
    }

    func advise(_ advice: [Advice]) {
        for item in advice {
            logger.warning(
                "\(item.message)",
                metadata: ["object": "\(item.subject.kind) \(item.subject.name)", "reason": "\(item.reason)"])
        }
    }

    func couldNotDeleteFlows(_ error: any Error) {
        logger.error("cannot delete connections to endpoints that are gone", metadata: ["error": "\(error)"])
    }

    func deletedFlows(count: Int, duration: Duration) {
        guard count > 0 else { return }
        logger.info("forgot connections to endpoints that are gone", metadata: ["count": "\(count)"])
    }

    func began(_ mode: ProxyMode, choice: String?) {
        var metadata: Logger.Metadata = ["mode": "\(mode.rawValue)"]
        if let choice { metadata["because"] = "\(choice)" }
        logger.info("proxying", metadata: metadata)
    }

    func switched(_ change: ModeChange) { logger.info("\(change)") }

    func failedToSwitch(to mode: ProxyMode, _ error: any Error) {
        logger.error(
            "cannot switch the mode; the one in force stays",
            metadata: ["wanted": "\(mode.rawValue)", "error": "\(error)"])
    }

    func couldNotCleanUp(_ reason: String) {
        logger.warning("cannot remove what another mode left", metadata: ["reason": "\(reason)"])
    }

    private func milliseconds(_ duration: Duration) -> String {
        let tenths = Int(duration.seconds * 10_000)
        return "\(tenths / 10).\(tenths % 10) ms"
    }
}
