import KubeAPI
import NetTypes
import ProxyCore
import Synchronization
import Telemetry
import Testing

@testable import NodeProxy
@testable import ProxyUserspace

@Suite struct UserspaceMetricsTests {
    private func page(_ traffic: [ServiceTraffic]) -> String {
        let registry = MetricsRegistry(countsItself: false)
        registry.measuredFamilies("apus_userspace_") {
            UserspaceMetrics.families(traffic, open: 7, shortages: 2)
        }
        return String(decoding: registry.exposition(), as: UTF8.self)
    }

    private func traffic(_ service: String, _ change: (ServiceMemory) -> Void = { _ in }) -> ServiceTraffic {
        let memory = ServiceMemory()
        change(memory)
        let name = ServicePortName(
            service: NamespacedName(namespace: "shop", name: service), port: "http", proto: .tcp, family: .ipv4)
        return ServiceTraffic(name, memory)
    }

    @Test func eachServicePortThatIsUsedHasItsSeries() {
        let web = traffic("web") { memory in
            memory.counters.connections.store(5, ordering: .relaxed)
            memory.counters.bytesToClients.store(100, ordering: .relaxed)
            memory.counters.overLimit.store(3, ordering: .relaxed)
            memory.counters.connected(after: 700_000)
            memory.setChecked(3)
            memory.setHealth(AddressPort(IPAddress(10, 0, 0, 1), 80), isHealthy: false)
        }
        let page = page([traffic("idle"), web])
        let labels = "namespace=\"shop\",service=\"web\",port=\"http\",protocol=\"tcp\",ip_family=\"IPv4\""
        for line in [
            "apus_userspace_connections_total{\(labels)} 5",
            "apus_userspace_bytes_total{\(labels),direction=\"to_clients\"} 100",
            "apus_userspace_connections_over_limit_total{\(labels)} 3",
            "apus_userspace_connect_duration_seconds_bucket{\(labels),le=\"0.0005\"} 0",
            "apus_userspace_connect_duration_seconds_bucket{\(labels),le=\"0.001\"} 1",
            "apus_userspace_connect_duration_seconds_sum{\(labels)} 0.0007",
            "apus_userspace_endpoints{\(labels),state=\"healthy\"} 2",
            "apus_userspace_endpoints{\(labels),state=\"unhealthy\"} 1",
            "apus_userspace_open 7", "apus_userspace_socket_shortages_total 2",
        ] { #expect(page.contains(line + "\n"), "\(line)") }
        #expect(!page.contains("idle") && !page.contains("connection_duration_seconds"))
    }

    @Test func namesAscend() {
        let web = traffic("web") { $0.counters.connections.store(1, ordering: .relaxed) }
        let names = UserspaceMetrics.families([web], open: 0, shortages: 0).map(\.name)
        #expect(names == names.sorted() && names.allSatisfy { $0.hasPrefix("apus_userspace_") })
    }

    @Test func otherModesShowNothing() {
        let metrics = ProxyMetrics(build: BuildInfo(version: "v1"))
        metrics.show(UserspaceEngine())
        #expect(!String(decoding: metrics.registry.exposition(), as: UTF8.self).contains("userspace"))
    }
}
