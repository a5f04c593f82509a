import EtcdAPI
import GRPCServer

struct WatchService {
    let server: ServerState

    func register(_ methods: inout MethodTable) {
        methods.stream("etcdserverpb.Watch", "Watch") { [server] in try await WatchSession(server, $0).run() }
    }
}
