import KubeAPI
import Lab
import NetTypes

/// The semantics that all modes share, on a node with usual settings.
extension FlowGroup {
    static var usual: FlowGroup {
        FlowGroup(
            "usual settings", .lab,
            [
                web(1), empty(2), unallocated(3), local(4), localElsewhere(5), localEmpty(6), inside(7),
                insideElsewhere(8),
            ] + choices + sourceRanges + balancing)
    }

    typealias Part = (sketch: ServiceSketch, cases: [[FlowCase]])

    static func web(_ number: UInt8) -> Part {
        let web = ServiceSketch(number, "web", [.ready(.pod(1)), .ready(.pod(2)), .ready(.remote(1))])
        let all: FlowExpectation = .balanced([.pod(1), .pod(2), .remote(1)], .always)
        return (
            web,
            [
                web.when("cluster IP from outside", from: .client, to: .clusterIP, all),
                web.when(
                    "cluster IP from a local pod", from: .pod(3), to: .clusterIP,
                    .balanced([.pod(1), .pod(2), .remote(1)], .never)),
                web.when(
                    "an endpoint reaches itself by cluster IP", from: .pod(1), to: .clusterIP,
                    .balanced([.pod(1), .pod(2), .remote(1)], .onlyHairpin)),
                web.when("cluster IP from the node", from: .node, to: .clusterIP, all),
                web.when("cluster IP from the node's other address", from: .node, source: 1, to: .clusterIP, all),
                web.when("cluster IP from a pod of another node", from: .remote(2), to: .clusterIP, all),
                web.when("unknown port of a cluster IP from outside", from: .client, to: .clusterIP, port: 9, .refused),
                web.when("unknown port of a cluster IP from a pod", from: .pod(3), to: .clusterIP, port: 9, .refused),
                web.when("unknown port of a cluster IP from the node", from: .node, to: .clusterIP, port: 9, .refused),
                web.when("a second port", from: .client, to: .clusterIP, port: 81, protos: [.tcp], all),
                web.when("a second node port", from: .client, to: .nodePort(), port: 81, protos: [.tcp], all),
                web.when("external IP from outside", from: .client, to: .externalIP, all),
                web.when("external IP from a local pod", from: .pod(3), to: .externalIP, all),
                web.when("external IP from an endpoint", from: .pod(1), to: .externalIP, all),
                web.when("external IP from the node", from: .node, to: .externalIP, all),
                web.when("unknown port of an external IP", from: .client, to: .externalIP, port: 9, .untouched(.lost)),
                web.when("load-balancer IP from outside", from: .client, to: .loadBalancerIP, all),
                web.when("load-balancer IP from a local pod", from: .pod(3), to: .loadBalancerIP, all),
                web.when("load-balancer IP from the node", from: .node, to: .loadBalancerIP, all),
                web.when("load-balancer IP of mode Proxy", from: .client, to: .proxyModeIP, .untouched(.lost)),
                web.when("node port from outside", from: .client, to: .nodePort(), all),
                web.when("node port from a local pod", from: .pod(3), to: .nodePort(), all),
                web.when("node port from the node", from: .node, to: .nodePort(), all),
                web.when("node port on an address without", from: .client, to: .nodePort(on: 1), .untouched(.closed)),
                web.when("node port on the pods' gateway", from: .pod(3), to: .podGatewayNodePort, .untouched(.closed)),
                web.when("node port on loopback", from: .node, to: .loopbackNodePort, .untouched(.closed)),
            ]
        )
    }

    private static func empty(_ number: UInt8) -> Part {
        let empty = ServiceSketch(number, "empty", [.unready(.pod(1))])
        let places: [FlowProbe.Location] = [.client, .pod(1), .node, .remote(1)]
        return (
            empty,
            places.flatMap { place in
                [
                    empty.when("cluster IP from \(place)", from: place, to: .clusterIP, .refused),
                    empty.when("external IP from \(place)", from: place, to: .externalIP, .refused),
                    empty.when("load-balancer IP from \(place)", from: place, to: .loadBalancerIP, .refused),
                    empty.when("node port from \(place)", from: place, to: .nodePort(), .refused),
                ]
            }
        )
    }

    /// A Service of another proxy is no Service here, so its address is not allocated.
    private static func unallocated(_ number: UInt8) -> Part {
        var foreign = ServiceSketch(number, "foreign", [.ready(.pod(1))])
        foreign.service.metadata.labels["service.kubernetes.io/service-proxy-name"] = "another"
        let places: [FlowProbe.Location] = [.client, .pod(1), .node]
        return (foreign, places.map { foreign.when("from \($0)", from: $0, to: .clusterIP, .dropped) })
    }

    // MARK: Traffic policies

    static func local(_ number: UInt8) -> Part {
        let local = ServiceSketch(number, "local", [.ready(.pod(1)), .ready(.remote(1))]) {
            $0.externalTrafficPolicy = .local
        }
        let here: FlowExpectation = .balanced([.pod(1)], .never)
        let short: FlowExpectation = .balanced([.pod(1), .remote(1)], .never)
        let all: FlowExpectation = .balanced([.pod(1), .remote(1)], .always)
        return (
            local,
            [
                local.when("cluster IP ignores the external policy", from: .client, to: .clusterIP, all),
                local.when("external IP from outside", from: .client, to: .externalIP, here),
                local.when("load-balancer IP from outside", from: .client, to: .loadBalancerIP, here),
                local.when("node port from outside", from: .client, to: .nodePort(), here),
                local.when("external IP from a pod of another node", from: .remote(2), to: .externalIP, here),
                local.when("external IP from a local pod", from: .pod(2), to: .externalIP, short),
                local.when("load-balancer IP from a local pod", from: .pod(2), to: .loadBalancerIP, short),
                local.when("node port from a local pod", from: .pod(2), to: .nodePort(), short),
                local.when(
                    "an endpoint reaches itself", from: .pod(1), to: .externalIP,
                    .balanced([.pod(1), .remote(1)], .onlyHairpin)),
                local.when("external IP from the node", from: .node, to: .externalIP, all),
                local.when("load-balancer IP from the node", from: .node, to: .loadBalancerIP, all),
                local.when("node port from the node", from: .node, to: .nodePort(), all),
            ]
        )
    }

    private static func localElsewhere(_ number: UInt8) -> Part {
        let local = ServiceSketch(number, "local-elsewhere", [.ready(.remote(1)), .ready(.remote(2))]) {
            $0.externalTrafficPolicy = .local
        }
        let short: FlowExpectation = .balanced([.remote(1), .remote(2)], .never)
        let all: FlowExpectation = .balanced([.remote(1), .remote(2)], .always)
        return (
            local,
            [
                local.when("external IP from outside", from: .client, to: .externalIP, .dropped),
                local.when("load-balancer IP from outside", from: .client, to: .loadBalancerIP, .dropped),
                local.when("node port from outside", from: .client, to: .nodePort(), .dropped),
                local.when("external IP from a local pod", from: .pod(1), to: .externalIP, short),
                local.when("node port from a local pod", from: .pod(1), to: .nodePort(), short),
                local.when("external IP from the node", from: .node, to: .externalIP, all),
                local.when("node port from the node", from: .node, to: .nodePort(), all),
                local.when("cluster IP from outside", from: .client, to: .clusterIP, all),
            ]
        )
    }

    private static func localEmpty(_ number: UInt8) -> Part {
        let local = ServiceSketch(number, "local-empty") { $0.externalTrafficPolicy = .local }
        return (
            local,
            [
                local.when("external IP", from: .client, to: .externalIP, .refused),
                local.when("load-balancer IP", from: .client, to: .loadBalancerIP, .refused),
                local.when("node port", from: .client, to: .nodePort(), .refused),
                local.when("external IP from a pod", from: .pod(1), to: .externalIP, .refused),
                local.when("node port from the node", from: .node, to: .nodePort(), .refused),
            ]
        )
    }

    private static func inside(_ number: UInt8) -> Part {
        let inside = ServiceSketch(number, "internal", [.ready(.pod(1)), .ready(.remote(1))]) {
            $0.internalTrafficPolicy = .local
        }
        return (
            inside,
            [
                inside.when("from outside", from: .client, to: .clusterIP, .balanced([.pod(1)], .always)),
                inside.when("from a local pod", from: .pod(2), to: .clusterIP, .balanced([.pod(1)], .never)),
                inside.when("to itself", from: .pod(1), to: .clusterIP, .balanced([.pod(1)], .onlyHairpin)),
                inside.when("from the node", from: .node, to: .clusterIP, .balanced([.pod(1)], .always)),
                inside.when(
                    "external IP ignores the internal policy", from: .client, to: .externalIP,
                    .balanced([.pod(1), .remote(1)], .always)),
            ]
        )
    }

    private static func insideElsewhere(_ number: UInt8) -> Part {
        let inside = ServiceSketch(number, "internal-elsewhere", [.ready(.remote(1))]) {
            $0.internalTrafficPolicy = .local
        }
        return (
            inside,
            [
                inside.when("from outside", from: .client, to: .clusterIP, .dropped),
                inside.when("from a local pod", from: .pod(2), to: .clusterIP, .dropped),
                inside.when("from the node", from: .node, to: .clusterIP, .dropped),
                inside.when("external IP", from: .client, to: .externalIP, .balanced([.remote(1)], .always)),
            ]
        )
    }
}
