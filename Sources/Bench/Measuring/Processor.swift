import CLinux
import Glibc

/// Where the calling thread, and threads it starts later, may run.
public enum Processor {
    public static var count: Int { max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN))) }

    /// Best effort: a processor that this process may not use is passed over.
    public static func pin(to number: Int) { _ = apus_run_on(CInt(number)) }

    /// Any processor again.
    public static func unpin() { _ = apus_run_anywhere() }
}
