import Glibc
import Namespaces
import NetTypes
import TestThreads
import Testing

@testable import Routes

@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: makes network namespaces"))
struct MarkedDeliveryTests {
    @Test(arguments: IPFamily.allCases) func isInstalledOnceAndRemoved(family: IPFamily) throws {
        let delivery = MarkedDelivery(family, mark: 0x2000, mask: 0x2000, table: 10256)
        try NetworkNamespace.create().run {
            var routes = try RouteSocket()
            try routes.setUp("lo")
            let before = try Self.output("ip \(Self.option(family)) rule show")
            // Nothing there is nothing to remove.
            try routes.remove(delivery)
            for _ in 0..<2 { try routes.install(delivery) }
            let rules = try Self.output("ip \(Self.option(family)) rule show")
            #expect(rules.contains("10256:\tfrom all fwmark 0x2000/0x2000 lookup 10256"))
            #expect(rules.split(separator: "\n").count { $0.contains("10256") } == 1)
            let table = try Self.output("ip \(Self.option(family)) route show table 10256")
            #expect(table.hasPrefix("local default dev lo"))
            #expect(table.split(separator: "\n").count == 1)
            try routes.remove(delivery)
            #expect(try Self.output("ip \(Self.option(family)) rule show") == before)
            #expect(try !Self.output("ip \(Self.option(family)) route show table 10256").contains("local"))
        }
    }

    private static func option(_ family: IPFamily) -> String { family == .ipv4 ? "-4" : "-6" }

    private static func output(_ command: String) throws -> String {
        let stream = try #require(popen(command + " 2>&1", "re"))
        defer { pclose(stream) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = fread(&buffer, 1, buffer.count, stream), count > 0 { bytes += buffer[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
