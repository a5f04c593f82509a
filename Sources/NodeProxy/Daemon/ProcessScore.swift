import Glibc
import Logging

/// `oomScoreAdj`: how readily the kernel ends this process when memory runs out.
enum ProcessScore {
    /// -1000 (never) to 1000 (first). A refusal is logged; nothing depends on it.
    static func set(_ score: Int32, _ logger: Logger) {
        let file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)
        let text = "\(score)\n"
        let written = text.withCString { write(file, $0, text.utf8.count) }
        let code = errno
        if file >= 0 { close(file) }
        if written < 0 { logger.warning("cannot set oom_score_adj to \(score): \(String(cString: strerror(code)))") }
    }
}
