import Glibc
import Namespaces
import TestThreads
import Testing

@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: it makes network namespaces"))
struct NamespacesTests {
    private func identity() throws -> String {
        var buffer = [CChar](repeating: 0, count: 64)
        let count = readlink("/proc/thread-self/ns/net", &buffer, 63)
        try #require(count > 0)
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    @Test func anUnnamedNamespaceIsNewAndLeavesTheCallerWhereItWas() throws {
        let before = try identity()
        let inside = try withNetworkNamespace { try identity() }
        #expect(inside != before)
        #expect(try identity() == before)
    }

    @Test func errorsComeThrough() throws {
        struct Planned: Error {}
        #expect(throws: Planned.self) { try withNetworkNamespace { throw Planned() } }
    }

    @Test func loopbackIsUp() throws {
        try withNetworkNamespace {
            let socket = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
            defer { close(socket) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            address.sin_port = UInt16(9).bigEndian
            let result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            #expect(result == 0)
        }
    }

    @Test func namedNamespaceLivesUntilItIsDeleted() throws {
        let name = "apus-ns-test-\(getpid())"
        defer { try? NamedNamespace.delete(name) }
        let made = try NamedNamespace.create(name).run { try identity() }
        #expect(try NamedNamespace.list(prefix: name) == [name])
        #expect(try NetworkNamespace.named(name).run { try identity() } == made)
        #expect(throws: NamespaceError.self) { _ = try NamedNamespace.create(name) }
        try NamedNamespace.delete(name)
        #expect(try NamedNamespace.list(prefix: name).isEmpty)
        try NamedNamespace.delete(name)
    }

    @Test func aSpawnedProcessRunsInside() throws {
        let namespace = try NetworkNamespace.create()
        let log = "/tmp/apus-spawn-test-\(getpid())"
        defer { unlink(log) }
        let pid = try namespace.spawn("/bin/readlink", ["/proc/self/ns/net"], log: log)
        var status: CInt = 0
        #expect(waitpid(pid, &status, 0) == pid)
        #expect(status == 0)
        let file = try #require(fopen(log, "r"))
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 64)
        fgets(&buffer, 64, file)
        let seen = String(decoding: buffer.prefix { $0 != 10 && $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        #expect(try namespace.run { try identity() } == seen)
    }
}
