import StoreCore

/// Parts of a response that is too large, each with at least one event.
enum Fragments {
    /// `limit`: bytes of keys and values in a part.
    static func split(_ events: [StoreEvent], limit: Int) -> [ArraySlice<StoreEvent>] {
        var parts: [ArraySlice<StoreEvent>] = []
        var start = events.startIndex
        var bytes = 0
        for (index, event) in events.enumerated() {
            let size = event.bytes
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
