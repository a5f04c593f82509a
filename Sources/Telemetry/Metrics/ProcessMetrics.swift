import Glibc

extension MetricsRegistry {
    /// What Prometheus clients say about their process, read from /proc when asked.
    public func registerProcessMetrics() {
        let status = ProcessStatus.read
        let start = ProcessStatus.startTime()
        measuredGauge("process_start_time_seconds", "Start time of the process since unix epoch in seconds.") { start }
        measuredCounter("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.") {
            status()?.cpuSeconds
        }
        measuredGauge("process_resident_memory_bytes", "Resident memory size in bytes.") { status()?.residentBytes }
        measuredGauge("process_virtual_memory_bytes", "Virtual memory size in bytes.") { status()?.virtualBytes }
        measuredGauge("process_open_fds", "Number of open file descriptors.", read: ProcessStatus.openDescriptors)
        measuredGauge("process_max_fds", "Maximum number of open file descriptors.") {
            var limit = rlimit()
            return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? Double(limit.rlim_cur) : nil
        }
    }
}

/// The fields of /proc/self/stat (proc_pid_stat(5)) that matter here.
struct ProcessStatus {
    let cpuSeconds: Double
    let residentBytes: Double
    let virtualBytes: Double
    /// Clock ticks between boot and the process' start.
    let startTicks: Double

    /// The name of the program, in parentheses, may hold anything; the fields after it are numbers.
    init?(stat: String) {
        guard let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[end...].dropFirst().split(whereSeparator: \.isWhitespace).map { Double($0) }
        // The first field here is the third of the manual's.
        func field(_ number: Int) -> Double? { fields.indices.contains(number - 3) ? fields[number - 3] : nil }
        guard let user = field(14), let system = field(15), let start = field(22), let virtual = field(23),
            let resident = field(24)
        else { return nil }
        cpuSeconds = (user + system) / Self.ticksPerSecond
        residentBytes = resident * Double(sysconf(CInt(_SC_PAGESIZE)))
        virtualBytes = virtual
        startTicks = start
    }

    static func read() -> ProcessStatus? { contents("/proc/self/stat").flatMap(ProcessStatus.init(stat:)) }

    static func startTime() -> Double? {
        guard let status = read(),
            let boot = contents("/proc/stat")?.split(separator: "\n").first(where: { $0.hasPrefix("btime ") }),
            let bootTime = Double(boot.dropFirst(6))
        else { return nil }
        return bootTime + status.startTicks / ticksPerSecond
    }

    /// The directory's own descriptor is not counted.
    static func openDescriptors() -> Double? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var count = 0
        while let entry = readdir(directory) {
            if entry.pointee.d_name.0 != CChar(bitPattern: UInt8(ascii: ".")) { count += 1 }
        }
        return Double(count - 1)
    }

    private static let ticksPerSecond = Double(sysconf(CInt(_SC_CLK_TCK)))

    private static func contents(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        while bytes.count < 1 << 20 {
            let piece = [UInt8](unsafeUninitializedCapacity: 16384) { buffer, count in
                count = max(0, Glibc.read(descriptor, buffer.baseAddress, 16384))
            }
            if piece.isEmpty { break }
            bytes += piece
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
