/// One member of a tar archive, its extensions applied.
struct TarEntry: Equatable {
    enum Kind: Equatable {
        case file
        case directory
        case symbolicLink(target: [UInt8])
        /// To another member.
        case hardLink(target: [UInt8])
        case characterDevice(major: UInt32, minor: UInt32)
        case blockDevice(major: UInt32, minor: UInt32)
        case fifo
    }

    /// As the archive has it: not to be trusted, not always UTF-8.
    var path: [UInt8]
    var kind: Kind
    /// Permissions with setuid, setgid and sticky bits.
    var mode: UInt32
    var user: UInt32
    var group: UInt32
    var modified: TarTime
    /// Bytes of content that follow; 0 for everything but files.
    var size: Int64
    var extendedAttributes: [ExtendedAttribute] = []

    struct ExtendedAttribute: Equatable {
        var name: [UInt8]
        var value: [UInt8]
    }

    /// For messages.
    var name: String { String(decoding: path, as: UTF8.self) }
}

/// A moment with nanoseconds.
struct TarTime: Equatable {
    var seconds: Int64
    var nanoseconds: Int64 = 0
}
