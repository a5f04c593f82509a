import ArgumentParser
import Glibc
import Images
import NodeServices
import Processes

/// The image apus/lab, made of what is on this machine.
enum LabImageFile {
    static let usualBusybox = "/bin/busybox"

    @discardableResult
    static func build(in store: ImageStore, busybox: String = usualBusybox) throws -> StoredImage {
        guard access(busybox, X_OK) == 0 else {
            throw ValidationError(
                "there is no \(busybox): install busybox-static, or say where it is with --busybox")
        }
        let listed = try FinishedProcess.run(ProgramStart(busybox, ["--list"]), limit: .seconds(10))
        let applets = listed.text.split(separator: "\n").map(String.init)
        return try LabImage(busybox: busybox, applets: applets, program: LabPlace.program).build(in: store)
    }
}
