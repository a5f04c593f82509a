import Glibc
import NetTypes

/// Runs probes side by side on the calling thread, in its namespace: one socket each and one poll(2) for all.
public enum ProbeRunner {
    /// The outcomes in the order of `probes`; at most `width` are under way at a time.
    public static func run(_ probes: [Probe], width: Int = 256) -> [ProbeOutcome] {
        run(probes, width: width) { index throws(LabError) in
            try Socket(probes[index].target.address.family, probes[index].proto)
        }
    }

    /// `socket` provides the socket of each probe, which decides where it starts from.
    static func run(
        _ probes: [Probe], width: Int, socket: (Int) throws(LabError) -> Socket
    ) -> [ProbeOutcome] {
        var outcomes = [ProbeOutcome](repeating: .timeout, count: probes.count)
        var running: [ProbeAttempt] = []
        var next = 0
        while true {
            while running.count < width, next < probes.count {
                switch ProbeAttempt.start(probes[next], index: next, now: .now, socket) {
                case .running(let attempt): running.append(attempt)
                case .over(let outcome): outcomes[next] = outcome
                }
                next += 1
            }
            guard !running.isEmpty else { return outcomes }
            step(&running, &outcomes)
        }
    }

    /// Waits for the first event or deadline and takes every attempt one step further.
    private static func step(_ running: inout [ProbeAttempt], _ outcomes: inout [ProbeOutcome]) {
        var descriptors = running.map { pollfd(fd: $0.descriptor, events: $0.events, revents: 0) }
        let deadline = running.map(\.deadline).min() ?? .now
        let wait = max(.zero, deadline - .now).components
        let milliseconds = wait.seconds * 1000 + wait.attoseconds / 1_000_000_000_000_000 + 1
        poll(&descriptors, nfds_t(descriptors.count), CInt(clamping: milliseconds))
        let now = ContinuousClock.now
        var kept: [ProbeAttempt] = []
        for (var attempt, descriptor) in zip(running, descriptors) {
            var outcome = descriptor.revents == 0 ? nil : attempt.advance()
            if outcome == nil, attempt.deadline <= now { outcome = .timeout }
            guard let outcome else {
                kept.append(attempt)
                continue
            }
            outcomes[attempt.index] = outcome
            close(attempt.descriptor)
        }
        running = kept
    }
}
