import Testing

@testable import EtcdServer

@Suite struct ListenURLTests {
    @Test(arguments: [
        ("http://127.0.0.1:2379", "http://127.0.0.1:2379", true, true),
        ("http://localhost:2379/", "http://127.0.0.1:2379", true, true),
        ("https://[::]:0", "https://[::]:0", false, true),
        ("http://[::1]:2379", "http://[::1]:2379", true, true),
        ("http://10.0.0.1:2379", "http://10.0.0.1:2379", false, false),
        ("http://:2379", "http://:2379", false, false),
        ("unix:///run/e.sock", "unix:///run/e.sock", true, true),
        ("unixs://e.sock", "unixs://e.sock", true, true),
    ])
    func reads(text: String, printed: String, isLocal: Bool, isSafe: Bool) throws {
        let url = try ListenURL(text)
        #expect("\(url)" == printed)
        #expect(url.isLocal == isLocal)
        let refusal = Result { () throws(ListenURL.Malformed) in try url.requireSafe() }
        #expect((try? refusal.get()) != nil || !isSafe)
        if !isSafe { #expect(throws: ListenURL.Malformed.self) { try url.requireSafe() } }
    }

    @Test(arguments: [
        "127.0.0.1:2379", "ftp://127.0.0.1:1", "http://127.0.0.1", "http://127.0.0.1:x", "http://127.0.0.1:70000",
        "http://example.com:1", "http://127.0.0.1:1/path", "unix://", "http://127.0.0.300:1",
    ])
    func refuses(text: String) {
        let error = #expect(throws: ListenURL.Malformed.self) { try ListenURL(text) }
        #expect(error?.description.contains("'\(text)'") == true)
    }
}
