import Foundation
import KubeAPI
import NetTypes

/// The cluster on this machine that a trace is about: its proxies and its DNS server can be asked.
public struct TraceWitness: Sendable {
    private let probes: ClusterProbes
    private let nodes: [Int]

    /// nil when no cluster of this machine listens on that port of the loopback.
    public init?(port: Int, program: String) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: ClusterLayout.runRoot)) ?? []
        for name in names {
            guard let folder = ClusterFolder.inUse(name) else { continue }
            let layout = ClusterLayout(name: name, dataDirectory: folder, program: program)
            guard let settings = try? ClusterSettings.read(layout), Int(settings.port) == port else { continue }
            probes = ClusterProbes(layout)
            nodes = settings.nodes.filter { !$0.isStopped && !$0.isCut }.map(\.number)
            return
        }
        return nil
    }

    /// When the last proxy wrote rules after `start`; nil while one has not.
    func programmed(since start: Duration) -> Duration? {
        var latest = start
        for node in nodes {
            guard let time = probes.lastSync(ofProxyOn: node), time >= start else { return nil }
            latest = max(latest, time)
        }
        return latest
    }

    /// Whether DNS answers for one of the Services with its cluster IP, or with `address` where it has none.
    func finds(_ services: [ServiceView], _ address: String) -> Bool {
        services.contains { service in
            let wanted = service.clusterIP == "None" ? address : service.clusterIP
            let found = probes.addresses(of: "\(service.name).\(service.namespace).svc.cluster.local") ?? []
            return found.contains { "\($0)" == wanted }
        }
    }
}
