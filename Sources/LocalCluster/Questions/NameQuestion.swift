import DNSCore
import NetTypes

/// Asks a name server over UDP, from this thread's network namespace.
public enum NameQuestion {
    /// The IPv4 addresses of a name; nil without an answer in time, or when the server refuses or fails.
    public static func addresses(of name: String, at server: AddressPort, within limit: Duration) -> [IPAddress]? {
        guard let name = DomainName(name) else { return nil }
        return try? ask(name, server, limit)
    }

    private static func ask(_ name: DomainName, _ server: AddressPort, _ limit: Duration) throws -> [IPAddress]? {
        let socket = try TimedSocket(server.address.family, .udp, within: limit)
        let id = UInt16.random(in: .min ... .max)
        let question = ForwardedQuestion(Query(id: id, question: Question(name, .a)))
        guard socket.connect(server), socket.send(question.message(id: id)) else { return nil }
        while let bytes = socket.receive() {
            guard let answer = UpstreamAnswer(bytes, id: id, to: question.question) else { continue }
            guard answer.code == .noError || answer.code == .nameError else { return nil }
            return answer.answers(of: .a, age: 0).compactMap {
                if case .address(let address) = $0.data { address } else { nil }
            }
        }
        return nil
    }
}
