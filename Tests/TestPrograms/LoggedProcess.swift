import Foundation
import Glibc
import Processes

/// A program that runs beside the tests and is killed with its owner; what it prints is added to a file.
public final class LoggedProcess: Sendable {
    private let process: RunningProcess
    public let log: String

    /// Nothing of it is kept unless there is a log.
    public init(_ start: ProgramStart, log: String = "/dev/null") throws {
        process = try RunningProcess(start, log: log)
        self.log = log
    }

    public var pid: pid_t { process.id }
    public var isRunning: Bool { process.isRunning }

    /// What it has printed, and those that ran before it with the same log.
    public var output: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

    /// False when it has ended.
    @discardableResult
    public func signal(_ number: Int32) -> Bool { process.signal(number) }

    /// As a machine ends that loses power.
    public func crash() { process.kill() }

    /// Its exit status after SIGTERM.
    @discardableResult
    public func terminate() -> Int32 { process.terminate().status }

    /// The exit status of one that ends by itself.
    public func wait() -> Int32 { process.wait().status }
}
