import ArgumentParser
import NodeProxy

@main
struct Apus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apus",
        abstract: "A Kubernetes service data plane.",
        discussion: """
            Examples:
              apus proxy --kubeconfig /etc/kubernetes/proxy.conf --proxy-mode nftables
              apus proxy --manifests ./services
              apus proxy plan --manifests ./services
              apus proxy explain --manifests ./services 10.96.0.10:80
              apus etcd --data-dir ./store
              apus up
              apus lab up
              apus apiserver --data-dir ./data --write-kubeconfig admin.kubeconfig
              apus controller-manager --kubeconfig admin.kubeconfig
              apus agent --kubeconfig node.kubeconfig
              apus agent --simulate 10 --kubeconfig admin.kubeconfig
              apus scheduler --kubeconfig admin.kubeconfig
              apus dns --kubeconfig admin.kubeconfig --bind-address 10.96.0.10
              apus image import busybox.tar
              apus bench --quick
            """,
        version: "0.1.0",
        subcommands: [
            UpCommand.self, DownCommand.self, StatusCommand.self, NodeCommand.self, LogsCommand.self, KeepCommand.self,
            TokenCommand.self,
            JoinCommand.self, TraceCommand.self,
            ProxyCommand.self, APIServerCommand.self, ControllerManagerCommand.self, SchedulerCommand.self,
            AgentCommand.self, DNSCommand.self, ImageCommand.self, PodPluginCommand.self, EtcdCommand.self,
            LabCommand.self,
            BenchCommand.self,
        ])

    /// Go's booleans (`--cleanup=true`) are put into words that the parser knows.
    static func main() async {
        if PodPluginCommand.isMeant(arguments: CommandLine.arguments) { PodPluginCommand.perform() }
        ProcessMemory.useOneHeap()
        do {
            await main(
                try GoArguments.normalised(
                    Array(CommandLine.arguments.dropFirst()), besides: ControllerManagerOptions.booleans))
        } catch {
            exit(withError: ValidationError("\(error)"))
        }
    }
}
