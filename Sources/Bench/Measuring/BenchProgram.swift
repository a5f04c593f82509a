import Processes

extension ProgramStart {
    /// A program that takes part in a measurement, in the calling thread's network namespace.
    public static func bench(_ program: String, _ arguments: [String]) -> ProgramStart {
        ProgramStart(program, arguments, environment: ["PATH=/usr/sbin:/usr/bin"])
    }
}
