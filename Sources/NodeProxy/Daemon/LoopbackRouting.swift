import Logging
import NetTypes
import Routes

/// Node ports on 127.0.0.1: the kernel sends packets of that source nowhere unless it is told to.
enum LoopbackRouting {
    private static let setting = "net.ipv4.conf.all.route_localnet"

    /// Call it in the node's namespace, after the rules that keep neighbours out of 127.0.0.0/8 are in the kernel.
    static func enable(forNodePortsOn addresses: [IPAddress]?, _ logger: Logger) {
        guard let addresses, addresses.contains(where: { $0.isLoopback && $0.family == .ipv4 }) else { return }
        do throws(Sysctl.Failure) {
            guard try Sysctl.read(setting) != "1" else { return }
            try Sysctl.write(setting, "1")
        } catch {
            logger.warning("node ports will not answer on 127.0.0.1", metadata: ["reason": "\(error)"])
        }
    }
}
