import Glibc
import Synchronization

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
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<ThreadExecutor>.fromOpaque(argument).takeRetainedValue().work()
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        precondition(code == 0, "cannot start a thread: \(String(cString: strerror(code)))")
        pthread_detach(thread)
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
