import NetTypes

extension Zone {
    /// - Parameters:
    ///   - labels: of `name` before the domain.
    ///   - name: in lower case.
    func find(_ labels: [ArraySlice<UInt8>], _ name: DomainName, _ choice: RecordChoice) -> Finding {
        guard let last = labels.last else { return .node(apex(choice)) }
        let rest = labels.dropLast()
        if last.elementsEqual("svc".utf8) { return findService(Array(rest), name, choice) }
        if last.elementsEqual("pod".utf8) { return findPod(Array(rest), choice) }
        if last.elementsEqual("dns-version".utf8), rest.isEmpty {
            return .node(.init(choice.type == .txt ? [.txt(Array("1.1.0".utf8))] : choice.data([]), ttl: 28800))
        }
        if last.elementsEqual("dns".utf8) {
            if rest.isEmpty { return .node(.init(choice.data([]))) }
            if rest.count == 1, labels[0].elementsEqual("ns".utf8) { return .node(.init(choice.data(nameServers))) }
        }
        return .missing
    }

    private func apex(_ choice: RecordChoice) -> Finding.Node {
        switch choice.type {
        case .soa: .init([.soa(soa)])
        case .ns: .init(configuration.nameServer.map { [.ns($0)] } ?? [])
        default: .init(choice.data([]))
        }
    }

    /// The configured addresses, else those of the Service that clusters have for their name server.
    private var nameServers: [IPAddress] {
        guard configuration.nameServers.isEmpty else { return configuration.nameServers }
        guard let name = DomainName("kube-dns.kube-system"), let service = service(name.wire.dropLast()) else {
            return []
        }
        return service.ipv4 + service.ipv6
    }

    /// `<address with dashes>.<namespace>.pod`, for every address.
    private func findPod(_ labels: [ArraySlice<UInt8>], _ choice: RecordChoice) -> Finding {
        switch labels.count {
        case 0, 1: return .node(.init(choice.data([])))
        case 2: return IPAddress(dashed: labels[0]).map { .node(.init(choice.data([$0]))) } ?? .missing
        default: return .missing
        }
    }

    /// `<service>.<namespace>.svc` and what is below it.
    private func findService(
        _ labels: [ArraySlice<UInt8>], _ name: DomainName, _ choice: RecordChoice
    ) -> Finding {
        guard labels.count >= 2 else {
            let exists = labels.isEmpty || hasNamespace(labels[0])
            return exists ? .node(.init(choice.data([]))) : .missing
        }
        let (service, namespace) = (labels[labels.count - 2], labels[labels.count - 1])
        guard let records = self.service(name.wire[(service.startIndex - 1)..<namespace.endIndex]), !records.isEmpty
        else { return .missing }
        if case .alias(let target) = records.kind { return labels.count == 2 ? .alias(target) : .missing }
        switch labels.count {
        case 2 where choice.type == .srv: return .node(locations(records, nil, choice))
        case 2: return .node(.init(choice.data(records.ipv4, records.ipv6)))
        case 3: return findHost(labels[0], records, choice)
        case 4: return findPort(labels[0], labels[1], records, choice)
        default: return .missing
        }
    }

    /// An endpoint's own name, or `_tcp`, which has ports below it.
    private func findHost(
        _ label: ArraySlice<UInt8>, _ records: ServiceRecords, _ choice: RecordChoice
    ) -> Finding {
        if let proto = TransportProtocol(underscored: label) {
            return records.hasPort(nil, proto) ? .node(.init(choice.data([]))) : .missing
        }
        let addresses = records.addresses(ofHost: label)
        return addresses.isEmpty ? .missing : .node(.init(choice.data(addresses)))
    }

    /// `_<port>._<protocol>`
    private func findPort(
        _ port: ArraySlice<UInt8>, _ label: ArraySlice<UInt8>, _ records: ServiceRecords, _ choice: RecordChoice
    ) -> Finding {
        guard port.first == UInt8(ascii: "_"), let proto = TransportProtocol(underscored: label),
            port.count > 1, records.hasPort(port.dropFirst(), proto)
        else { return .missing }
        guard choice.type == .srv else { return .node(.init(choice.data([]))) }
        return .node(locations(records, (port.dropFirst(), proto), choice))
    }
}

extension ZoneConfiguration {
    /// `ns.dns.cluster.local`
    var nameServer: DomainName? { domain.prepending("dns".utf8)?.prepending("ns".utf8) }
}

extension TransportProtocol {
    /// `_tcp`, `_udp` or `_sctp`.
    fileprivate init?(underscored label: ArraySlice<UInt8>) {
        let found = Self.allCases.first { label.elementsEqual("_\($0)".utf8) }
        guard let found else { return nil }
        self = found
    }
}
