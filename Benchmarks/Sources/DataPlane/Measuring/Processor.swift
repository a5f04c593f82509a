import CProcessor
import Glibc

/// Where the calling thread, and threads it starts later, may run.
enum Processor {
    static var count: Int { max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN))) }

    /// Best effort: a processor that this process may not use is passed over.
    static func pin(to number: Int) { _ = apus_bench_pin(CInt(number)) }
}
