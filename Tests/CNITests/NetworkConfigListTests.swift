import KubeAPI
import Testing

@testable import CNI

@Suite struct NetworkConfigListTests {
    private func parse(_ text: String) throws -> NetworkConfigList {
        try NetworkConfigList(Array(text.utf8), place: "10-x.conflist")
    }

    @Test func readsAList() throws {
        let list = try parse(
            """
            {"cniVersion": "0.4.0", "cniVersions": ["0.4.0", "1.0.0", "9.0.0"], "name": "pods", "disableCheck": true, "plugins": [
              {"type": "bridge", "bridge": "cni0"}, {"type": "portmap", "capabilities": {"portMappings": true, "x": false}}]}
            """)
        #expect(list.name == "pods" && list.disableCheck && !list.disableGC)
        #expect(list.version == CNIVersion(1, 0, 0))
        #expect(list.plugins.map(\.type) == ["bridge", "portmap"])
        #expect(list.plugins[1].capabilities == ["portMappings"])
    }

    @Test func aSinglePluginIsAList() throws {
        let list = try parse(#"{"cniVersion": "0.3.1", "name": "one", "type": "ptp"}"#)
        #expect(list.plugins.map(\.type) == ["ptp"])
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"cniVersion":"1.0.0","name":"a/b","type":"x"}"#,
        #"{"cniVersion":"1.0.0","name":"a","plugins":[]}"#,
        #"{"cniVersion":"1.0.0","name":"a","type":"../x"}"#, #"{"cniVersion":"2.0.0","name":"a","type":"x"}"#,
        #"{"name":"a","type":"x"}"#, #"{"cniVersion":"1.0.0","name":"a","plugins":[{"bridge":"b"}]}"#,
    ])
    func refusesOthers(text: String) {
        let error = #expect(throws: CNIFailure.self) { try parse(text) }
        #expect(error?.description.contains("10-x.conflist") == true)
    }

    @Test func pluginsGetWhatTheSpecificationSays() throws {
        let list = try parse(
            """
            {"cniVersion": "1.1.0", "name": "pods", "plugins": [{"type": "portmap", "capabilities": {"portMappings": true},
              "snat": true}]}
            """)
        let attachment = Attachment(
            containerID: "c1", namespacePath: "/n", arguments: [.init("A", "b"), .init("C", "d")],
            capabilities: ["portMappings": [["hostPort": 80]], "bandwidth": [:]])
        let invocation = PluginInvocation(
            .add, list.plugins[0], of: list, attachment, previous: ["ips": []], path: ["/a", "/b"])
        #expect(
            invocation.environment == [
                "CNI_COMMAND=ADD", "CNI_PATH=/a:/b", "CNI_CONTAINERID=c1", "CNI_NETNS=/n", "CNI_IFNAME=eth0",
                "CNI_ARGS=A=b;C=d",
            ])
        #expect(
            invocation.input == [
                "type": "portmap", "snat": true, "cniVersion": "1.1.0", "name": "pods",
                "runtimeConfig": ["portMappings": [["hostPort": 80]]], "prevResult": ["ips": []],
            ])
        let collection = PluginInvocation(
            .garbageCollect, list.plugins[0], of: list, nil, valid: [attachment], path: ["/a"])
        #expect(collection.environment == ["CNI_COMMAND=GC", "CNI_PATH=/a"])
        #expect(collection.input["cni.dev/valid-attachments"] == [["containerID": "c1", "ifname": "eth0"]])
    }
}

@Suite struct NetworkResultTests {
    @Test(arguments: CNIVersion.supported) func everyVersionComesBack(version: CNIVersion) throws {
        var result = NetworkResult()
        result.interfaces = [
            .init(name: "veth1", mac: "ee:ee:ee:ee:ee:ee"),
            .init(name: "eth0", mac: "02:00:00:00:00:01", sandbox: "/n"),
        ]
        result.addresses = [
            .init(.init(10, 1, 0, 5), prefixLength: 24, gateway: .init(10, 1, 0, 1), interface: 1),
            .init(.init(high: 0xfd00 << 48, low: 5), prefixLength: 64, interface: 1),
        ]
        result.routes = [.init(try #require(.init("0.0.0.0/0")), gateway: .init(10, 1, 0, 1))]
        result.dns = .emptyObject
        let json = result.json(version: version)
        #expect(try NetworkResult(json) == result)
        #expect((json["ips"]?.array?.first?["version"]?.string == "4") == (version < CNIVersion(1, 0, 0)))
        #expect(json["cniVersion"]?.string == version.description)
    }

    @Test func badAddressesAreRefused() {
        for text in ["10.0.0.1", "10.0.0.1/33", "x/24", "/24"] {
            #expect(throws: CNIFailure.self) { try NetworkResult(["ips": [["address": .string(text)]]]) }
        }
    }
}
