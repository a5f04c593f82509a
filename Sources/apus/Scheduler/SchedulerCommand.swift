import ArgumentParser

struct SchedulerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scheduler", abstract: "Find nodes for pods, or explain where a pod goes and why.",
        subcommands: [SchedulerRun.self, SchedulerExplain.self], defaultSubcommand: SchedulerRun.self)
}
