import ContainerRuntime
import Glibc
import Synchronization
import Threads

/// A container's log in CRI's format, over rotated files into the one that is being written. One caller at a time.
final class LogStream: Sendable {
    private struct State {
        /// Whole paths still to be read, the oldest first; the last is the current one.
        var files: [String]
        var descriptor: CInt = -1
        /// Of a line whose end has not been read.
        var rest: [UInt8] = []
        var left: Int?
        var isFinished = false
    }

    private static let chunk = 64 * 1024
    private let path: String
    private let query: LogQuery
    private let state: Mutex<State>

    init(_ path: String, _ query: LogQuery) {
        self.path = path
        self.query = query
        state = Mutex(State(files: Self.files(of: path), left: query.limit))
        if let tail = query.tail { state.withLock { Self.skip(&$0, keeping: tail) } }
    }

    deinit {
        let descriptor = state.withLock { $0.descriptor }
        if descriptor >= 0 { close(descriptor) }
    }

    /// Rotated files are named after the time of their rotation.
    private static func files(of path: String) -> [String] {
        guard let slash = path.lastIndex(of: "/") else { return [path] }
        let (folder, name) = (path[..<slash], path[path.index(after: slash)...])
        return Files.names(in: String(folder)).filter { $0.hasPrefix("\(name).") }.map { "\(folder)/\($0)" } + [
            path
        ]
    }

    /// The limit of bytes is reached.
    var isFinished: Bool { state.withLock { $0.isFinished } }

    /// What there is to show now, some of it; empty when there is no more for the moment.
    func next() async -> [UInt8] { (try? await OwnThread.wait { self.state.withLock { self.read(&$0) } }) ?? [] }

    /// True when something was written since `next` found nothing.
    func hasMore() async -> Bool {
        (try? await OwnThread.wait {
            self.state.withLock { state in
                var status = stat()
                guard state.descriptor >= 0, fstat(state.descriptor, &status) == 0 else { return false }
                return status.st_size > lseek(state.descriptor, 0, SEEK_CUR)
            }
        }) ?? false
    }

    private func read(_ state: inout State) -> [UInt8] {
        var shown: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: Self.chunk)
        while shown.isEmpty, !state.isFinished {
            guard state.descriptor >= 0 || open(&state) else { return [] }
            let count = Glibc.read(state.descriptor, &buffer, buffer.count)
            guard count > 0 else {
                guard moves(&state) else { return [] }
                continue
            }
            state.rest += buffer[..<count]
            shown = takeLines(&state)
        }
        return shown
    }

    private func open(_ state: inout State) -> Bool {
        guard let first = state.files.first else { return false }
        state.descriptor = Glibc.open(first, O_RDONLY | O_CLOEXEC)
        return state.descriptor >= 0
    }

    /// At a file's end: to the next, when this one is not the current any more.
    private func moves(_ state: inout State) -> Bool {
        if state.files.count > 1 {
            state.files.removeFirst()
        } else {
            var own = stat()
            var current = stat()
            guard fstat(state.descriptor, &own) == 0, stat(path, &current) == 0, own.st_ino != current.st_ino else {
                return false
            }
        }
        close(state.descriptor)
        state.descriptor = -1
        return open(&state)
    }

    private func takeLines(_ state: inout State) -> [UInt8] {
        var shown: [UInt8] = []
        var rest = state.rest[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            if let text = query.shown(rest[..<end]) { shown += text }
            rest = rest[(end + 1)...]
        }
        state.rest = Array(rest)
        if let left = state.left {
            if shown.count >= left { state.isFinished = true }
            shown = Array(shown.prefix(left))
            state.left = left - shown.count
        }
        return shown
    }

    // MARK: - Tail

    /// Moves to where the last `count` lines begin.
    private static func skip(_ state: inout State, keeping count: Int) {
        var missing = count
        for index in state.files.indices.reversed() {
            let file = Glibc.open(state.files[index], O_RDONLY | O_CLOEXEC)
            guard file >= 0 else { continue }
            let start = start(of: &missing, in: file)
            guard missing == 0 || index == 0 else {
                close(file)
                continue
            }
            lseek(file, start, SEEK_SET)
            state.files = Array(state.files[index...])
            state.descriptor = file
            return
        }
    }

    /// The offset of the last `missing` lines, less those that the file does not have.
    private static func start(of missing: inout Int, in file: CInt) -> off_t {
        var end = lseek(file, 0, SEEK_END)
        if missing == 0 { return end }
        var buffer = [UInt8](repeating: 0, count: chunk)
        // The end of the last line begins no other.
        var isLast = true
        while end > 0 {
            let begin = max(0, end - off_t(chunk))
            let count = pread(file, &buffer, Int(end - begin), begin)
            guard count > 0 else { return begin }
            for index in (0..<count).reversed() where buffer[index] == UInt8(ascii: "\n") {
                if isLast {
                    isLast = false
                    continue
                }
                missing -= 1
                if missing == 0 { return begin + off_t(index) + 1 }
            }
            end = begin
        }
        if !isLast { missing -= 1 }
        return 0
    }
}
