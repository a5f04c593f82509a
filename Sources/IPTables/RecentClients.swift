import Glibc
import NetTypes

/// The addresses that a `-m recent` list remembers, from /proc/net/xt_recent of the calling thread's namespace.
public enum RecentClients {
    public static func read(_ list: String) -> [IPAddress] {
        guard let file = fopen("/proc/thread-self/net/xt_recent/\(list)", "re") else { return [] }
        defer { fclose(file) }
        var clients: [IPAddress] = []
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        while getline(&line, &capacity, file) > 0, let line {
            // src=10.0.0.1 ttl: 64 last_seen: ...
            let word = String(cString: line).split(separator: " ").first ?? ""
            if word.hasPrefix("src="), let address = IPAddress(word.dropFirst(4)) { clients.append(address) }
        }
        return clients
    }
}
