import Glibc

/// What this process uses, as the kernel counts it.
public enum ProcessUsage {
    /// MiB of a line of /proc/PROCESS/status, such as `VmRSS` or `VmHWM`; 0 if it is missing.
    public static func memory(_ field: String, of process: String = "self") -> Double {
        let status = TextFile.read("/proc/\(process)/status") ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("\(field):") }
        let words = line?.split(whereSeparator: { $0 == " " || $0 == "\t" }) ?? []
        return (words.dropFirst().first.flatMap { Double(String($0)) } ?? 0) / 1024
    }

    /// Seconds of processor time of another process, user and system, in hundredths; 0 if it is gone.
    public static func processorTime(of process: pid_t) -> Double {
        let words = (TextFile.read("/proc/\(process)/stat") ?? "").split(separator: " ")
        guard words.count > 14 else { return 0 }
        return words[13...14].compactMap { Double(String($0)) }.reduce(0, +) / Double(sysconf(CInt(_SC_CLK_TCK)))
    }

    /// Seconds of processor time, user and system.
    public static var processorTime: Double {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        return usage.ru_utime.seconds + usage.ru_stime.seconds
    }
}

extension timeval {
    fileprivate var seconds: Double { Double(tv_sec) + Double(tv_usec) / 1e6 }
}

extension Duration {
    public var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
    public var milliseconds: Double { seconds * 1000 }
}
