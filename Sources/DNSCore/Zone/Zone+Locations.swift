import NetTypes

extension Zone {
    /// SRV records of one port, or of all, with the addresses of what they name beside them.
    func locations(
        _ records: ServiceRecords, _ wanted: (name: ArraySlice<UInt8>, proto: TransportProtocol)?,
        _ choice: RecordChoice
    ) -> Finding.Node {
        func fits(_ port: ServiceRecords.Port) -> Bool {
            wanted.map { $0.proto == port.proto && $0.name.elementsEqual(port.name) } ?? true
        }
        guard records.kind == .headless else {
            var node = Finding.Node([])
            let ports = records.ports.filter(fits)
            node.data = ports.map { .srv(.init(port: $0.number, of: ports.count, at: records.name)) }
            node.additional = (records.ipv4 + records.ipv6).map { address(records.name, $0) }
            return node
        }
        let all = records.groups.flatMap { group in
            group.ports.filter(fits).flatMap { port in group.hosts.map { Location(host: $0, port: port.number) } }
        }
        var node = Finding.Node([])
        var hosts: Set<ServiceRecords.Host> = []
        for location in choice.rotated(all) {
            guard let target = records.name.prepending(location.host.nameLabel) else { continue }
            node.data.append(.srv(.init(port: location.port, of: all.count, at: target)))
            if hosts.insert(location.host).inserted {
                node.additional.append(address(target, location.host.address))
            }
        }
        return node
    }

    private struct Location {
        let host: ServiceRecords.Host
        let port: UInt16
    }

    private func address(_ name: DomainName, _ address: IPAddress) -> ResourceRecord {
        ResourceRecord(name, ttl: configuration.ttl, .address(address))
    }
}

extension ServiceLocation {
    /// One of `count` that share the load equally.
    fileprivate init(port: UInt16, of count: Int, at target: DomainName) {
        self.init(priority: 0, weight: UInt16(max(1, 100 / max(count, 1))), port: port, target: target)
    }
}
