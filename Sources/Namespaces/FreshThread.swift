import Glibc

/// Runs `body` on a thread of its own and waits for it.
///
/// A thread that changed its network namespace must not return to a pool, so every change happens on one of these.
/// The caller is blocked meanwhile, which is what lets `body` borrow the caller's values.
func onFreshThread<Value>(_ body: () throws -> Value) throws -> Value {
    var outcome: Result<Value, any Error> = .failure(NamespaceError("start a thread", code: EAGAIN))
    withoutActuallyEscaping(body) { body in
        let job = Job { outcome = Result { try body() } }
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
            return
        }
        pthread_join(thread, nil)
    }
    return try outcome.get()
}

/// Carries a closure through pthread_create's pointer. The creator waits in pthread_join, so only one thread runs it.
private final class Job {
    let body: () -> Void
    init(_ body: @escaping () -> Void) { self.body = body }
}
