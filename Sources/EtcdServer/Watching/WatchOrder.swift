import EtcdAPI
import FoundationEssentials
import StoreCore

/// What a client asked a watch to be.
struct WatchOrder: Sendable, Hashable {
    let range: KeyRange
    /// 0 for what comes after now.
    let start: Revision
    let wantsPrevious: Bool
    let wantsProgress: Bool
    let mayFragment: Bool
    private let hidden: Set<StoreEvent.Kind>

    init(_ request: WatchCreateRequest) {
        // An empty key means the first that there can be.
        range = KeyRange(key: request.key.isEmpty ? Data([0]) : request.key, rangeEnd: request.rangeEnd)
        start = request.startRevision
        wantsPrevious = request.prevKv
        wantsProgress = request.progressNotify
        mayFragment = request.fragment
        hidden = Set(request.filters.compactMap { $0 == .noput ? .put : $0 == .nodelete ? .delete : nil })
    }

    func shows(_ event: StoreEvent) -> Bool { !hidden.contains(event.kind) }
}
