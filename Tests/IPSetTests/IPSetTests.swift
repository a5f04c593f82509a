import Glibc
import Namespaces
import NetTypes
import TestThreads
import Testing

@testable import IPSet

/// Against the kernel, with `ipset` as the witness.
@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: makes network namespaces"))
struct IPSetTests {
    private static func ip(_ number: Int, _ family: IPFamily) -> IPAddress {
        family == .ipv4
            ? IPAddress(v4: 0x0a00_0000 + UInt32(number)) : IPAddress(high: 0xfd00 << 48, low: UInt64(number))
    }

    /// One entry of each kind and how ipset(8) lists it.
    private static func example(_ kind: SetKind, _ family: IPFamily) -> (key: SetEntry.Key, text: String) {
        let a = ip(1, family)
        let b = ip(2, family)
        let net = family == .ipv4 ? "192.168.0.0/16" : "fd01::/32"
        let cidr = CIDR(net) ?? CIDR(host: a)
        return switch kind {
        case .hashIP: (.ip(a), "\(a)")
        case .hashNet: (.net(cidr), net)
        case .hashIPPort: (.ipPort(a, .sctp, 80), "\(a),sctp:80")
        case .hashNetPort: (.netPort(cidr, .udp, 53), "\(net),udp:53")
        case .hashIPPortIP: (.ipPortIP(a, .tcp, 80, b), "\(a),tcp:80,\(b)")
        case .hashIPPortNet: (.ipPortNet(a, .tcp, 80, cidr), "\(a),tcp:80,\(net)")
        case .bitmapPort: (.port(30080), "30080")
        }
    }

    @Test(arguments: SetKind.allCases, IPFamily.allCases)
    func everyKindIsWrittenAndRead(kind: SetKind, family: IPFamily) throws {
        try withNetworkNamespace {
            var sets = try IPSetSocket()
            let spec = SetSpec("KUBE-TEST", kind, family, hasComments: true, timeout: 0)
            try sets.create(spec)
            try sets.create(spec)
            let (key, text) = Self.example(kind, family)
            #expect("\(key)" == text)
            try sets.add([SetEntry(key, timeout: 500, comment: "what it is for")], to: spec.name)

            let listing = try ipset("list KUBE-TEST")
            #expect(listing.contains("Type: \(kind.rawValue)\n"))
            #expect(listing.contains("\n\(text) timeout "), "\(listing)")
            #expect(listing.contains("comment \"what it is for\""))

            let contents = try #require(try sets.contents(of: spec.name))
            #expect(contents.spec.kind == kind)
            #expect(contents.spec.hasComments)
            #expect(contents.spec.timeout == 0)
            #expect(kind == .bitmapPort || contents.spec.family == family)
            #expect(contents.entries.map(\.key) == [key])
            #expect(contents.entries.first?.comment == "what it is for")

            try sets.delete([SetEntry(key)], from: spec.name)
            #expect(try sets.contents(of: spec.name)?.entries.isEmpty == true)
            try sets.delete([SetEntry(key)], from: spec.name)
            try sets.destroy(spec.name)
            #expect(try ipset("list -n") == "")
        }
    }

    @Test func entriesCarryMarks() throws {
        try withNetworkNamespace {
            var sets = try IPSetSocket()
            try sets.create(SetSpec("MARKS", .hashIPPort, .ipv4, hasMarks: true))
            let key = SetEntry.Key.ipPort(Self.ip(1, .ipv4), .tcp, 80)
            for mark: UInt32 in [0x4900_0001, 0x4900_0002] {
                let entry = SetEntry(key, mark: mark)
                try sets.add([entry], to: "MARKS")
                #expect(try ipset("list MARKS").contains("\n\(entry)\n"))
                #expect(try sets.contents(of: "MARKS")?.entries == [entry])
            }
            #expect(try sets.contents(of: "MARKS")?.spec.hasMarks == true)
            try sets.delete([SetEntry(key, mark: 0x4900_0001)], from: "MARKS")
            #expect(try sets.contents(of: "MARKS")?.entries.isEmpty == true)
        }
    }

    @Test func whatItPrintsCanBeRestored() throws {
        for kind in SetKind.allCases {
            try withNetworkNamespace {
                let spec = SetSpec("PRINTED", kind, .ipv6, hasComments: true, timeout: 60)
                let entry = SetEntry(Self.example(kind, .ipv6).key, timeout: 50, comment: "x y")
                _ = try ipset("restore", input: "\(spec)\nadd PRINTED \(entry)\n")
                var sets = try IPSetSocket()
                let contents = try #require(try sets.contents(of: "PRINTED"))
                #expect("\(contents.spec)" == "\(spec)")
                #expect(contents.entries.map(\.key) == [entry.key])
            }
        }
    }

    @Test func manyEntriesGoInFewMessages() throws {
        try withNetworkNamespace {
            var sets = try IPSetSocket()
            let entries = (0..<100_000).map { SetEntry(.ipPort(Self.ip($0, .ipv4), .tcp, 80)) }
            try sets.create(SetSpec("MANY", .hashIPPort, .ipv4))
            try sets.add(entries, to: "MANY")
            #expect(try Set(sets.contents(of: "MANY")?.entries ?? []) == Set(entries))
            #expect(try ipset("list -t MANY").contains("Number of entries: 100000\n"))
            try sets.delete(entries[..<99_999], from: "MANY")
            #expect(try sets.contents(of: "MANY")?.entries == [entries[99_999]])
        }
    }

    @Test func setsAreSwappedFlushedAndFound() throws {
        try withNetworkNamespace {
            var sets = try IPSetSocket()
            for name in ["A", "B"] { try sets.create(SetSpec(name, .hashIP, .ipv4)) }
            let entry = SetEntry(.ip(Self.ip(1, .ipv4)))
            try sets.add([entry], to: "A")
            try sets.swap("A", with: "B")
            #expect(try sets.contents(of: "A")?.entries == [])
            #expect(try sets.contents(of: "B")?.entries == [entry])
            try sets.flush("B")
            #expect(try sets.contents(of: "B")?.entries == [])
            #expect(try sets.sets().map(\.spec.name).sorted() == ["A", "B"])
            #expect(try sets.exists("A"))
            #expect(try !sets.exists("C"))
            #expect(try sets.contents(of: "C") == nil)
        }
    }

    @Test func errorsNameTheEntryAndTheSet() throws {
        try withNetworkNamespace {
            var sets = try IPSetSocket()
            try sets.create(SetSpec("NETS", .hashNet, .ipv4))
            let good = SetEntry(.net(CIDR(host: Self.ip(1, .ipv4))))
            let everything = SetEntry(.net(try #require(CIDR("0.0.0.0/0"))))
            let refused = #expect(throws: IPSetError.self) { try sets.add([good, everything], to: "NETS") }
            #expect(refused?.description == "cannot add 0.0.0.0/0 to the ipset NETS: the prefix length does not fit")
            let absent = #expect(throws: IPSetError.self) { try sets.add([good], to: "NONE") }
            #expect(absent?.description == "cannot add 10.0.0.1 to the ipset NONE: it does not exist")
            let other = #expect(throws: IPSetError.self) { try sets.create(SetSpec("NETS", .hashIP, .ipv4)) }
            #expect(other?.description.hasPrefix("cannot create the ipset NETS: ") == true)
            let gone = #expect(throws: IPSetError.self) { try sets.swap("NETS", with: "NONE") }
            #expect(gone?.description == "cannot swap the ipset NETS: the second set does not exist")
            try sets.destroy("NONE")
        }
    }

    @Test func aSetInUseStays() throws {
        try withNetworkNamespace {
            var sets = try IPSetSocket()
            try sets.create(SetSpec("A", .hashIP, .ipv4))
            try sets.create(SetSpec("SMALL", .hashIP, .ipv4, maxElements: 1))
            #expect(system("iptables-legacy -w -A INPUT -m set --match-set A src -j DROP") == 0)
            let refused = #expect(throws: IPSetError.self) { try sets.destroy("A") }
            #expect(refused?.isInUse == true)
            #expect(try sets.contents(of: "A")?.references == 1)
            let full = #expect(throws: IPSetError.self) {
                try sets.add((0..<200).map { SetEntry(.ip(Self.ip($0, .ipv4))) }, to: "SMALL")
            }
            #expect(full?.description.hasSuffix("the ipset SMALL: it is full") == true)
        }
    }
}

/// Runs ipset in the calling thread's namespace; what it prints on both streams.
private func ipset(_ arguments: String, input: String = "") throws -> String {
    struct Failure: Error { let output: String }
    guard let stream = popen("printf '%s' '\(input)' | ipset \(arguments) 2>&1", "re") else {
        throw Failure(output: "no shell")
    }
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&buffer, 1, buffer.count, stream), count > 0 { output += buffer[..<count] }
    let text = String(decoding: output, as: UTF8.self)
    guard pclose(stream) == 0 else { throw Failure(output: text) }
    return text
}
