import NetTypes

/// A resource record of class IN.
public struct ResourceRecord: Hashable, Sendable {
    public var name: DomainName
    /// Seconds.
    public var ttl: UInt32
    public var data: RecordData

    public init(_ name: DomainName, ttl: UInt32, _ data: RecordData) {
        self.name = name
        self.ttl = ttl
        self.data = data
    }
}

/// What a record says.
public enum RecordData: Hashable, Sendable {
    /// A or AAAA, by the family.
    case address(IPAddress)
    case ns(DomainName)
    case cname(DomainName)
    case ptr(DomainName)
    case soa(StartOfAuthority)
    case mx(preference: UInt16, DomainName)
    /// One string of at most 255 bytes.
    case txt([UInt8])
    case srv(ServiceLocation)
    /// Any other, whose data holds no compressed names (RFC 3597 section 4).
    case opaque(RecordType, [UInt8])

    public var type: RecordType {
        switch self {
        case .address(let address): address.family == .ipv4 ? .a : .aaaa
        case .ns: .ns
        case .cname: .cname
        case .ptr: .ptr
        case .soa: .soa
        case .mx: .mx
        case .txt: .txt
        case .srv: .srv
        case .opaque(let type, _): type
        }
    }
}

/// SOA, RFC 1035 section 3.3.13. Times in seconds; `minimum` is how long a negative answer holds (RFC 2308).
public struct StartOfAuthority: Hashable, Sendable {
    public var primary: DomainName
    public var mailbox: DomainName
    public var serial: UInt32
    public var refresh: UInt32
    public var retry: UInt32
    public var expire: UInt32
    public var minimum: UInt32
}

/// SRV, RFC 2782.
public struct ServiceLocation: Hashable, Sendable {
    public var priority: UInt16
    public var weight: UInt16
    public var port: UInt16
    public var target: DomainName
}

extension MessageReader {
    /// The record at the reader's position; of what it cannot read only its type remains.
    mutating func record() throws(MalformedMessage) -> RecordFrame {
        let name = try name()
        let type = RecordType(rawValue: try number16())
        let recordClass = try number16()
        let ttlPosition = position
        let ttl = try number32()
        let length = Int(try number16())
        let start = position
        _ = try bytes(length)
        return RecordFrame(
            name: name, type: type, recordClass: recordClass, ttl: ttl, ttlPosition: ttlPosition,
            data: start..<(start + length))
    }

    /// What a record says; the frame must be of this message.
    func data(of frame: RecordFrame) throws(MalformedMessage) -> RecordData {
        var reader = MessageReader(bytes, at: frame.data.lowerBound)
        let data: RecordData
        switch frame.type {
        case .a, .aaaa:
            guard let address = IPAddress(networkBytes: bytes[frame.data]) else {
                throw MalformedMessage("an address of \(frame.data.count) bytes")
            }
            return .address(address)
        case .ns: data = .ns(try reader.name())
        case .cname: data = .cname(try reader.name())
        case .ptr: data = .ptr(try reader.name())
        case .mx: data = .mx(preference: try reader.number16(), try reader.name())
        case .soa: data = .soa(try reader.startOfAuthority())
        case .srv:
            data = .srv(
                ServiceLocation(
                    priority: try reader.number16(), weight: try reader.number16(), port: try reader.number16(),
                    target: try reader.name()))
        default: return .opaque(frame.type, Array(bytes[frame.data]))
        }
        guard reader.position == frame.data.upperBound else { throw MalformedMessage("a record of another length") }
        return data
    }

    private mutating func startOfAuthority() throws(MalformedMessage) -> StartOfAuthority {
        StartOfAuthority(
            primary: try name(), mailbox: try name(), serial: try number32(), refresh: try number32(),
            retry: try number32(), expire: try number32(), minimum: try number32())
    }
}

/// A record of a message whose data is not yet read.
struct RecordFrame {
    let name: DomainName
    let type: RecordType
    let recordClass: UInt16
    let ttl: UInt32
    /// Where its TTL is in the message.
    let ttlPosition: Int
    /// Where its data is.
    let data: Range<Int>
}
