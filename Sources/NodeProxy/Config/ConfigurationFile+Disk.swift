import Glibc

extension ConfigurationFile {
    private static let sizeLimit = 1 << 20

    /// Reads the file at `path`, which is named so in errors.
    public init(path: String) throws(ConfigurationError) {
        func failure(_ reason: String) -> ConfigurationError {
            ConfigurationError([ConfigurationProblem(origin: path, path: "", reason: reason)])
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("cannot be read: \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16384)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count >= 0 else { throw failure("cannot be read: \(String(cString: strerror(errno)))") }
            if count == 0 { break }
            bytes += buffer[..<count]
            guard bytes.count <= Self.sizeLimit else { throw failure("is larger than 1 MiB") }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw failure("is not UTF-8") }
        self.init(name: path, text: text)
    }

    /// Writes the text to `path`, in place of what is there.
    public func write(path: String) throws(ConfigurationError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        var bytes = Array(text.utf8)[...]
        var isWritten = descriptor >= 0
        while isWritten, !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            isWritten = count > 0
            if isWritten { bytes = bytes.dropFirst(count) }
        }
        let code = errno
        if descriptor >= 0 { close(descriptor) }
        guard isWritten else {
            let reason = "cannot be written: \(String(cString: strerror(code)))"
            throw ConfigurationError([ConfigurationProblem(origin: path, path: "", reason: reason)])
        }
    }
}
