/// What kind of record: IANA's numbers.
public struct RecordType: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let a = RecordType(rawValue: 1)
    public static let ns = RecordType(rawValue: 2)
    public static let cname = RecordType(rawValue: 5)
    public static let soa = RecordType(rawValue: 6)
    public static let ptr = RecordType(rawValue: 12)
    public static let hinfo = RecordType(rawValue: 13)
    public static let mx = RecordType(rawValue: 15)
    public static let txt = RecordType(rawValue: 16)
    public static let aaaa = RecordType(rawValue: 28)
    public static let srv = RecordType(rawValue: 33)
    /// EDNS's pseudo-record, RFC 6891.
    public static let opt = RecordType(rawValue: 41)
    public static let https = RecordType(rawValue: 65)
    public static let any = RecordType(rawValue: 255)

    /// Transfers: of no use to a client that resolves names.
    var isTransfer: Bool { rawValue == 251 || rawValue == 252 }
}

extension RecordType: CustomStringConvertible {
    /// The mnemonic of the types that are counted by name, and `other`.
    public var description: String {
        switch self {
        case .a: "A"
        case .ns: "NS"
        case .cname: "CNAME"
        case .soa: "SOA"
        case .ptr: "PTR"
        case .mx: "MX"
        case .txt: "TXT"
        case .aaaa: "AAAA"
        case .srv: "SRV"
        case .https: "HTTPS"
        case .any: "ANY"
        default: "other"
        }
    }
}

/// How a question was answered: twelve bits, of which a message without EDNS carries four.
public struct ResponseCode: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let noError = ResponseCode(rawValue: 0)
    public static let formatError = ResponseCode(rawValue: 1)
    public static let serverFailure = ResponseCode(rawValue: 2)
    /// NXDOMAIN: there is no such name, whatever the type.
    public static let nameError = ResponseCode(rawValue: 3)
    public static let notImplemented = ResponseCode(rawValue: 4)
    public static let refused = ResponseCode(rawValue: 5)
    /// An EDNS version that is not 0.
    public static let badVersion = ResponseCode(rawValue: 16)
}

extension ResponseCode: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noError: "NOERROR"
        case .formatError: "FORMERR"
        case .serverFailure: "SERVFAIL"
        case .nameError: "NXDOMAIN"
        case .notImplemented: "NOTIMP"
        case .refused: "REFUSED"
        case .badVersion: "BADVERS"
        default: "other"
        }
    }
}

/// Where the fields of a message's header are, and its flags (RFC 1035 section 4.1.1, RFC 4035 section 3).
enum Header {
    static let length = 12
    /// Of the first byte of flags.
    static let isResponse: UInt8 = 0x80
    static let isAuthoritative: UInt8 = 0x04
    static let isTruncated: UInt8 = 0x02
    static let recursionDesired: UInt8 = 0x01
    /// Of the second.
    static let recursionAvailable: UInt8 = 0x80
    static let authenticData: UInt8 = 0x20
    static let checkingDisabled: UInt8 = 0x10
    static let internetClass: UInt16 = 1
}
