import Glibc

extension ProgramStart {
    /// Starts it with nothing on its standard input, and with what it prints added to a file; its own descriptors come
    /// after these three.
    public func start(log: String) throws(ProcessError) -> pid_t {
        let input = try open("/dev/null", O_RDONLY)
        defer { close(input) }
        let output = try open(log, O_WRONLY | O_CREAT | O_APPEND)
        defer { close(output) }
        var start = self
        start.descriptors = [input, output, output] + descriptors
        return try start.start()
    }

    private func open(_ path: String, _ flags: CInt) throws(ProcessError) -> CInt {
        let descriptor = Glibc.open(path, flags | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .last("open \(path)") }
        return descriptor
    }
}
