import ArgumentParser
import Glibc
import LocalCluster

struct LogsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Show what a part of the cluster on this machine says.",
        discussion: """
            Examples:
              apus logs apiserver
              apus logs node-1/agent --follow
              apus logs scheduler -o json | jq -r 'select(.level == "error") | .msg'
            """)

    @OptionGroup var flags: ClusterFlags
    @Argument(help: "keeper, apiserver, controller-manager, scheduler, dns, node-N/agent or node-N/proxy.")
    var component: String
    @Flag(name: .shortAndLong, help: "Go on with what it says from now on.") var follow = false
    @Option(name: .shortAndLong, help: "text, or json: as it was written.") var output = StatusCommand.Output.text

    func run() throws {
        let cluster = try flags.cluster("logs")
        let settings = try ClusterSettings.read(cluster.layout)
        let known = ["keeper"] + (settings.map { cluster.layout.components($0).map(\.name) } ?? [])
        guard known.contains(component) else {
            throw ValidationError("there is no \(component); there are \(known.joined(separator: ", "))")
        }
        let path = cluster.layout.log(component)
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            throw ValidationError("cannot read \(path): \(String(cString: strerror(errno)))")
        }
        defer { close(file) }
        var readable = ReadableLog(isColoured: isatty(STDOUT_FILENO) == 1)
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(file, &buffer, buffer.count)
            if count > 0 {
                let bytes = buffer[..<count]
                guard show(output == .json ? Array(bytes) : readable.take(bytes)) else { return }
            } else {
                guard follow, count == 0 else { break }
                usleep(200_000)
            }
        }
        _ = show(readable.end())
    }

    /// False when nobody reads any more.
    private func show(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
