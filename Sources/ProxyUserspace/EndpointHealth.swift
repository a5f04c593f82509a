/// Turns the outcomes of checks into a state that does not flap: `fall` failures in a row make an endpoint unhealthy,
/// `rise` successes in a row make it healthy again. Endpoints begin healthy.
struct EndpointHealth: Hashable {
    static let fall = 3
    static let rise = 2

    private(set) var isHealthy = true
    /// Outcomes in a row that speak against the state.
    private var contrary = 0

    /// True when the state has changed.
    mutating func saw(success: Bool) -> Bool {
        guard success != isHealthy else {
            contrary = 0
            return false
        }
        contrary += 1
        guard contrary == (isHealthy ? Self.fall : Self.rise) else { return false }
        isHealthy.toggle()
        contrary = 0
        return true
    }
}
