import Foundation
import TestPrograms
import TestThreads
import Testing

@Suite(.ownThread, .timeLimit(.minutes(30)), .needs("etcdctl"))
struct ListenerTests {
    private let folder = TestFolder()

    @Test func servesOnUnixSocketsAlsoAfterACrash() throws {
        let socket = folder.path + "/etcd.sock"
        for round in 0..<2 {
            let server = try EtcdProcess(
                folder: folder.path + "/store", ["--listen-client-urls", "unix://\(socket),http://127.0.0.1:0"])
            _ = try server.urls(count: 2)
            let etcdctl = Etcdctl(endpoint: "unix://\(socket)")
            #expect(try etcdctl("get", "a") == (round == 0 ? [] : ["a", "1"]))
            try etcdctl("put", "a", "1")
            server.crash()
        }
    }

    @Test func servesWithTLSToThoseWithACertificate() throws {
        let certificates = try TestCertificates()
        let server = try EtcdProcess(
            folder: folder.path + "/store",
            [
                "--listen-client-urls", "https://127.0.0.1:0", "--cert-file", certificates.server.certificate,
                "--key-file", certificates.server.key, "--trusted-ca-file", certificates.authority,
                "--client-cert-auth",
            ])
        let authority = ["--cacert", certificates.authority]
        let endpoint = "https://127.0.0.1:\(try server.port())"
        let known = Etcdctl(
            endpoint: endpoint,
            flags: authority + ["--cert", certificates.client.certificate, "--key", certificates.client.key])
        #expect(try known("put", "a", "1") == ["OK"])
        let unknown = Etcdctl(endpoint: endpoint, flags: authority + ["--dial-timeout", "1s"])
        #expect(try unknown.run(["--command-timeout", "2s", "get", "a"]).status != 0)
    }

    /// A client that names no protocol is served, and one that speaks HTTP/1 is told what this is.
    @Test func needsNoALPN() throws {
        let certificates = try TestCertificates()
        let server = try EtcdProcess(
            folder: folder.path + "/store",
            [
                "--listen-client-urls", "https://127.0.0.1:0", "--cert-file", certificates.server.certificate,
                "--key-file", certificates.server.key,
            ])
        let script = """
            import socket, ssl, sys
            def answer(protocols, text):
                context = ssl._create_unverified_context()
                if protocols: context.set_alpn_protocols(protocols)
                with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as plain, context.wrap_socket(plain) as tls:
                    tls.sendall(text)
                    return tls.selected_alpn_protocol(), tls.recv(4096)
            http2 = b"PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
            print(answer(["h2"], http2)[0])
            # The type of the first frame.
            print(answer([], http2)[1][3])
            print(answer(["http/1.1"], b"GET /health HTTP/1.1\\r\\n\\r\\n")[1].splitlines()[0].decode())
            """
        let said = try Command.run("python3", ["-c", script, "\(try server.port())"])
        #expect(said.lines == ["h2", "4", "HTTP/1.1 505 HTTP Version Not Supported", ""], "\(said.errors)")
    }

    @Test(arguments: [
        (["--listen-client-urls", "http://0.0.0.0:0"], "would answer other machines in plain text"),
        (["--listen-client-urls", "https://127.0.0.1:0"], "needs --cert-file and --key-file"),
        (["--listen-client-urls", "127.0.0.1:2379"], "is no URL"),
        (["--auto-compaction-retention", "often"], "is no time as 1h or 30m"),
        (["--cert-file", "a"], "--cert-file and --key-file go together"),
    ])
    func refusesWhatIsUnsafeOrSenseless(arguments: [String], words: String) throws {
        let server = try EtcdProcess(folder: folder.path + "/store", arguments)
        #expect(server.wait() != 0)
        #expect(server.output.contains(words), "\(server.output)")
    }

    @Test func compactsByItselfAndRefusesWritesOverTheQuota() throws {
        let server = try EtcdProcess(
            folder: folder.path + "/store",
            [
                "--auto-compaction-retention", "1s", "--quota-backend-bytes", "300000", "--listen-metrics-urls",
                "http://127.0.0.1:0",
            ])
        let etcdctl = Etcdctl(endpoint: "127.0.0.1:\(try server.port())")
        let large = String(repeating: "x", count: 100_000)
        var failure = ""
        for number in 0..<40 where failure.isEmpty {
            let outcome = try etcdctl.run(["put", "k\(number)"], input: large)
            if outcome.status != 0 { failure = outcome.errors }
            usleep(100_000)
        }
        #expect(failure.contains("etcdserver: mvcc: database space exceeded"))
        #expect(try etcdctl("alarm", "list")[0].contains("alarm:NOSPACE"))
        #expect(try etcdctl("del", "", "--prefix") != ["0"])
        for _ in 0..<100 where try etcdctl.failure("get", "a", "--rev", "2").hasPrefix("no failure") { usleep(100_000) }
        for _ in 0..<100 where try !etcdctl("alarm", "disarm").isEmpty { usleep(600_000) }
        #expect(try etcdctl("put", "a", "1") == ["OK"])
        let url = try #require(server.said("serving metrics on ").first)
        let read = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())"
        let page = try Command.run("python3", ["-c", read, url])
        #expect(page.output.contains("etcd_server_has_leader 1\n"))
        #expect(page.output.contains("etcd_debugging_mvcc_keys_total 1\n"))
    }
}
