import Glibc
import Synchronization
import Threads

/// A task executor with one thread, which ends when told to.
final class ThreadExecutor: TaskExecutor, Sendable {
    private struct Queue {
        var jobs: [UnownedJob] = []
        var isStopped = false
    }

    private let queue = Mutex(Queue())
    /// Counts jobs, and the order to stop.
    nonisolated(unsafe) private let wakeups: UnsafeMutablePointer<sem_t>

    init() {
        wakeups = .allocate(capacity: 1)
        sem_init(wakeups, 0, 0)
        do {
            try OwnThread { [self] in work() }.detach()
        } catch {
            preconditionFailure("\(error)")
        }
    }

    deinit {
        sem_destroy(wakeups)
        wakeups.deallocate()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.withLock { $0.jobs.append(job) }
        sem_post(wakeups)
    }

    /// No more jobs come.
    func stop() {
        queue.withLock { $0.isStopped = true }
        sem_post(wakeups)
    }

    private func work() {
        while true {
            while sem_wait(wakeups) != 0 {}
            let (job, isStopped) = queue.withLock { queue in
                (queue.jobs.isEmpty ? nil : queue.jobs.removeFirst(), queue.isStopped)
            }
            if let job {
                job.runSynchronously(on: asUnownedTaskExecutor())
            } else if isStopped {
                return
            }
        }
    }
}
