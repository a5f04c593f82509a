import ArgumentParser
import NodeProxy

struct ProxySwitch: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "switch", abstract: "Have the running daemon change its mode while traffic flows.",
        discussion: """
            The new mode is programmed and checked beside the old one, then the old one is removed: no connection is lost.
            When the new mode cannot be programmed the old one stays, and the command says why and fails. Needs root. The
            next start goes by the configuration again: change `mode` there too, or only there, which switches as well.

            Examples:
              apus proxy switch iptables
              apus proxy switch nftables
            """)

    @OptionGroup var options: ProxyOptions

    @Argument(help: "nftables, iptables, ipvs or userspace; auto for the best that the kernel supports.")
    var mode: String

    func run() throws {
        let address = try options.load().configuration.metricsBindAddress
        print(try DaemonQuestion.ask("/proxyMode", putting: mode, at: address), terminator: "")
    }
}
