import CIPSet
import Glibc

/// What the kernel refused, and of which set.
public struct IPSetError: Error, Sendable, Equatable, CustomStringConvertible {
    /// For example `add 10.0.0.1 to`.
    public let operation: String
    public let set: String
    /// An errno, or a code of ipset's own from 4096 on.
    public let code: CInt

    public init(_ operation: String, _ set: String, code: CInt) {
        self.operation = operation
        self.set = set
        self.code = code
    }

    public var isNotFound: Bool { code == ENOENT }
    /// A rule, or a list of sets, still refers to the set.
    public var isInUse: Bool { code == CInt(IPSET_ERR_BUSY.rawValue) || code == CInt(IPSET_ERR_REFERENCED.rawValue) }

    public var description: String { "cannot \(operation) the ipset \(set): \(reason)" }

    private var reason: String {
        switch code {
        case CInt(IPSET_ERR_PROTOCOL.rawValue): "the kernel speaks another ipset protocol"
        case CInt(IPSET_ERR_FIND_TYPE.rawValue): "the kernel has no such set type"
        case CInt(IPSET_ERR_MAX_SETS.rawValue): "the kernel holds as many sets as it can"
        case CInt(IPSET_ERR_BUSY.rawValue), CInt(IPSET_ERR_REFERENCED.rawValue): "a rule still uses it"
        case CInt(IPSET_ERR_EXIST_SETNAME2.rawValue): "the second set does not exist"
        case CInt(IPSET_ERR_TYPE_MISMATCH.rawValue): "the sets are of different types"
        case CInt(IPSET_ERR_EXIST.rawValue): "the entry is there already, or is not there to delete"
        case CInt(IPSET_ERR_INVALID_CIDR.rawValue): "the prefix length does not fit"
        case CInt(IPSET_ERR_INVALID_FAMILY.rawValue): "the address family does not fit"
        case CInt(IPSET_ERR_TIMEOUT.rawValue): "the set has no timeouts"
        case CInt(IPSET_ERR_IPADDR_IPV4.rawValue): "an IPv4 address is needed"
        case CInt(IPSET_ERR_IPADDR_IPV6.rawValue): "an IPv6 address is needed"
        case CInt(IPSET_ERR_COMMENT.rawValue): "the set has no comments"
        case CInt(IPSET_ERR_HASH_FULL): "it is full"
        case ENOENT: "it does not exist"
        case EEXIST: "a set of that name exists and is made differently"
        case 4096...: "the kernel answered with ipset code \(code)"
        default: String(cString: strerror(code))
        }
    }
}
