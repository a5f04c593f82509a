import ControllerCore
import KubeAPI
import Testing

/// Services and IPAddresses that do not agree.
@Suite struct ServiceAddressTests {
    private var cluster = MiniCluster()

    init() {
        cluster.add(
            .serviceCIDR, ["metadata": ["name": "kubernetes"], "spec": ["cidrs": ["10.0.0.0/24", "fd00::/112"]]])
    }

    @discardableResult
    private mutating func addService(_ name: String, _ addresses: String...) -> APIObject {
        cluster.add(
            .service,
            ["metadata": ["name": .string(name)], "spec": ["clusterIPs": .array(addresses.map(JSONValue.string))]])
    }

    @discardableResult
    private mutating func addAddress(
        _ name: String, of service: String, family: String = "IPv4", manager: String = "ipallocator.k8s.io"
    ) -> APIObject {
        cluster.add(
            .ipAddress,
            [
                "metadata": [
                    "name": .string(name),
                    "labels": [
                        "ipaddress.kubernetes.io/managed-by": .string(manager),
                        "ipaddress.kubernetes.io/ip-family": .string(family),
                    ],
                ],
                "spec": ["parentRef": ["resource": "services", "namespace": "n", "name": .string(service)]],
            ])
    }

    private mutating func look(_ name: String) throws {
        let service = try #require(cluster[.service, name])
        let known = cluster
        try cluster.perform(
            ServiceAddresses.decide(
                service, ranges: known[.serviceCIDR], address: { known[.ipAddress, $0] },
                holder: { known[.service, $0.name] }))
    }

    private mutating func lookAtAddress(_ name: String) throws -> Duration? {
        let address = try #require(cluster[.ipAddress, name])
        let service = ServiceAddresses.parent(address).flatMap { cluster[.service, $0.name] }
        let decision = ServiceAddresses.decide(address: address, service: service, now: cluster.now)
        try cluster.perform(decision)
        return decision.requeueAfter
    }

    @Test mutating func whatIsMissingIsMade() throws {
        addService("web", "10.0.0.7", "fd00::7")
        try look("web")
        #expect(
            cluster.events == [
                "ClusterIPNotAllocated: Cluster IP [IPv4]: 10.0.0.7 is not allocated; repairing",
                "ClusterIPNotAllocated: Cluster IP [IPv6]: fd00::7 is not allocated; repairing",
            ])
        let address = try #require(cluster[.ipAddress, "fd00::7"])
        #expect(ServiceAddresses.isManaged(address))
        #expect(ServiceAddresses.parent(address)?.name == "web")
        #expect(address.label("ipaddress.kubernetes.io/ip-family") == "IPv6")
        try look("web")
        #expect(cluster.writes.count == 2)
    }

    @Test mutating func whatIsRightIsLeftAlone() throws {
        addService("web", "10.0.0.7")
        addAddress("10.0.0.7", of: "web")
        addService("headless", "None")
        addAddress("10.0.0.9", of: "gateway", manager: "example.org")
        try look("web")
        try look("headless")
        _ = try lookAtAddress("10.0.0.7")
        _ = try lookAtAddress("10.0.0.9")
        #expect(cluster.writes.isEmpty && cluster.events.isEmpty)
    }

    @Test mutating func anAddressOutsideIsOnlyTold() throws {
        addService("web", "10.9.0.7")
        try look("web")
        #expect(
            cluster.events == [
                "ClusterIPOutOfRange: Cluster IP [IPv4]: 10.9.0.7 is not within any configured Service CIDR; please "
                    + "recreate service"
            ])
        #expect(cluster.writes.isEmpty)
    }

    @Test mutating func whoseAddressItIs() throws {
        addService("web", "10.0.0.7")
        addService("twin", "10.0.0.7")
        addAddress("10.0.0.7", of: "web")
        try look("twin")
        #expect(
            cluster.events == [
                "ClusterIPAlreadyAllocated: Cluster IP [IPv4]:10.0.0.7 was assigned to multiple services; please "
                    + "recreate service"
            ])
        #expect(cluster.writes.isEmpty)
        cluster.remove(.service, "web")
        try look("twin")
        #expect(
            cluster.events.last
                == "ClusterIPNotAllocated: the ClusterIP [IPv4]: 10.0.0.7 for Service n/twin has a wrong reference; "
                + "repairing")
        #expect(cluster[.ipAddress, "10.0.0.7"].flatMap(ServiceAddresses.parent)?.name == "twin")
    }

    @Test mutating func labelsComeBack() throws {
        addService("web", "10.0.0.7")
        addAddress("10.0.0.7", of: "web", family: "IPv6")
        try look("web")
        #expect(cluster[.ipAddress, "10.0.0.7"]?.label("ipaddress.kubernetes.io/ip-family") == "IPv4")
        #expect(cluster.events.isEmpty)
    }

    @Test mutating func anAddressWithoutServiceGoesAfterAMinute() throws {
        addAddress("10.0.0.7", of: "web")
        let wait = try lookAtAddress("10.0.0.7")
        #expect(wait == .seconds(60))
        #expect(cluster.writes.isEmpty)
        cluster.pass(seconds: 60)
        _ = try lookAtAddress("10.0.0.7")
        #expect(
            cluster.events == [
                "IPAddressNotAllocated: IPAddress: 10.0.0.7 for Service n/web appears to have leaked: cleaning up"
            ])
        #expect(cluster[.ipAddress].isEmpty)
    }

    @Test mutating func anAddressThatItsServiceDoesNotHaveGoes() throws {
        addService("web", "10.0.0.8")
        addAddress("10.0.0.7", of: "web")
        _ = try lookAtAddress("10.0.0.7")
        #expect(cluster[.ipAddress].isEmpty)
        #expect(cluster.events.first?.hasPrefix("IPAddressWrongReference: ") == true)
    }
}
