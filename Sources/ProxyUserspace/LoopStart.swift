import CLinux
import Glibc
import Threads

/// Carries a loop's beginnings to its thread.
final class LoopStart: Sendable {
    let mailbox: LoopMailbox
    /// Given when the loop runs, or cannot.
    let begun = Answer<Void>()
    private let routes: RouteTable
    private let settings: UserspaceSettings
    private let tableSize: Int

    init(_ mailbox: LoopMailbox, _ routes: RouteTable, _ settings: UserspaceSettings, tableSize: Int) {
        self.mailbox = mailbox
        self.routes = routes
        self.settings = settings
        self.tableSize = tableSize
    }

    func onThread() throws(UserspaceError) -> OwnThread {
        do {
            return try OwnThread { [self] in run() }
        } catch {
            throw UserspaceError(operation: "start a thread", code: error.code)
        }
    }

    private func run() {
        Self.blockBrokenPipes()
        // A table of its own has room for as many descriptors again, and no call need count its users. Where the kernel
        // has none to give (before Linux 5.9), the loop shares the process'.
        _ = apus_own_descriptors(mailbox.wakeUp)
        do throws(UserspaceError) {
            let loop = try EventLoop(mailbox, routes, settings, tableSize: tableSize)
            begun.give(.success(()))
            loop.run()
        } catch {
            begun.give(.failure(error))
        }
    }

    /// splice(2) to a socket whose peer is gone raises SIGPIPE, and knows no flag against it; its errno is enough.
    private static func blockBrokenPipes() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}
