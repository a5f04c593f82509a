import Store
import StoreCore

/// What the services share.
struct ServerState: Sendable {
    let store: EmbeddedStore
    let identity: MemberIdentity
    let limits: EtcdLimits
    let alarms: Alarms
    let clientURLs: [String]

    /// With the latest revision.
    var header: ResponseHeader { identity.header(store.revisions.latest) }

    func admit(bytes: Int) throws {
        if bytes > limits.requestBytes { throw EtcdError.requestTooLarge }
    }
}

/// etcd's limits, with its defaults.
public struct EtcdLimits: Sendable, Hashable {
    public var requestBytes = 3 << 19
    public var operations = 128
    /// 0 for none.
    public var storeBytes: Int64 = 2 << 30
    /// How often an idle watch that asked for it hears of progress.
    public var progressInterval = Duration.seconds(600)

    public init() {}

    /// What gRPC adds to a request, and how large a watch response may be before it is split.
    var messageBytes: Int { requestBytes + (512 << 10) }
}
