import KubeAPI
import NetTypes
import ProxyCore
import Telemetry

/// `/explain?to=10.96.0.10:80&proto=tcp&from=10.0.0.1[&output=json]` on the metrics address: the running state, asked.
struct ExplainPage: Sendable {
    let mailbox: Mailbox<ProxyInput>

    func add(to routes: inout HTTPRoutes) {
        routes.getLater("/explain") { [mailbox] request, answer in
            guard let query = ExplainQuery(query: request.query) else {
                return answer(.text("say /explain?to=10.96.0.10:80[&proto=udp][&from=10.0.0.1]\n", status: 400))
            }
            mailbox.send(.question(.init(query: query) { answer(Self.render($0, request)) }))
        }
    }

    private static func render(_ explanation: FullExplanation, _ request: HTTPRequest) -> HTTPResponse {
        guard request.query.split(separator: "&").contains("output=json") else { return .text("\(explanation)") }
        guard let json = try? explanation.json else { return .text("cannot be written as JSON\n", status: 500) }
        return .json(Array(json.utf8))
    }
}

extension ExplainQuery {
    /// From `to=ADDRESS:PORT&proto=tcp&from=ADDRESS`; nil when a part cannot be read.
    init?(query: String) {
        var fields: [Substring: String] = [:]
        for part in query.split(separator: "&") {
            let halves = part.split(separator: "=", maxSplits: 1)
            if halves.count == 2 { fields[halves[0]] = String(halves[1]) }
        }
        guard let destination = fields["to"].flatMap({ AddressPort($0) }),
            let proto = TransportProtocol(fields["proto"] ?? "tcp")
        else { return nil }
        var source: IPAddress?
        if let from = fields["from"] {
            guard let address = IPAddress(from) else { return nil }
            source = address
        }
        self.init(destination: destination, proto: proto, source: source)
    }
}
