import CLinux
import Glibc

/// Each connection takes two descriptors, and up to six while payload goes through pipes. Every event loop has a table of
/// its own, so that the system's limit bounds a loop and not the process.
enum DescriptorLimit {
    /// Left for what is no connection: listeners, epoll, UDP frontends that come later.
    static let reserve = 64

    /// Raises the process' limit to what the system allows it without more rights. The limit of each table.
    static func raise() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        if limit.rlim_cur < limit.rlim_max {
            let old = limit.rlim_cur
            limit.rlim_cur = limit.rlim_max
            if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) != 0 { limit.rlim_cur = old }
        }
        return Int(clamping: limit.rlim_cur)
    }

    /// Event loops: one for each processor, and more where tables are small, so that `connections` find room together
    /// although the kernel does not spread them evenly. At most 16.
    static func loops(processors: Int, tableSize: Int, connections: Int = 20_000) -> Int {
        let room = max(1, (tableSize - reserve) / 2 * 5 / 6)
        return max(processors, min(16, (connections + room - 1) / room))
    }
}
