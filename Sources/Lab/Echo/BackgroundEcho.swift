import Threads

/// An echo server on a thread of its own, which ends with this value.
struct BackgroundEcho: ~Copyable {
    private let server: EchoServer
    private let thread: OwnThread

    init(_ server: EchoServer) throws(LabError) {
        self.server = server
        do {
            thread = try OwnThread { try? server.run() }
        } catch {
            throw LabError("start the echo thread", code: error.code)
        }
    }

    deinit {
        server.stop()
        thread.join()
    }
}
