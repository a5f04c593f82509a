import Glibc
import IPVS
import Namespaces
import NetTypes
import TestThreads
import Testing

@testable import ProxyIPVS

/// What is said where the kernel lacks something.
@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: makes network namespaces"))
struct FeatureTests {
    @Test func aKernelWithoutIPVSIsToldInOneSentence() throws {
        try withNetworkNamespace {
            for family in IPFamily.allCases {
                var backend = try IPVSBackend(family: family)
                let missing = try backend.missingFeatures().filter { $0.contains("IPVS") }
                guard hasIPVS else {
                    #expect(
                        missing == [
                            "this kernel has no IPVS: run `modprobe ip_vs`, or choose --proxy-mode nftables or iptables"
                        ])
                    continue
                }
                #expect(missing == [])
                var fancy = try IPVSBackend(family: family, options: IPVSOptions(scheduler: "fancy"))
                let sentence = "this kernel has no IPVS scheduler fancy: run `modprobe ip_vs_fancy`"
                #expect(try fancy.missingFeatures() == [sentence])
            }
        }
    }

    @Test func cleanupNeedsNoIPVS() throws {
        try withNetworkNamespace {
            for family in IPFamily.allCases {
                var backend = try IPVSBackend(family: family)
                try backend.cleanup()
                #expect(try backend.isIntact())
            }
        }
    }

    private var hasIPVS: Bool { (try? IPVSSocket()) != nil }
}
