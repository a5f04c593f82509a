import StoreCore

/// Parts of a response that is too large, each with at least one event.
enum Fragments {
    /// `limit`: bytes of keys and values in a part.
    static func split(_ events: [StoreEvent], limit: Int) -> [ArraySlice<StoreEvent>] {
        var parts: [ArraySlice<StoreEvent>] = []
        var start = events.startIndex
        var bytes = 0
        for (index, event) in events.enumerated() {
            let size = event.wireSize
            if bytes + size > limit, index > start {
                parts.append(events[start..<index])
                start = index
                bytes = 0
            }
            bytes += size
        }
        parts.append(events[start...])
        return parts
    }
}

extension StoreEvent {
    /// About as many bytes as it has on the wire, with the state before.
    var wireSize: Int {
        key.count + keyValue.value.count + 64 + (previous.map { $0.key.count + $0.value.count + 64 } ?? 0)
    }
}
