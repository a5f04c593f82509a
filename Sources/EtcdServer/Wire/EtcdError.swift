import GRPCCore
import StoreCore

/// etcd's errors: clients tell them apart by code and text (etcd's `rpctypes`).
enum EtcdError {
    static let emptyKey = RPCError(code: .invalidArgument, message: "etcdserver: key is not provided")
    static let keyNotFound = RPCError(code: .invalidArgument, message: "etcdserver: key not found")
    static let valueProvided = RPCError(code: .invalidArgument, message: "etcdserver: value is provided")
    static let leaseProvided = RPCError(code: .invalidArgument, message: "etcdserver: lease is provided")
    static let tooManyOperations = RPCError(
        code: .invalidArgument, message: "etcdserver: too many operations in txn request")
    static let invalidSortOption = RPCError(code: .invalidArgument, message: "etcdserver: invalid sort option")
    static let requestTooLarge = RPCError(code: .invalidArgument, message: "etcdserver: request is too large")
    static let noSpace = RPCError(code: .resourceExhausted, message: "etcdserver: mvcc: database space exceeded")
    static let memberNotFound = RPCError(code: .notFound, message: "etcdserver: member not found")
    static let notSupported = RPCError(
        code: .failedPrecondition, message: "etcdserver: this server has one member, which cannot change")
    static let authNotEnabled = RPCError(
        code: .failedPrecondition, message: "etcdserver: authentication is not enabled")
    static let noAuth = RPCError(
        code: .failedPrecondition,
        message: "etcdserver: this server has no users and roles; use client certificates instead")
    static let sessionExpired = RPCError(code: .unknown, message: "mutex: session is expired")
    static let noLeader = RPCError(code: .unknown, message: "election: no leader")
    static let notLeader = RPCError(code: .unknown, message: "election: not leader")
}

extension StoreError: RPCErrorConvertible {
    public var rpcErrorCode: RPCError.Code {
        switch self {
        case .compacted, .futureRevision, .leaseTimeTooLong: .outOfRange
        case .keyNotFound, .emptyKey, .duplicateKey, .tooManyOperations: .invalidArgument
        case .leaseNotFound: .notFound
        case .leaseExists: .failedPrecondition
        case .unavailable: .unavailable
        }
    }

    public var rpcErrorMessage: String { description }
}
