/// Kubernetes' order of API versions: `v2`, `v1`, `v2beta1`, `v1beta2`, `v1alpha1`, then other names by the alphabet.
public struct VersionOrder: Comparable {
    let name: String
    /// 0 stable, 1 beta, 2 alpha, 3 none of them.
    private let stability: Int
    private let major: Int
    private let minor: Int

    public init(_ name: String) {
        self.name = name
        var rest = name[...]
        let major = rest.first == "v" ? Self.number(&rest, after: "v") : nil
        if let major, rest.isEmpty {
            (stability, self.major, minor) = (0, major, 0)
        } else if let major, let beta = Self.number(&rest, after: "beta"), rest.isEmpty {
            (stability, self.major, minor) = (1, major, beta)
        } else if let major, let alpha = Self.number(&rest, after: "alpha"), rest.isEmpty {
            (stability, self.major, minor) = (2, major, alpha)
        } else {
            (stability, self.major, minor) = (3, 0, 0)
        }
    }

    private static func number(_ rest: inout Substring, after prefix: String) -> Int? {
        guard rest.hasPrefix(prefix) else { return nil }
        let digits = rest.dropFirst(prefix.count).prefix { $0.isNumber }
        guard let first = digits.first, first != "0", let number = Int(digits) else { return nil }
        rest = rest.dropFirst(prefix.count + digits.count)
        return number
    }

    public static func < (a: VersionOrder, b: VersionOrder) -> Bool {
        if a.stability != b.stability { return a.stability < b.stability }
        if a.stability == 3 { return a.name < b.name }
        return a.major != b.major ? a.major > b.major : a.minor > b.minor
    }
}
