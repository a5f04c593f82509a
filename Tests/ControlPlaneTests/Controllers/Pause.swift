import Glibc

/// Stands still; only for tests on threads of their own.
enum Pause {
    static func milliseconds(_ count: Int) { usleep(UInt32(clamping: count * 1000)) }
}
