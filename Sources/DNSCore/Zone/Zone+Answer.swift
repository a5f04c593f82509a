import NetTypes

/// What a zone makes of a question.
public enum ZoneAnswer: Hashable, Sendable {
    case response(Response)
    /// An alias that leads out of the zone: the rest of the answer is `target`'s, at other name servers.
    case alias(Response, target: DomainName)
    /// Not the zone's. With it what to say when there is no other server to ask.
    case outside(Response)
}

extension Zone {
    /// How often an alias may lead to another within the zone.
    private static var longestChain: Int { 8 }

    /// - Parameters:
    ///   - rotation: where answers with several records begin: a number that changes from question to question.
    ///   - room: the largest message that can be sent, bytes; no more records are made than could fit.
    public func answer(to question: Question, rotation: Int = 0, room: Int = 65535) -> ZoneAnswer {
        let name = question.name.lowercased
        guard let labels = name.labels(below: configuration.domain) else {
            return reverseAnswer(to: question, name)
        }
        guard isComplete else { return .response(Response(.serverFailure)) }
        let choice = RecordChoice(type: question.type, rotation: rotation, most: room / 16 + 1)
        var response = Response()
        response.isAuthoritative = true
        var owner = question.name
        var finding = find(labels, name, choice)
        for _ in 0..<Self.longestChain {
            guard case .alias(let target) = finding else { break }
            if question.type == .any {
                finding = .node(.init([.minimalAny]))
                break
            }
            response.answers.append(ResourceRecord(owner, ttl: configuration.ttl, .cname(target)))
            if question.type == .cname { return .response(response) }
            let lower = target.lowercased
            guard let labels = lower.labels(below: configuration.domain) else {
                return .alias(response, target: target)
            }
            owner = target
            finding = find(labels, lower, choice)
        }
        finish(&response, owner, finding)
        return .response(response)
    }

    /// Puts what was found behind the aliases that led there.
    private func finish(_ response: inout Response, _ owner: DomainName, _ finding: Finding) {
        switch finding {
        case .node(let node):
            let ttl = node.ttl ?? configuration.ttl
            response.answers += node.data.map { ResourceRecord(owner, ttl: ttl, $0) }
            response.additional = node.additional
            if node.data.isEmpty { response.authority = [startOfAuthority(configuration.domain)] }
        case .missing:
            response.code = .nameError
            response.authority = [startOfAuthority(configuration.domain)]
        // A chain of aliases without end.
        case .alias: response.code = .serverFailure
        }
    }

    /// Of the zone, or of the part of the reverse tree that the cluster answers for.
    func startOfAuthority(_ owner: DomainName) -> ResourceRecord {
        ResourceRecord(owner, ttl: configuration.negativeTTL, .soa(soa))
    }

    var soa: StartOfAuthority {
        let domain = configuration.domain
        return StartOfAuthority(
            primary: configuration.nameServer ?? domain, mailbox: domain.prepending("hostmaster".utf8) ?? domain,
            serial: serial, refresh: 7200, retry: 1800, expire: 86400, minimum: configuration.negativeTTL)
    }
}
