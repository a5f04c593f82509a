import Synchronization

/// `X-Kubernetes-PF-FlowSchema-UID` and `X-Kubernetes-PF-PriorityLevel-UID`.
struct FlowHeaders: Sendable {
    var schemaUID = ""
    var levelUID = ""

    var list: [(name: String, value: String)] {
        schemaUID.isEmpty && levelUID.isEmpty
            ? []
            : [
                ("X-Kubernetes-PF-FlowSchema-UID", schemaUID), ("X-Kubernetes-PF-PriorityLevel-UID", levelUID),
            ]
    }
}

/// Of a request that is not bounded.
struct FreeTicket: FlowTicket {
    private let names: FlowHeaders

    init(_ names: FlowHeaders = FlowHeaders()) { self.names = names }

    var headers: [(name: String, value: String)] { names.list }
    func finish() {}
}

/// Given back once, also when nobody says so.
final class Seat: FlowTicket {
    private let names: FlowHeaders
    private let release: Mutex<(@Sendable () -> Void)?>

    init(_ names: FlowHeaders, release: @escaping @Sendable () -> Void) {
        self.names = names
        self.release = Mutex(release)
    }

    deinit { finish() }

    var headers: [(name: String, value: String)] { names.list }

    func finish() {
        let release = release.withLock { held in
            defer { held = nil }
            return held
        }
        release?()
    }
}
