import Glibc

/// An echo server on a thread of its own, which ends with this value.
struct BackgroundEcho: ~Copyable {
    private let server: EchoServer
    private let thread: pthread_t

    init(_ server: EchoServer) throws(LabError) {
        self.server = server
        var thread = pthread_t()
        let context = Unmanaged.passRetained(server)
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                try? Unmanaged<EchoServer>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context.toOpaque())
        guard code == 0 else {
            context.release()
            throw LabError("start the echo thread", code: code)
        }
        self.thread = thread
    }

    deinit {
        server.stop()
        pthread_join(thread, nil)
    }
}
