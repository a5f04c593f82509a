import ArgumentParser
import Foundation
import LocalCluster

struct DownCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down", abstract: "End the cluster of this machine; its data stay.",
        discussion: """
            Nothing is left but the data directory: no process, namespace, mount or cgroup. It works after a crash too.

            Examples:
              apus down
              apus down --delete-data
            """)

    @OptionGroup var flags: ClusterFlags
    @Flag(help: "Delete the cluster's objects, images, volumes and logs too.") var deleteData = false

    func run() throws {
        let cluster = try flags.cluster("down")
        let teardown = Teardown(cluster.layout)
        let removed = try teardown.endAll()
        for item in removed { print("  removed \(item)") }
        print(removed.isEmpty ? "There was no cluster." : "The cluster is gone.")
        let folder = cluster.layout.dataDirectory
        guard FileManager.default.fileExists(atPath: cluster.layout.settings) else { return }
        if deleteData {
            let mounts = teardown.mountsInDataDirectory()
            guard mounts.isEmpty else {
                throw ValidationError(
                    "\(folder) is not deleted: still mounted in it are \(mounts.joined(separator: ", "))")
            }
            try FileManager.default.removeItem(atPath: folder)
            print("Its data are deleted.")
        } else {
            print("Its data are in \(folder): 'apus up' goes on with them, 'apus down --delete-data' deletes them.")
        }
    }
}
