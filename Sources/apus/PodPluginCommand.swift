import ArgumentParser
import Glibc
import PodNetwork

/// `apus cni` is for container runtimes; people see its help.
struct PodPluginCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cni", abstract: "Connect a pod: our CNI plugin, started by container runtimes.",
        discussion: """
            It speaks CNI 0.3.0 to 1.1.0: CNI_COMMAND and its companions in the environment, the configuration on stdin. A
            runtime finds it as apus-cni, a link to this program in one of its plugin directories.

            Example:
              echo '{"cniVersion":"1.1.0","name":"apus","type":"apus-cni"}' | CNI_COMMAND=VERSION apus cni
            """)

    func run() { Self.perform() }

    /// Whether this process was started as a plugin: by the name of the link, or with CNI's environment and no verb.
    static func isMeant(arguments: [String]) -> Bool {
        let name = arguments.first?.split(separator: "/").last.map(String.init)
        let isAlone = arguments.count <= 1
        return name == PodNetworkConfig.pluginName || (isAlone && Environment.all["CNI_COMMAND"] != nil)
    }

    static func perform() -> Never {
        var now = timespec()
        clock_gettime(CLOCK_BOOTTIME, &now)
        let outcome = PodPlugin.run(environment: Environment.all, input: input(), now: Int64(now.tv_sec))
        var rest = outcome.output[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        Glibc.exit(outcome.exitCode)
    }

    /// Nobody who types the command by hand shall wait for the end of a terminal.
    private static func input() -> [UInt8] {
        guard isatty(STDIN_FILENO) == 0 else { return [] }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while case let count = read(STDIN_FILENO, &buffer, buffer.count), count > 0, bytes.count < 16 << 20 {
            bytes += buffer[..<count]
        }
        return bytes
    }
}
