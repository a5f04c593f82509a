import CLinux
import Glibc

/// Several descriptors as one for poll(2): readable when one of them is.
struct NotificationSet: ~Copyable {
    let descriptor: CInt

    init() throws(UserspaceError) {
        descriptor = epoll_create1(CInt(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw .last("make an epoll") }
    }

    deinit { close(descriptor) }

    /// Leaves the set when it is closed.
    func add(_ member: CInt) throws(UserspaceError) {
        var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(u64: 0))
        guard epoll_ctl(descriptor, EPOLL_CTL_ADD, member, &event) == 0 else { throw .last("watch the kernel") }
    }
}
