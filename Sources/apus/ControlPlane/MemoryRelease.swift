import Glibc
import NodeProxy
import ServiceLifecycle

/// When a daemon that has worked gives its free memory back: once, at the first quiet look after it. Its start is work.
struct QuietAfterWork {
    /// Seconds of processor time between two looks from which on it is work; giving back costs 2 ms of it.
    private static let work = 0.05

    private var processorTime = 0.0
    private var hasWorked = true

    /// `processorTime`: seconds that the process has had so far.
    mutating func isQuiet(processorTime now: Double) -> Bool {
        let used = now - processorTime
        processorTime = now
        guard used < Self.work else {
            hasWorked = true
            return false
        }
        defer { hasWorked = false }
        return hasWorked
    }
}

/// Gives the memory that a spell of work has left free back to the machine, and the pages of code it went through: of 60 MB
/// that a control-plane daemon holds after its start, 30 are code that it does not come by again.
struct MemoryRelease: Service {
    private static let interval = Duration.seconds(2)

    /// Lets go first of what is not needed at quiet times.
    var letGo: @Sendable () -> Void = {}

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var state = QuietAfterWork()
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.interval)
                guard state.isQuiet(processorTime: Self.processorTime) else { continue }
                letGo()
                ProcessMemory.giveBack()
            }
        }
    }

    private static var processorTime: Double {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        let microseconds = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec
        return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + Double(microseconds) / 1e6
    }
}
