/// A limit that the schema itself declares of a field.
public enum FieldConstraint: Sendable, Hashable {
    case maxItems(Int)
    case maxBytes(Int)
    case minimum(Int64)
    case format(Format)

    public enum Format: String, Sendable {
        case shortName = "k8s-short-name"
        case longName = "k8s-long-name"
        case caselessLongName = "k8s-long-name-caseless"
        case labelKey = "k8s-label-key"
    }

    /// Such as `maxItems=32`; nil for what no rule here checks.
    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "=", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        let limit = Int(parts[1])
        switch (parts[0], limit) {
        case ("maxItems", let limit?): self = .maxItems(limit)
        case ("maxLength", let limit?), ("maxBytes", let limit?): self = .maxBytes(limit)
        case ("minimum", let limit?): self = .minimum(Int64(limit))
        case ("format", nil):
            guard let format = Format(rawValue: String(parts[1])) else { return nil }
            self = .format(format)
        default: return nil
        }
    }
}
