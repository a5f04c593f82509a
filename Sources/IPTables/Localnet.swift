import Glibc

/// The setting that lets 127.0.0.0/8 be routed, in the calling thread's network namespace.
public enum Localnet {
    private static let path = "/proc/sys/net/ipv4/conf/all/route_localnet"

    public static func enable() throws(IPTablesError) {
        guard let file = fopen(path, "we") else {
            throw IPTablesError("route_localnet", "cannot be set: \(String(cString: strerror(errno)))")
        }
        let isWritten = fputs("1\n", file) >= 0
        guard fclose(file) == 0, isWritten else {
            throw IPTablesError("route_localnet", "cannot be set: \(String(cString: strerror(errno)))")
        }
    }
}
