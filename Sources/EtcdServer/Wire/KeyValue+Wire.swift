import EtcdAPI
import FoundationEssentials
import StoreCore

extension Mvccpb_KeyValue {
    init(_ keyValue: KeyValue) {
        self.init()
        key = Data(keyValue.key)
        value = Data(keyValue.value)
        createRevision = keyValue.createRevision
        modRevision = keyValue.modRevision
        version = keyValue.version
        lease = keyValue.lease
    }
}

extension Mvccpb_Event {
    /// `withPrevious`: the watch asked for the state before.
    init(_ event: StoreEvent, withPrevious: Bool) {
        self.init()
        type = event.kind == .put ? .put : .delete
        kv = Mvccpb_KeyValue(event.keyValue)
        if withPrevious, let previous = event.previous { prevKv = Mvccpb_KeyValue(previous) }
    }
}

extension KeyRange {
    init(key: Data, rangeEnd: Data) { self.init(key: Bytes(key), rangeEnd: Bytes(rangeEnd)) }
}
