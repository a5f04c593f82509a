import Glibc
import Namespaces
import Routes
import Testing

@testable import Conntrack

struct ConntrackSettingsTests {
    private func plan(_ settings: ConntrackSettings, cores: Int = 8, _ current: [String: Int] = [:]) -> [String] {
        settings.plan(cores: cores) { current[String($0.dropFirst("net.netfilter.nf_conntrack_".count))] }
            .map { String("\($0)".dropFirst("net.netfilter.nf_conntrack_".count)) }
    }

    @Test func defaultsOfKubeProxy() {
        #expect(
            plan(ConntrackSettings(), ["buckets": 65536])
                == ["max = 262144", "tcp_timeout_established = 86400", "tcp_timeout_close_wait = 3600"])
    }

    @Test func whatIsRightAlreadyIsNotWritten() {
        let current = [
            "max": 262_144, "buckets": 65536, "tcp_timeout_established": 86400, "tcp_timeout_close_wait": 3600,
        ]
        #expect(plan(ConntrackSettings(), current).isEmpty)
    }

    @Test func fewCoresGetTheMinimumAndAGrownHashTable() {
        #expect(
            plan(ConntrackSettings(), cores: 1, ["buckets": 16384]).prefix(2) == ["max = 131072", "buckets = 32768"])
    }

    @Test func zeroLeavesEverything() {
        let settings = ConntrackSettings(maxPerCore: 0, min: 5, tcpEstablishedTimeout: 0, tcpCloseWaitTimeout: nil)
        #expect(plan(settings).isEmpty)
    }

    @Test func everySetting() {
        let settings = ConntrackSettings(
            maxPerCore: nil, tcpEstablishedTimeout: 1, tcpCloseWaitTimeout: 2, tcpBeLiberal: true, udpTimeout: 3,
            udpStreamTimeout: 4)
        #expect(
            plan(settings) == [
                "tcp_timeout_established = 1", "tcp_timeout_close_wait = 2", "tcp_be_liberal = 1", "udp_timeout = 3",
                "udp_timeout_stream = 4",
            ])
    }

    @Test(.enabled(if: geteuid() == 0, "needs root: it makes network namespaces"))
    func theKernelTakesThem() throws {
        try withNetworkNamespace {
            let settings = ConntrackSettings(
                maxPerCore: nil, tcpEstablishedTimeout: 4711, tcpBeLiberal: true, udpTimeout: 31, udpStreamTimeout: 121)
            #expect(settings.apply(cores: 2).isEmpty)
            #expect(settings.plan(cores: 2) { (try? Sysctl.read($0)).flatMap { Int($0) } }.isEmpty)
        }
    }
}
