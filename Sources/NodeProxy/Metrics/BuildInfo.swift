/// What `kubernetes_build_info` and /statusz say about the program.
public struct BuildInfo: Sendable {
    /// `v1.2.3`
    public var version: String
    public var commit: String
    public var date: String

    public init(version: String, commit: String = "", date: String = "") {
        self.version = version
        self.commit = commit
        self.date = date
    }

    static var platform: String {
        #if arch(x86_64)
            "linux/amd64"
        #elseif arch(arm64)
            "linux/arm64"
        #else
            "linux/unknown"
        #endif
    }

    /// In the order of the labels of `kubernetes_build_info`.
    static let labels = [
        "build_date", "compiler", "git_commit", "git_tree_state", "git_version", "go_version", "major", "minor",
        "platform",
    ]

    var values: [String] {
        let parts = version.drop { $0 == "v" }.split(separator: ".")
        return [
            date, "swiftc", commit, "", version, "", parts.first.map(String.init) ?? "",
            parts.count > 1 ? String(parts[1]) : "", Self.platform,
        ]
    }
}
