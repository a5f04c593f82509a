import Glibc

/// Small text files.
enum TextFile {
    static func read(_ path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Puts it there in one step.
    static func write(_ path: String, _ text: String) throws {
        let temporary = "\(path).new"
        guard let file = fopen(temporary, "we") else {
            throw ApusProcess.Failure(description: "cannot write \(path): \(String(cString: strerror(errno)))")
        }
        fputs(text, file)
        guard fclose(file) == 0, rename(temporary, path) == 0 else {
            throw ApusProcess.Failure(description: "cannot write \(path): \(String(cString: strerror(errno)))")
        }
    }
}

/// A directory of its own for a test; gone with its owner.
final class TemporaryFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/apus-daemon-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw ApusProcess.Failure(description: "cannot make a directory: \(String(cString: strerror(errno)))")
        }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        mkdir("\(path)/manifests", 0o700)
    }

    deinit {
        for folder in ["\(path)/manifests", path] {
            for name in Self.names(folder) { unlink("\(folder)/\(name)") }
            rmdir(folder)
        }
    }

    private static func names(_ folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            names.append(withUnsafePointer(to: &entry.pointee.d_name.0) { String(cString: $0) })
        }
        return names
    }
}
