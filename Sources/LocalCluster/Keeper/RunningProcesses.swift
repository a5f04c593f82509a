import Foundation
import Glibc
import Lab
import Namespaces

extension ClusterLayout {
    /// As /proc shows it.
    func command(_ component: Component) -> [String] { [program] + component.arguments }

    /// The process of a component; nil when it does not run. It is found by its command and namespace, so nothing has to
    /// be remembered.
    public func runningProcess(_ component: Component) throws -> ProcessRecord? {
        guard let inode = Self.inode(component.namespace) else { return nil }
        let command = command(component)
        return ProcessRecord.find(command: command, inNamespace: inode).first.flatMap {
            ProcessRecord(running: $0, command: command)
        }
    }

    /// The keeper; nil when it does not run.
    public var keeper: ProcessRecord? {
        guard let text = try? String(contentsOfFile: keeperRecord, encoding: .utf8),
            let record = ProcessRecord(text: text), record.isRunning
        else { return nil }
        return record
    }

    /// The number by which the kernel knows a named namespace.
    static func inode(_ namespace: String) -> UInt64? {
        var status = stat()
        guard let handle = try? NetworkNamespace.named(namespace), fstat(handle.descriptor, &status) == 0 else {
            return nil
        }
        return UInt64(status.st_ino)
    }
}
