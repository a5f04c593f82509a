import EtcdAPI
import GRPCCore

struct WatchService: Etcdserverpb_Watch.SimpleServiceProtocol {
    let server: ServerState

    func watch(
        request: RPCAsyncSequence<WatchRequest, any Error>, response: RPCWriter<WatchResponse>, context: ServerContext
    ) async throws {
        let cancellation = context.cancellation
        let session = WatchSession(server, response) { cancellation.cancel() }
        do {
            for try await message in request { try await session.handle(message) }
        } catch {
            await session.close()
            throw error
        }
        await session.close()
    }
}
