import EtcdAPI
import Foundation
import StoreCore

/// Who answers: stays the same over restarts, since clients compare it.
public struct MemberIdentity: Sendable, Hashable {
    public let cluster: UInt64
    public let member: UInt64
    public var name: String

    public init(cluster: UInt64, member: UInt64, name: String = "default") {
        self.cluster = cluster
        self.member = member
        self.name = name
    }

    /// Reads the file `identity` of a store's folder, or makes it with random numbers.
    public init(folder: String, name: String) throws(StoreError) {
        let path = folder + "/identity"
        do {
            if let text = try? String(contentsOfFile: path, encoding: .utf8) {
                let numbers = text.split(whereSeparator: \.isWhitespace).compactMap { UInt64($0, radix: 16) }
                guard numbers.count == 2 else {
                    throw StoreError.unavailable("\(path) holds no two hexadecimal numbers: remove it to make new ones")
                }
                self.init(cluster: numbers[0], member: numbers[1], name: name)
            } else {
                // Clients in some languages take them for signed.
                self.init(cluster: .random(in: 1...(.max >> 1)), member: .random(in: 1...(.max >> 1)), name: name)
                let text = String(cluster, radix: 16) + " " + String(member, radix: 16) + "\n"
                try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
            }
        } catch let error as StoreError {
            throw error
        } catch {
            throw .unavailable("cannot write \(path): \(error)")
        }
    }

    func header(_ revision: Revision) -> ResponseHeader {
        var header = ResponseHeader()
        header.clusterID = cluster
        header.memberID = member
        header.revision = revision
        header.raftTerm = Self.term
        return header
    }

    /// There is no Raft, and so one term.
    static let term: UInt64 = 2
}
