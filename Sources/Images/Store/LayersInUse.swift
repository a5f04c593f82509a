import Glibc

/// Layers that containers have mounted, whoever runs them: the kernel's word, from every mount namespace.
enum LayersInUse {
    /// Those of `layers` (chain IDs, 64 digits) that a mount names.
    static func find(among layers: Set<String>) -> Set<String> {
        guard !layers.isEmpty else { return [] }
        var found: Set<String> = []
        var seen: Set<String> = []
        for process in processes() {
            // Processes that end meanwhile have no mounts.
            guard let namespace = link("/proc/\(process)/ns/mnt"), seen.insert(namespace).inserted,
                let mounts = try? FileSource(path: "/proc/\(process)/mountinfo").readAll(
                    limit: 64 << 20, name: "mountinfo")
            else { continue }
            found.formUnion(names(in: mounts).intersection(layers))
        }
        return found
    }

    /// Every run of exactly 64 hexadecimal digits in the options of overlay mounts.
    static func names(in mountInfo: [UInt8]) -> Set<String> {
        var names: Set<String> = []
        for line in mountInfo.split(separator: UInt8(ascii: "\n")) {
            for run in line.split(whereSeparator: { !$0.isHexadecimal }) where run.count == 64 {
                names.insert(String(decoding: run, as: UTF8.self))
            }
        }
        return names
    }

    private static func processes() -> [String] {
        guard let directory = try? Directory(path: "/proc"), let entries = try? directory.entries() else { return [] }
        return entries.map(\.text).filter { $0.utf8.allSatisfy(\.isDigit) }
    }

    private static func link(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 64)
        let count = readlink(path, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
    }
}
