import NetTypes

extension Zone {
    func reverseAnswer(to question: Question, _ name: DomainName) -> ZoneAnswer {
        guard let (address, tree) = ReverseName.address(name) else {
            guard let tree = ReverseName.tree(of: name) else { return .outside(Response(.refused)) }
            return .outside(denial(.nameError, tree))
        }
        guard isComplete else { return .response(Response(.serverFailure)) }
        let names = names(of: address)
        guard !names.isEmpty else { return .outside(denial(.nameError, tree)) }
        switch question.type {
        case .ptr:
            var response = Response()
            response.isAuthoritative = true
            response.answers = names.map { ResourceRecord(question.name, ttl: configuration.ttl, .ptr($0)) }
            return .response(response)
        case .any:
            var response = Response()
            response.isAuthoritative = true
            response.answers = [ResourceRecord(question.name, ttl: configuration.ttl, .minimalAny)]
            return .response(response)
        default: return .response(denial(.noError, tree))
        }
    }

    private func denial(_ code: ResponseCode, _ owner: DomainName) -> Response {
        var response = Response(code)
        response.isAuthoritative = true
        response.authority = [startOfAuthority(owner)]
        return response
    }
}
