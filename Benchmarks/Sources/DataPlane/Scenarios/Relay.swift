import Bench
import Glibc
import KubeAPI
import NetTypes
import ProxyCore
import ProxyUserspace

/// The userspace mode before one Service, in the calling thread's namespace, until the process is ended.
enum Relay {
    /// `relay THREADS CLUSTERIP:PORT ENDPOINT:PORT...`; 0 threads are as many as the mode chooses.
    static func run(_ arguments: ArraySlice<String>) throws -> Never {
        let addresses = arguments.dropFirst().compactMap(AddressPort.init)
        guard let threads = arguments.first.flatMap(Int.init), addresses.count == arguments.count - 1,
            let frontend = addresses.first
        else { throw BenchError("usage: relay THREADS ADDRESS:PORT ADDRESS:PORT...") }
        signal(SIGPIPE, SIG_IGN)
        var settings = UserspaceSettings()
        settings.threads = threads
        let engine = UserspaceEngine(settings)
        let endpoints = EndpointSet(addresses.dropFirst().sorted())
        let service = ServicePort(
            name: ServicePortName(
                service: NamespacedName(namespace: "bench", name: "web"), port: "", proto: .tcp, family: .ipv4),
            frontends: [Frontend(.clusterIP(frontend.address), frontend.port)], internalEndpoints: endpoints,
            clusterEndpoints: endpoints, hasAnyEndpoint: true)
        var backend = try UserspaceBackend(family: .ipv4, engine: engine)
        _ = try backend.synchronise([service], node: NodeFacts(name: "node"))
        while true { sleep(1000) }
    }
}
