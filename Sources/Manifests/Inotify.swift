@preconcurrency import Dispatch
import Glibc

/// One inotify(7) descriptor: hands every record to whoever made it, on a queue of its own, until it is released.
final class Inotify: Sendable {
    private let descriptor: Int32
    private let source: any DispatchSourceRead

    /// `heard` gets the records of one read together.
    init(label: String, _ heard: @escaping @Sendable ([InotifyEvent]) -> Void) throws(FileContents.Failure) {
        let descriptor = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        guard descriptor >= 0 else { throw FileContents.Failure("inotify_init1") }
        self.descriptor = descriptor
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: DispatchQueue(label: label))
        source.setCancelHandler { close(descriptor) }
        source.setEventHandler { heard(Self.drain(descriptor)) }
        source.activate()
    }

    deinit { source.cancel() }

    /// The watch, or nil when there is no such directory.
    func watch(directory: String, _ mask: Int32) -> Int32? {
        let watch = inotify_add_watch(descriptor, directory, UInt32(bitPattern: mask | Int32(IN_ONLYDIR)))
        return watch >= 0 ? watch : nil
    }

    func remove(_ watch: Int32) { inotify_rm_watch(descriptor, watch) }

    /// All records there are.
    private static func drain(_ descriptor: Int32) -> [InotifyEvent] {
        withUnsafeTemporaryAllocation(byteCount: 1 << 14, alignment: 8) { buffer in
            var records: [InotifyEvent] = []
            while true {
                let count = read(descriptor, buffer.baseAddress, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return records }
                records += InotifyEvent.parse(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
    }
}
