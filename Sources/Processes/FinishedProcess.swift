import Glibc

/// A program that ran to its end, or was ended.
public struct FinishedProcess: Sendable, Equatable {
    public var end: ProcessEnd
    public var output: [UInt8]
    public var errorOutput: [UInt8]

    public init(_ end: ProcessEnd, output: [UInt8] = [], errorOutput: [UInt8] = []) {
        self.end = end
        self.output = output
        self.errorOutput = errorOutput
    }

    /// What it printed, as text.
    public var text: String { String(decoding: output, as: UTF8.self) }
    public var errorText: String { String(decoding: errorOutput, as: UTF8.self) }

    /// Runs a program in the calling thread's namespaces and waits for it; blocks. What it leaves running in the
    /// background does not keep it waiting.
    /// - Parameters:
    ///   - start: its descriptors are added after the three that it gets here.
    ///   - outputLimit: bytes that it may print on either output.
    public static func run(
        _ start: ProgramStart, input: [UInt8] = [], limit: Duration, outputLimit: Int = 1 << 20
    ) throws(ProcessError) -> FinishedProcess {
        // Files in memory and not pipes: nobody has to read while it runs, and nobody waits for its children.
        let files = [try MemoryFile("input"), try MemoryFile("output"), try MemoryFile("error output")]
        try files[0].write(input)
        var start = start
        start.descriptors = files.map(\.descriptor) + start.descriptors
        let process = try RunningProcess(start)
        let end = wait(for: process, limit) { files.dropFirst().contains { $0.size > outputLimit } }
        return FinishedProcess(
            end, output: files[1].read(limit: outputLimit), errorOutput: files[2].read(limit: outputLimit))
    }

    private static func wait(for process: RunningProcess, _ limit: Duration, isTooMuch: () -> Bool) -> ProcessEnd {
        let deadline = ContinuousClock.now + limit
        while true {
            let left = deadline - ContinuousClock.now
            if let end = process.wait(min(left, .milliseconds(250))) { return end }
            let end: ProcessEnd? = left <= .zero ? .timeLimit : isTooMuch() ? .outputLimit : nil
            guard let end else { continue }
            process.killSession()
            return end
        }
    }
}
