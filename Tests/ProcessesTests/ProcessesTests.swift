import Glibc
import TestThreads
import Testing

@testable import Processes

@Suite(.ownThread) struct ProcessesTests {
    private func run(
        _ script: String, input: String = "", limit: Duration = .seconds(30), outputLimit: Int = 1 << 20
    ) throws -> FinishedProcess {
        try FinishedProcess.run(
            ProgramStart("sh", ["-c", script], environment: ["PATH=/usr/bin:/bin"]), input: Array(input.utf8),
            limit: limit, outputLimit: outputLimit)
    }

    @Test func aProgramHasItsInputAndBothOutputs() throws {
        let finished = try run("cat; echo oops >&2; exit 3", input: "words")
        #expect(finished == FinishedProcess(.exit(3), output: Array("words".utf8), errorOutput: Array("oops\n".utf8)))
    }

    @Test func itHasTheEnvironmentAndTheFolderThatItIsGiven() throws {
        let start = ProgramStart(
            "/usr/bin/env", ["sh", "-c", "pwd; env"], environment: ["PATH=/usr/bin", "A=b"], in: "/proc")
        let lines = try FinishedProcess.run(start, limit: .seconds(30)).text.split(separator: "\n")
        #expect(lines.first == "/proc" && lines.contains("A=b") && !lines.contains { $0.hasPrefix("HOME=") })
    }

    @Test(arguments: [("exit 7", ProcessEnd.exit(7), 7), ("kill -15 $$", .signal(15), 143)])
    func endsAreTold(script: String, end: ProcessEnd, status: CInt) throws {
        let finished = try run(script)
        #expect(finished.end == end && finished.end.status == status)
    }

    @Test func aMissingProgramIsNamed() {
        #expect(throws: ProcessError("cannot run /nonexistent/program", code: ENOENT)) {
            try FinishedProcess.run(ProgramStart("/nonexistent/program"), limit: .seconds(1))
        }
    }

    /// Also what it has started in the background, which holds its outputs.
    @Test func oneThatTakesTooLongIsKilledWithItsSession() throws {
        let finished = try run("sleep 600 & echo $!; wait", limit: .milliseconds(300))
        #expect(finished.end == .timeLimit)
        let child = try #require(pid_t(finished.text.split(separator: "\n").first ?? ""))
        let deadline = ContinuousClock.now + .seconds(60)
        while isAlive(child), ContinuousClock.now < deadline { usleep(5000) }
        #expect(!isAlive(child))
    }

    /// A zombie that its new parent has not reaped yet is not.
    private func isAlive(_ pid: pid_t) -> Bool {
        let file = open("/proc/\(pid)/stat", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 512)
        let text = String(decoding: bytes.prefix(max(0, read(file, &bytes, bytes.count))), as: UTF8.self)
        return text.split(separator: ")").last?.hasPrefix(" Z") == false
    }

    @Test func oneThatPrintsTooMuchIsKilled() throws {
        #expect(try run("yes", outputLimit: 1000).end == .outputLimit)
    }

    @Test func whatItLeavesBehindKeepsNobodyWaiting() throws {
        let start = ContinuousClock.now
        let finished = try run("sleep 30 & echo $!")
        #expect(finished.end == .exit(0) && ContinuousClock.now - start < .seconds(20))
        if let child = pid_t(finished.text.split(separator: "\n").first ?? "") { kill(child, SIGKILL) }
    }

    /// More than any library's buffer holds the names of. None is inherited, and the order is the one given.
    @Test func amongThousandsOfDescriptorsItHasThoseItIsGiven() throws {
        var pairs: [CInt] = []
        defer { pairs.forEach { close($0) } }
        for _ in 0..<1500 {
            let copy = fcntl(STDERR_FILENO, F_DUPFD, 100)
            if copy >= 0 { pairs.append(copy) }
        }
        let (first, second) = (try MemoryFile("first"), try MemoryFile("second"))
        try first.write(Array("1".utf8))
        try second.write(Array("2".utf8))
        let script = "cat <&3; cat <&4; ls /proc/self/fd"
        let start = ProgramStart(
            "sh", ["-c", script], environment: ["PATH=/usr/bin:/bin"],
            descriptors: [first.descriptor, second.descriptor])
        // The last is the folder that ls reads.
        #expect(try FinishedProcess.run(start, limit: .seconds(60)).text == "120\n1\n2\n3\n4\n5\n")
    }

    @Test func descriptorsThatStandInEachOthersPlaceAreKept() throws {
        let files = try ["a", "b", "c"].map { name in
            let file = try MemoryFile(name)
            try file.write(Array(name.utf8))
            return file
        }
        let output = try MemoryFile("output")
        // At places that the child's own will have.
        let moved = files.enumerated().map { fcntl($1.descriptor, F_DUPFD_CLOEXEC, CInt(200 - $0)) }
        defer { moved.forEach { close($0) } }
        let start = ProgramStart(
            "sh", ["-c", "cat <&0; cat <&3; cat <&4"], environment: ["PATH=/usr/bin:/bin"],
            descriptors: [moved[0], output.descriptor, output.descriptor, moved[1], moved[2]])
        #expect(try RunningProcess(start).wait() == .exit(0))
        #expect(String(decoding: output.read(limit: 100), as: UTF8.self) == "abc")
    }

    @Test func aRunningOneIsSignalledWaitedForAndKilledWithItsOwner() throws {
        let sleep = ProgramStart("sleep", ["600"], environment: ["PATH=/usr/bin:/bin"])
        let process = try RunningProcess(sleep)
        #expect(process.isRunning && process.wait(.milliseconds(20)) == nil)
        #expect(process.signal(SIGTERM) && process.wait() == .signal(SIGTERM))
        #expect(!process.isRunning && !process.signal(SIGTERM) && process.terminate() == .signal(SIGTERM))
        var owner: RunningProcess? = try RunningProcess(sleep)
        let id = try #require(owner?.id)
        #expect(kill(id, 0) == 0)
        owner = nil
        #expect(kill(id, 0) != 0 && errno == ESRCH)
    }

    @Test func aLogIsAddedTo() throws {
        var name = Array("/tmp/apus-log-XXXXXX".utf8CString)
        close(mkstemp(&name))
        let path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { unlink(path) }
        for word in ["one", "two"] {
            let echo = ProgramStart(
                "sh", ["-c", "echo \(word); echo \(word) >&2"], environment: ["PATH=/usr/bin:/bin"])
            #expect(try RunningProcess(echo, log: path).wait() == .exit(0))
        }
        let read = try FinishedProcess.run(ProgramStart("cat", [path], environment: []), limit: .seconds(30))
        #expect(read.text == "one\none\ntwo\ntwo\n")
    }
}
