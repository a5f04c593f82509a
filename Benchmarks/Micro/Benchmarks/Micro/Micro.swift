import Benchmark
import KubeAPI
import NetTypes
import ProxyCore
import ProxyNftables

private let name = NamespacedName(namespace: "shop", name: "cart")

private func service() -> Service {
    var service = Service(metadata: ObjectMeta(name: name.name, namespace: name.namespace))
    service.spec.clusterIPs = [IPAddress(10, 96, 0, 10)]
    service.spec.ports = [Service.Port(name: "http", port: 80)]
    return service
}

private func slice(_ endpoints: Range<UInt8>) -> EndpointSlice {
    EndpointSlice(
        metadata: ObjectMeta(
            name: "cart-abcde", namespace: name.namespace, labels: ["kubernetes.io/service-name": name.name]),
        addressType: .ipv4,
        endpoints: endpoints.map { EndpointSlice.Endpoint(addresses: [IPAddress(10, 1, 0, $0)], nodeName: "node-2") },
        ports: [EndpointSlice.Port(name: "http", port: 8080)])
}

private func state() -> ProxyState {
    var state = ProxyState(node: NodeFacts(name: "node-1"))
    state.stage(.service(service()))
    state.stage(.endpointSlice(slice(0..<10)))
    state.load()
    return state
}

private func json(endpoints: Range<UInt8>) -> String {
    let items = endpoints.map {
        #"{"addresses":["10.1.0.\#($0)"],"conditions":{"ready":true},"nodeName":"node-2"}"#
    }
    return #"{"metadata":{"name":"cart-abcde","namespace":"shop","labels":{"kubernetes.io/service-name":"cart"}},"#
        + #""addressType":"IPv4","endpoints":[\#(items.joined(separator: ","))],"#
        + #""ports":[{"name":"http","protocol":"TCP","port":8080}]}"#
}

let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .instructions, .peakMemoryResident], scalingFactor: .kilo, maxDuration: .seconds(2))

    Benchmark("ProxyState: an endpoint replaced") { benchmark in
        var state = state()
        let events = [ProxyEvent.endpointSlice(slice(1..<11)), .endpointSlice(slice(0..<10))]
        benchmark.startMeasurement()
        for index in benchmark.scaledIterations { blackHole(state.apply(events[index % 2])) }
    }

    Benchmark("Planning: the program of one Service, ten endpoints") { benchmark in
        let state = state()
        let ports = Array(state.servicePorts)
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations {
            blackHole(NftablesBackend.program(ports, node: state.node, family: .ipv4))
        }
    }

    Benchmark("Decoding: an EndpointSlice with ten endpoints") { benchmark in
        let text = Array(json(endpoints: 0..<10).utf8)
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations {
            guard let slice = try? EndpointSlice(json: JSONParser.parse(text)) else {
                return benchmark.error("the sample does not decode")
            }
            blackHole(slice)
        }
    }
}
