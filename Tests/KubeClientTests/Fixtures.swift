import Glibc
import KubeAPI
import Logging
import Synchronization

@testable import KubeClient

/// A folder that goes away with its owner.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/apus-client-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw FileError(path: "/tmp", errno: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        // Folders here are flat.
        guard let folder = opendir(path) else { return }
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name.0) { String(cString: $0) }
            unlink(path + "/" + name)
        }
        closedir(folder)
        rmdir(path)
    }

    /// Writes a file in place of one that may be there, and returns its path.
    @discardableResult
    func write(_ name: String, _ text: String, mode: mode_t = 0o600) throws -> String {
        let (target, temporary) = ("\(path)/\(name)", "\(path)/.\(name).new")
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard file >= 0 else { throw FileError(path: temporary, errno: errno) }
        defer { close(file) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard count > 0 else { throw FileError(path: temporary, errno: errno) }
            rest = rest.dropFirst(count)
        }
        guard rename(temporary, target) == 0 else { throw FileError(path: target, errno: errno) }
        return target
    }

    func read(_ name: String) throws -> [UInt8] { try readFile("\(path)/\(name)") }
}

/// Gathers what a consumer is told, and waits for it.
final class Recorder<Element: Sendable>: Sendable {
    private struct Waiter {
        let isMet: @Sendable ([Element]) -> Bool
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var elements: [Element] = []
        var waiters: [Waiter] = []
    }

    private let state = Mutex(State())

    var elements: [Element] { state.withLock { $0.elements } }

    func record(_ element: Element) {
        let ready = state.withLock { state in
            state.elements.append(element)
            let elements = state.elements
            let ready = state.waiters.filter { $0.isMet(elements) }
            state.waiters.removeAll { $0.isMet(elements) }
            return ready
        }
        ready.forEach { $0.continuation.resume() }
    }

    /// Returns once `isMet` holds; the test's own time limit is the limit.
    func wait(until isMet: @escaping @Sendable ([Element]) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if isMet(state.elements) { return true }
                state.waiters.append(Waiter(isMet: isMet, continuation: continuation))
                return false
            }
            if isReady { continuation.resume() }
        }
    }
}

extension Logger {
    static var quiet: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

    /// Messages, each with its values in the order of their names.
    static func recording(_ lines: Recorder<String>) -> Logger {
        Logger(label: "test") { _ in RecordingHandler(lines: lines) }
    }
}

private struct RecordingHandler: LogHandler {
    let lines: Recorder<String>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let values = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
        lines.record("\(event.message)\(values.joined())")
    }
}

/// Objects as the server writes them.
enum Wire {
    static func service(_ name: String, version: Int, namespace: String = "default") -> String {
        """
        {"kind":"Service","apiVersion":"v1","metadata":{"name":"\(name)","namespace":"\(namespace)",\
        "resourceVersion":"\(version)"},"spec":{"clusterIP":"10.0.0.1","clusterIPs":["10.0.0.1"],\
        "ports":[{"port":80,"protocol":"TCP"}],"type":"ClusterIP"}}
        """
    }

    static func event(_ kind: String, _ object: String) -> String { #"{"type":"\#(kind)","object":\#(object)}"# }

    static func added(_ name: String, version: Int) -> String { event("ADDED", service(name, version: version)) }
    static func modified(_ name: String, version: Int) -> String { event("MODIFIED", service(name, version: version)) }
    static func deleted(_ name: String, version: Int) -> String { event("DELETED", service(name, version: version)) }

    static func bookmark(_ version: Int, endsInitialEvents: Bool = false) -> String {
        let annotations = endsInitialEvents ? #","annotations":{"k8s.io/initial-events-end":"true"}"# : ""
        return event(
            "BOOKMARK",
            #"{"kind":"Service","apiVersion":"v1","metadata":{"resourceVersion":"\#(version)"\#(annotations)},"spec":{}}"#
        )
    }

    static func list(_ names: [String], version: Int, continuation: String = "") -> String {
        let items = names.map { service($0, version: version) }.joined(separator: ",")
        return """
            {"kind":"ServiceList","apiVersion":"v1","metadata":{"resourceVersion":"\(version)",\
            "continue":"\(continuation)"},"items":[\(items)]}
            """
    }
}
