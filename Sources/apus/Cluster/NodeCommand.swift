import ArgumentParser
import LocalCluster

struct NodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "node", abstract: "Stop, start, add or cut off nodes of the cluster on this machine.",
        discussion: """
            Examples:
              apus node stop 2         as when its power is cut
              apus node start 2
              apus node cut 3          its link is taken away; its processes go on
              apus node join 3         and comes back
              apus node add
            """,
        subcommands: [Stop.self, Start.self, Cut.self, Join.self, Add.self])

    struct Stop: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Kill all that runs on a node, and take its link away.")
        @OptionGroup var flags: ClusterFlags
        @Argument(help: "Its number or its name.") var node: NodeNumber

        func run() throws {
            try flags.cluster("node stop").stopNode(node.number)
            print("\(node) is stopped; it is NotReady after 40 s, and its pods move five minutes later")
        }
    }

    struct Start: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Start a stopped node.")
        @OptionGroup var flags: ClusterFlags
        @Argument(help: "Its number or its name.") var node: NodeNumber

        func run() throws {
            try flags.cluster("node start").startNode(node.number)
            print("\(node) starts")
        }
    }

    struct Cut: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take a node's link away; what runs on it goes on.")
        @OptionGroup var flags: ClusterFlags
        @Argument(help: "Its number or its name.") var node: NodeNumber

        func run() throws {
            try flags.cluster("node cut").cutNode(node.number, true)
            print("\(node) is cut off; 'apus node join \(node.number)' gives it its link back")
        }
    }

    struct Join: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Give a node its link back.")
        @OptionGroup var flags: ClusterFlags
        @Argument(help: "Its number or its name.") var node: NodeNumber

        func run() throws {
            try flags.cluster("node join").cutNode(node.number, false)
            print("\(node) has its link back")
        }
    }

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Add a node.")
        @OptionGroup var flags: ClusterFlags

        func run() throws {
            let number = try flags.cluster("node add").addNode(now: Clock.seconds())
            print("node-\(number) starts")
        }
    }
}

/// A node as commands name it: `2` or `node-2`.
struct NodeNumber: ExpressibleByArgument, Hashable, CustomStringConvertible {
    let number: Int

    init?(argument: String) {
        guard let number = Int(argument.hasPrefix("node-") ? String(argument.dropFirst(5)) : argument) else {
            return nil
        }
        self.number = number
    }

    var description: String { "node-\(number)" }
}
