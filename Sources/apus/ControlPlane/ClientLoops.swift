import NIOCore

/// The event loops of a daemon that is a client of the API server and serves little more than its metrics.
enum ClientLoops {
    /// Makes them one, where there is one for each processor by default. Call before anything connects: of a connection's
    /// requests all are on one loop anyway, and an idle loop holds 350 kB.
    static func useOne() { NIOSingletons.groupLoopCountSuggestion = 1 }
}
