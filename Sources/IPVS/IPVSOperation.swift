import NetTypes

/// One change of the kernel's table of virtual servers; prints itself as ipvsadm(8) takes it.
public enum IPVSOperation: Hashable, Sendable, CustomStringConvertible {
    case addServer(VirtualServer)
    case editServer(VirtualServer)
    case deleteServer(VirtualServer.Key)
    case addDestination(VirtualServer.Key, Destination)
    case editDestination(VirtualServer.Key, Destination)
    case deleteDestination(VirtualServer.Key, AddressPort)

    public var description: String {
        switch self {
        case .addServer(let server): "-A \(server)"
        case .editServer(let server): "-E \(server)"
        case .deleteServer(let key): "-D \(key)"
        case .addDestination(let key, let to): "-a \(key) -r \(to.target) -m -w \(to.weight)"
        case .editDestination(let key, let to): "-e \(key) -r \(to.target) -m -w \(to.weight)"
        case .deleteDestination(let key, let target): "-d \(key) -r \(target)"
        }
    }
}

/// What the kernel refused.
public struct IPVSError: Error, Sendable, Equatable, CustomStringConvertible {
    public let operation: IPVSOperation
    /// An errno.
    public let code: CInt
    public let reason: String

    public var description: String { "the kernel refused `ipvsadm \(operation)`: \(reason)" }
}
