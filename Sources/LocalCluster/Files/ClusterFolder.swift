import Foundation

/// Ties a cluster's name to its folder for as long as any of it is on this machine.
public enum ClusterFolder {
    /// Where the cluster of that name is; nil when there is none, whatever an earlier one may have left.
    public static func inUse(_ name: String) -> String? {
        guard let folder = try? String(contentsOfFile: ClusterLayout.folderRecord(name), encoding: .utf8) else {
            return nil
        }
        let layout = ClusterLayout(name: name, dataDirectory: folder, program: "")
        let isAny = layout.keeper != nil || !((try? ClusterWiring(layout).namespaces()) ?? []).isEmpty
        return isAny ? folder : nil
    }

    /// The folder that is meant: the given one, else that of the cluster that is there, else `usual`.
    public static func choose(_ given: String?, name: String, usual: String) throws -> String {
        let given = given.map { CanonicalPath.of($0) }
        guard let used = inUse(name) else { return given ?? CanonicalPath.of(usual) }
        guard given == nil || given == used else {
            throw ClusterFailure(
                "the cluster named \(name) is in \(used), not in \(given ?? ""); leave --data-dir away, or give a --name"
            )
        }
        return used
    }

    static func record(_ layout: ClusterLayout) throws {
        do {
            try Data(layout.dataDirectory.utf8).write(to: URL(filePath: layout.folderRecord), options: .atomic)
        } catch {
            throw ClusterFailure("cannot write \(layout.folderRecord): \(error.localizedDescription)")
        }
    }
}
