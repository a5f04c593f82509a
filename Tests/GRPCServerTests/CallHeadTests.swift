import NIOCore
import NIOHPACK
import Testing

@testable import GRPCServer

@Suite struct CallHeadTests {
    private static func headers(_ more: [(String, String)] = [], without: String = "") -> HPACKHeaders {
        let usual = [
            (":method", "POST"), (":path", "/a.B/C"), (":scheme", "http"), ("content-type", "application/grpc"),
            ("te", "trailers"),
        ]
        return HPACKHeaders(usual.filter { $0.0 != without } + more)
    }

    @Test func readsPathAndTimeout() throws {
        let head = try CallHead(Self.headers([("grpc-timeout", "250m")]))
        #expect(head.path == "/a.B/C")
        #expect(head.timeout == .milliseconds(250))
        #expect(try CallHead(Self.headers([("grpc-encoding", "identity")])).timeout == nil)
    }

    @Test(arguments: [
        (HPACKHeaders([(":method", "GET"), ("content-type", "application/grpc")]), "405"),
        (Self.headers(without: "content-type"), "415"),
        (Self.headers([("content-type", "application/grpc-web")], without: "content-type"), "415"),
    ])
    func refusesWhatIsNotGRPCInHTTPsTerms(headers: HPACKHeaders, status: String) {
        #expect(throws: CallHead.Refusal.http(status: status)) { try CallHead(headers) }
    }

    @Test(arguments: [
        ("application/grpc", true), ("application/grpc+proto", true), ("application/grpc;charset=utf-8", true),
        ("application/grpc-web", false), ("application/json", false), ("", false),
    ])
    func knowsItsContentTypes(type: String, isKnown: Bool) {
        #expect(CallHead.isGRPC(type) == isKnown)
    }

    @Test func refusesCompressionThatItDoesNotKnow() {
        let refusal = #expect(throws: CallHead.Refusal.self) {
            try CallHead(Self.headers([("grpc-encoding", "gzip")]))
        }
        guard case .call(let status) = refusal else {
            Issue.record("\(String(describing: refusal))")
            return
        }
        #expect(status.code == .unimplemented)
        #expect(AnswerHeaders.only(status).first(name: "grpc-accept-encoding") == "identity")
    }

    @Test(arguments: [
        ("1H", TimeAmount.hours(1)), ("2M", .minutes(2)), ("3S", .seconds(3)), ("4m", .milliseconds(4)),
        ("5u", .microseconds(5)), ("6n", .nanoseconds(6)), ("99999999S", .seconds(99_999_999)),
        ("", nil), ("S", nil), ("5", nil), ("-5S", nil), ("+5S", nil), ("123456789S", nil), ("5x", nil), ("5SS", nil),
    ])
    func readsTimeouts(text: String, amount: TimeAmount?) {
        #expect(CallTimeout.parse(text) == amount)
    }
}
