import Testing

@testable import GRPCServer

@Suite struct RPCStatusTests {
    private struct Refused: RPCStatusConvertible {
        var rpcStatus: RPCStatus { RPCStatus(.notFound, "gone") }
    }

    private struct Odd: Error, CustomStringConvertible { let description = "odd" }

    @Test(arguments: [
        ("plain text, with ~ and !", "plain text, with ~ and !"), ("100%", "100%25"), ("a\nb", "a%0Ab"),
        ("ümlaut", "%C3%BCmlaut"), ("\u{7f}\u{0}", "%7F%00"), ("", ""),
    ])
    func encodesItsMessage(message: String, encoded: String) {
        #expect(RPCStatus(.unknown, message).encodedMessage == encoded)
    }

    @Test func codesAreThoseOfTheSpecification() {
        #expect(RPCStatus.Code.allCases.count == 17)
        #expect(RPCStatus.Code.internalError.rawValue == 13)
        #expect(RPCStatus.Code.unauthenticated.rawValue == 16)
    }

    @Test func tellsOfAnyError() {
        #expect(RPCStatus(Refused() as any Error) == RPCStatus(.notFound, "gone"))
        #expect(RPCStatus(CancellationError() as any Error).code == .cancelled)
        #expect(RPCStatus(Odd() as any Error) == RPCStatus(.unknown, "odd"))
        #expect(RPCStatus(RPCStatus(.aborted, "a") as any Error) == RPCStatus(.aborted, "a"))
    }

    @Test func anEndWithoutMessagesSaysAllInOneBlock() {
        let headers = AnswerHeaders.only(RPCStatus(.outOfRange, "no: 5 > 3"))
        #expect(headers.first(name: ":status") == "200")
        #expect(headers.first(name: "content-type") == "application/grpc")
        #expect(headers.first(name: "grpc-status") == "11")
        #expect(headers.first(name: "grpc-message") == "no: 5 > 3")
        #expect(AnswerHeaders.end(.ok).count == 1)
    }
}
