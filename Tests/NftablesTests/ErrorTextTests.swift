import Glibc
import NetTypes
import Testing

@testable import Netlink
@testable import Nftables

/// What people read when the kernel refuses.
@Suite struct ErrorTextTests {
    @Test(arguments: [
        (EPERM, "run as root"), (ENOBUFS, "net.core.wmem_max"), (EMSGSIZE, "net.core.wmem_max"),
        (EOPNOTSUPP, "load nf_tables"), (EPROTONOSUPPORT, "load nf_tables"),
    ])
    func whatToDoIsSaid(code: CInt, advice: String) {
        let failure = NftablesError(NetlinkError("change table ip t", code: code))
        #expect(failure.code == code)
        #expect("\(failure)".hasPrefix("cannot change table ip t: "))
        #expect("\(failure)".contains(advice))
    }

    @Test func refusalsOfTheWholeBatchAndOfPartsAreTold() {
        let transaction = Transaction(
            TableID(.ipv6, "t"), [.addTable(comment: ""), .deleteChain("c"), .deleteSet("s")])
        let batch = BatchEncoder(transaction, firstSequence: 100)
        func reply(_ sequence: UInt32, _ code: CInt, _ detail: String? = nil) -> NetlinkReply {
            NetlinkReply(sequence: sequence, code: code, detail: detail, offset: nil)
        }
        let failure = NftablesError(
            batch, transaction, [reply(100, EPERM), reply(102, EBUSY, "in use"), reply(103, ENOENT), reply(99, EINVAL)])
        #expect(failure.refusals.map(\.operation) == [nil, "delete chain ip6 t c", "delete set ip6 t s", nil])
        #expect(
            "\(failure)" == """
                table ip6 t was not changed; the whole batch: not permitted: run as root (CAP_NET_ADMIN); \
                delete chain ip6 t c: it is still in use (in use); delete set ip6 t s: something it refers to does \
                not exist, or the kernel lacks the expression; and 1 more
                """)
    }

    @Test(arguments: [
        ("plain", "plain"), ("say \"hi\"", "say 'hi'"), ("two\nlines\u{7f}", "two lines "),
        (String(repeating: "ä", count: 100), String(repeating: "ä", count: 64)),
        (String(repeating: "x", count: 128), String(repeating: "x", count: 128)),
    ])
    func commentsAreMadeToFit(text: String, comment: String) {
        #expect(SetElement(key: RegisterBytes(), comment: text).comment == comment)
        #expect(Rule(.counter, comment: text).comment == comment)
    }
}
