import Glibc

/// Each connection takes two descriptors, and four while payload goes through pipes.
enum DescriptorLimit {
    /// Raises the process' limit to what the system allows it without more rights.
    static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < limit.rlim_max
        else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
