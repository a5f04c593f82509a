import Glibc
import NIOCore

/// Makes the kernel find peers that vanished without a word: a dead connection is reported after about half a minute.
enum KeepAlive {
    private static let idleSeconds: CInt = 15
    private static let intervalSeconds: CInt = 5
    private static let probes: CInt = 3
    /// For data that is sent and never acknowledged.
    private static let userTimeoutMilliseconds: CInt = 30_000

    @Sendable static func enable(on channel: any Channel) -> EventLoopFuture<Void> {
        let tcp = NIOBSDSocket.OptionLevel.tcp
        let options: [(ChannelOptions.Types.SocketOption, CInt)] = [
            (.init(level: .socket, name: .so_keepalive), 1),
            (.init(level: tcp, name: NIOBSDSocket.Option(rawValue: TCP_KEEPIDLE)), idleSeconds),
            (.init(level: tcp, name: NIOBSDSocket.Option(rawValue: TCP_KEEPINTVL)), intervalSeconds),
            (.init(level: tcp, name: NIOBSDSocket.Option(rawValue: TCP_KEEPCNT)), probes),
            (.init(level: tcp, name: NIOBSDSocket.Option(rawValue: TCP_USER_TIMEOUT)), userTimeoutMilliseconds),
        ]
        return EventLoopFuture.andAllSucceed(
            options.map { channel.setOption($0.0, value: SocketOptionValue($0.1)) }, on: channel.eventLoop)
    }
}
