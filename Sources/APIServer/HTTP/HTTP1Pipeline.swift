import NIOCore
import NIOHTTP1

/// The handlers of an HTTP/1.1 connection, which can be taken out again.
enum HTTP1Pipeline {
    static func configure(_ channel: any Channel, _ exchange: ExchangeHandler) throws {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(HTTPResponseEncoder())
        try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes)))
        try pipeline.addHandler(HTTPServerPipelineHandler())
        try pipeline.addHandler(HTTPServerProtocolErrorHandler())
        try pipeline.addHandler(exchange)
    }

    /// On the event loop. The decoder goes last: it passes on the bytes that it has not looked at.
    static func removeHandlers(_ channel: any Channel, butDecoder: Bool) -> EventLoopFuture<Void> {
        let pipeline = channel.pipeline.syncOperations
        do {
            if !butDecoder {
                return pipeline.removeHandler(
                    try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self))
            }
            return EventLoopFuture.andAllSucceed(
                [
                    pipeline.removeHandler(try pipeline.handler(type: HTTPServerPipelineHandler.self)),
                    pipeline.removeHandler(try pipeline.handler(type: HTTPServerProtocolErrorHandler.self)),
                    pipeline.removeHandler(try pipeline.handler(type: HTTPResponseEncoder.self)),
                ], on: channel.eventLoop)
        } catch {
            return channel.eventLoop.makeFailedFuture(error)
        }
    }
}
