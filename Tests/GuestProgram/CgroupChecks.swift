import Glibc
import Processes
import RuntimeSpec

@testable import ContainerRuntime

/// cgroup v2 with all its controllers, which machines with v1 do not have: the limits of a pod, and that they hold.
enum CgroupChecks {
    private static let root = "/sys/fs/cgroup"
    private static let pod = "/apus/pod"
    private static let limits = Resources(
        cpuShares: 512, cpuQuota: 20_000, cpuPeriod: 100_000, memoryLimit: 32 << 20, processLimit: 20)

    static func run() throws {
        guard mount("cgroup2", root, "cgroup2", 0, nil) == 0 else {
            return report("wrong", "no cgroup2: \(String(cString: strerror(errno)))")
        }
        let cgroups = Cgroups()
        expect("one hierarchy", cgroups.isUnified)
        try cgroups.make(pod, limits)
        holds("cpu.weight", "\(Resources.weight(ofShares: 512))")
        holds("cpu.max", "20000 100000")
        holds("memory.max", "\(32 << 20)")
        holds("pids.max", "20")
        try memoryEnds(cgroups)
        try processesEnd()
        try counts(cgroups)
        try cgroups.set(pod, Resources(cpuQuota: -1, memoryLimit: -1, processLimit: -1))
        holds("cpu.max", "max 100000")
        holds("memory.max", "max")
        holds("pids.max", "max")
        try removes(cgroups)
    }

    private static func expect(_ what: String, _ isRight: Bool, _ seen: @autoclosure () -> String = "") {
        report(isRight ? "cgroup" : "wrong", isRight ? what : "\(what): \(seen())")
    }

    private static func holds(_ file: String, _ wanted: String) {
        let seen = Files.line("\(root)\(pod)/\(file)")
        expect("\(file) is \(wanted)", seen == wanted, seen)
    }

    /// A shell that has put itself into the pod's cgroup.
    private static func shell(_ script: String) -> ProgramStart {
        ProgramStart(
            "/bin/sh", ["-c", "echo $$ >\(root)\(pod)/cgroup.procs; \(script)"],
            environment: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LD_LIBRARY_PATH=/usr/lib/x86_64-linux-gnu"])
    }

    private static func memoryEnds(_ cgroups: Cgroups) throws {
        let dd = "exec busybox dd if=/dev/zero of=/dev/null bs=64M count=1"
        let finished = try FinishedProcess.run(shell(dd), limit: .seconds(120))
        expect("too much memory ends a process", finished.end == .signal(SIGKILL), "\(finished)")
        let events = Files.read(cgroups.outOfMemoryFile(pod)) ?? ""
        expect("and is counted", events.contains("oom_kill 1\n"), events)
    }

    private static func processesEnd() throws {
        let script = "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24; do sleep 1 & done; wait"
        let finished = try FinishedProcess.run(shell(script), limit: .seconds(120))
        expect("too many processes are refused", finished.errorText.contains("fork"), "\(finished)")
    }

    private static func counts(_ cgroups: Cgroups) throws {
        let sleeper = try RunningProcess(shell("exec sleep 600"))
        for _ in 0..<200 where cgroups.processes(pod) != [sleeper.id] { usleep(50_000) }
        expect("its process is in it", cgroups.processes(pod) == [sleeper.id], "\(cgroups.processes(pod))")
        let stats = cgroups.stats(pod)
        expect(
            "its use is counted",
            stats.map { $0.cpuNanoseconds > 0 && $0.memoryUsage > 0 && $0.processes == 1 } == true, "\(stats as Any)")
    }

    private static func removes(_ cgroups: Cgroups) throws {
        let sleeper = try RunningProcess(shell("exec sleep 600"))
        for _ in 0..<200 where cgroups.processes(pod) != [sleeper.id] { usleep(50_000) }
        try cgroups.remove(pod)
        expect("it goes with its processes", sleeper.wait(.seconds(60)) == .signal(SIGKILL))
        expect("and is gone", access(root + pod, F_OK) != 0)
    }
}
