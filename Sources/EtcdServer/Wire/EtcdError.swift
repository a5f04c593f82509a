import GRPCServer
import StoreCore

/// etcd's errors: clients tell them apart by code and text (etcd's `rpctypes`).
enum EtcdError {
    static let emptyKey = RPCStatus(.invalidArgument, "etcdserver: key is not provided")
    static let keyNotFound = RPCStatus(.invalidArgument, "etcdserver: key not found")
    static let valueProvided = RPCStatus(.invalidArgument, "etcdserver: value is provided")
    static let leaseProvided = RPCStatus(.invalidArgument, "etcdserver: lease is provided")
    static let tooManyOperations = RPCStatus(.invalidArgument, "etcdserver: too many operations in txn request")
    static let invalidSortOption = RPCStatus(.invalidArgument, "etcdserver: invalid sort option")
    static let unknownComparison = RPCStatus(
        .invalidArgument, "etcdserver: unknown comparison in txn request")
    static let requestTooLarge = RPCStatus(.invalidArgument, "etcdserver: request is too large")
    static let noSpace = RPCStatus(.resourceExhausted, "etcdserver: mvcc: database space exceeded")
    static let memberNotFound = RPCStatus(.notFound, "etcdserver: member not found")
    static let notSupported = RPCStatus(
        .failedPrecondition, "etcdserver: this server has one member, which cannot change")
    static let authNotEnabled = RPCStatus(.failedPrecondition, "etcdserver: authentication is not enabled")
    static let noAuth = RPCStatus(
        .failedPrecondition,
        "etcdserver: this server has no users and roles; use client certificates instead")
    static let sessionExpired = RPCStatus(.unknown, "mutex: session is expired")
    static let noLeaderKey = RPCStatus(.unknown, "\"leader\" field must be provided")
    static let noLeader = RPCStatus(.unknown, "election: no leader")
    static let notLeader = RPCStatus(.unknown, "election: not leader")
}

extension StoreError: RPCStatusConvertible {
    public var rpcStatus: RPCStatus { RPCStatus(code, description) }

    private var code: RPCStatus.Code {
        switch self {
        case .compacted, .futureRevision, .leaseTimeTooLong: .outOfRange
        case .keyNotFound, .emptyKey, .duplicateKey, .tooManyOperations, .tooManyChanges: .invalidArgument
        case .leaseNotFound: .notFound
        case .leaseExists: .failedPrecondition
        case .unavailable: .unavailable
        }
    }
}
