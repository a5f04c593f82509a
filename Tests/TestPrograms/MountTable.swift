import Glibc

/// Where something is mounted. The kernel gives its list in parts, so it is read line by line until there is no more.
public enum MountTable {
    public static func points(below folder: String) -> [String] {
        guard let table = fopen("/proc/thread-self/mounts", "r") else { return [] }
        defer { fclose(table) }
        var line: UnsafeMutablePointer<CChar>?
        var size = 0
        defer { free(line) }
        var points: [String] = []
        while getline(&line, &size, table) > 0, let line {
            let fields = String(cString: line).split(separator: " ")
            if fields.count > 1, fields[1].hasPrefix(folder) { points.append(String(fields[1])) }
        }
        return points
    }
}
