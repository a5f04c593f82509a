import KubeAPI

/// A report that is to be posted, with what was held back before it.
struct EventPost: Sendable, Equatable {
    var report: EventReport
    /// When it was first seen, in microseconds since 1970.
    var firstSeen: Int
    /// nil for a report that stands alone.
    var series: Series?

    struct Series: Sendable, Equatable {
        /// At least 2, as the API demands.
        var count: Int
        var lastSeen: Int
    }
}
