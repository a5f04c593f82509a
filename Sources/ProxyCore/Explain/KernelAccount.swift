/// What the kernel holds for one service port, beside what it should hold.
public struct KernelAccount: Codable, Sendable, Hashable, CustomStringConvertible {
    /// What was read: `table ip kube-proxy`, `virtual servers`.
    public let place: String
    /// Elements that should be there and are not, as the mode's own tool writes them.
    public let missing: [String]
    /// Elements of the service port that should not be there, or say something else.
    public let unexpected: [String]
    /// Objects, such as chains, that are not what they should be.
    public let differing: [String]
    /// `client → endpoint` for remembered clients: the one asked about, or the first ten.
    public let affinity: [String]

    public init(
        place: String, missing: [String] = [], unexpected: [String] = [], differing: [String] = [],
        affinity: [String] = []
    ) {
        self.place = place
        self.missing = missing
        self.unexpected = unexpected
        self.differing = differing
        self.affinity = affinity
    }

    public var isAsDesired: Bool { missing.isEmpty && unexpected.isEmpty && differing.isEmpty }

    public var description: String {
        var lines = ["Kernel:      " + (isAsDesired ? "\(place) holds exactly this" : "\(place) differs")]
        lines += missing.map { "  missing    \($0)" }
        lines += unexpected.map { "  unexpected \($0)" }
        lines += differing.map { "  differs    \($0)" }
        lines += affinity.map { "  affinity   \($0)" }
        return lines.joined(separator: "\n") + "\n"
    }
}
