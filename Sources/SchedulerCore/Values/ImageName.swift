enum ImageName {
    /// With the tag that a name without one means.
    static func normalised(_ name: String) -> String {
        let last = name.lastIndex(of: "/").map { name[$0...] } ?? name[...]
        return last.contains(":") ? name : name + ":latest"
    }
}
