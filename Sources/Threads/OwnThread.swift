import Glibc

/// A POSIX thread with one job, for work that blocks or that changes what belongs to a thread: the pools of tasks and
/// queues have few threads, and others use them next. Its owner joins or detaches it, once.
public struct OwnThread: Sendable {
    private let thread: pthread_t

    public init(_ body: @escaping @Sendable () -> Void) throws(ThreadError) {
        thread = try Self.start(Job(body))
    }

    /// Waits for the end of the job.
    public func join() { pthread_join(thread, nil) }

    /// The thread ends by itself.
    public func detach() { pthread_detach(thread) }

    /// Runs `body` on a fresh thread and waits for it. The caller is blocked meanwhile, which is what lets `body` borrow
    /// the caller's values.
    public static func run<Value>(_ body: () throws -> Value) throws -> Value {
        var outcome: Result<Value, any Error>?
        try withoutActuallyEscaping(body) { body in
            let thread = try start(Job { outcome = Result { try body() } })
            pthread_join(thread, nil)
        }
        guard let outcome else { throw ThreadError(code: ESRCH) }
        return try outcome.get()
    }

    /// Carries a closure through pthread_create's pointer, to the one thread that runs it.
    private final class Job {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }

    private static func start(_ job: Job) throws(ThreadError) -> pthread_t {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(job)
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Job>.fromOpaque(context).takeRetainedValue().body()
                return nil
            }, context.toOpaque())
        guard code == 0 else {
            context.release()
            throw ThreadError(code: code)
        }
        return thread
    }
}

/// The system has no thread to give.
public struct ThreadError: Error, Equatable, CustomStringConvertible {
    /// An errno.
    public let code: CInt

    public var description: String { "cannot start a thread: \(String(cString: strerror(code)))" }
}
