import AgentCore
import KubeAPI
import NodeServices
import RuntimeSpec
import Testing

@Suite struct ExpansionTests {
    @Test(arguments: [
        ("$(A)-b", "1-b"), ("$$(A)", "$(A)"), ("$(NOPE)", "$(NOPE)"), ("$A $", "$A $"), ("$(A", "$(A"),
        ("$$$(A)", "$1"),
    ])
    func namesAreReplaced(text: String, result: String) {
        #expect(Expansion.expand(text) { $0 == "A" ? "1" : nil } == result)
    }
}

@Suite struct QualityOfServiceTests {
    @Test(arguments: [
        ("{}", QualityOfService.bestEffort), (#"{"requests":{"cpu":"1"}}"#, .burstable),
        (#"{"limits":{"cpu":"1","memory":"1Gi"}}"#, .guaranteed),
        (#"{"limits":{"cpu":"1","memory":"1Gi"},"requests":{"cpu":"500m"}}"#, .burstable),
        (#"{"limits":{"memory":"1Gi"}}"#, .burstable),
    ])
    func theClassFollowsFromAmounts(resources: String, expected: QualityOfService) throws {
        let pod = try WorkerLab.pod(#"{"containers":[{"name":"a","resources":\#(resources)}]}"#)
        #expect(QualityOfService(pod) == expected)
    }

    @Test func oomScoresFollowTheShareOfMemory() {
        #expect(QualityOfService.burstable.oomScoreAdjustment(requested: 250, nodeMemory: 1000) == 750)
        #expect(QualityOfService.burstable.oomScoreAdjustment(requested: 1000, nodeMemory: 1000) == 3)
        #expect(QualityOfService.burstable.oomScoreAdjustment(requested: 0, nodeMemory: 1000) == 999)
        #expect(QualityOfService.guaranteed.oomScoreAdjustment(requested: 0, nodeMemory: 1) == -997)
    }

    @Test func amountsBecomeCgroupValues() throws {
        let pod = try WorkerLab.pod(
            #"{"containers":[{"name":"a","resources":{"limits":{"cpu":"250m","memory":"64Mi"},"requests":{"cpu":"100m"}}}]}"#
        )
        let resources = ContainerAmounts(pod.containers[0]).cgroup
        #expect(resources == Resources(cpuShares: 102, cpuQuota: 25_000, cpuPeriod: 100_000, memoryLimit: 64 << 20))
    }
}

@Suite struct EnvironmentTests {
    @Test func laterSourcesWinAndReferToEarlierOnes() throws {
        let pod = try WorkerLab.pod(
            #"""
            {"containers":[{"name":"a","envFrom":[{"prefix":"P_","configMapRef":{"name":"c"}}],
              "resources":{"limits":{"cpu":"1500m"}},
              "env":[{"name":"A","value":"$(P_K)-$(IMG)"},{"name":"IMG","value":"own"},
                {"name":"N","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}},
                {"name":"L","valueFrom":{"fieldRef":{"fieldPath":"metadata.labels['x']"}}},
                {"name":"S","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}},
                {"name":"O","valueFrom":{"secretKeyRef":{"name":"none","key":"k","optional":true}}},
                {"name":"CPU","valueFrom":{"resourceFieldRef":{"resource":"limits.cpu"}}}]}]}
            """#, metadata: #","labels":{"x":"y"}"#)
        var references = PodReferences()
        references.configMaps["c"] = ["K": Array("v".utf8)]
        references.secrets["s"] = ["k": Array("hush".utf8)]
        let list = try EnvironmentVariables.make(pod.containers[0], of: pod, image: ["IMG=image"], references)
        let values = Dictionary(list.map { ($0.name, $0.value) }) { $1 }
        #expect(values["A"] == "v-image")
        #expect(values["IMG"] == "own")
        #expect(values["N"] == "p")
        #expect(values["L"] == "y")
        #expect(values["S"] == "hush")
        #expect(values["O"] == nil)
        #expect(values["CPU"] == "2")
        #expect(values["HOSTNAME"] == "p")
    }

    @Test func whatIsMissingIsNamed() throws {
        let pod = try WorkerLab.pod(
            #"{"containers":[{"name":"a","env":[{"name":"S","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}]}]}"#)
        let failure = #expect(throws: ConfigurationFailure.self) {
            _ = try EnvironmentVariables.make(pod.containers[0], of: pod, image: [], PodReferences())
        }
        #expect(failure?.description == "secret \"s\" not found")
    }

    @Test func servicesAreTold() throws {
        let json = try JSONParser.parse(
            #"""
            {"metadata":{"name":"my-db","namespace":"n"},
             "spec":{"clusterIP":"10.96.0.7","ports":[{"name":"sql","port":5432,"protocol":"TCP"}]}}
            """#)
        var references = PodReferences()
        references.services = [try Service(json: json)]
        let pod = try WorkerLab.pod(#"{"containers":[{"name":"a"}]}"#)
        let list = try EnvironmentVariables.make(pod.containers[0], of: pod, image: [], references)
        let values = Dictionary(list.map { ($0.name, $0.value) }) { $1 }
        #expect(values["MY_DB_SERVICE_HOST"] == "10.96.0.7")
        #expect(values["MY_DB_SERVICE_PORT_SQL"] == "5432")
        #expect(values["MY_DB_PORT_5432_TCP"] == "tcp://10.96.0.7:5432")
    }
}

@Suite struct ResolverFileTests {
    private let machine = ResolverFile(parsing: "nameserver 192.0.2.53\nsearch example.org\noptions edns0\n")

    private func text(_ spec: String) throws -> String {
        let pod = try WorkerLab.pod(spec)
        return ResolverFile(pod, machine: machine, cluster: ["10.96.0.10"], domain: "cluster.local").text
    }

    @Test func policiesChooseServers() throws {
        let cluster =
            "nameserver 10.96.0.10\nsearch n.svc.cluster.local svc.cluster.local cluster.local example.org\n"
            + "options ndots:5\n"
        let own = "nameserver 192.0.2.53\nsearch example.org\noptions edns0\n"
        #expect(try text("{}") == cluster)
        #expect(try text(#"{"hostNetwork":true,"dnsPolicy":"ClusterFirst"}"#) == own)
        #expect(try text(#"{"hostNetwork":true,"dnsPolicy":"ClusterFirstWithHostNet"}"#) == cluster)
        #expect(try text(#"{"dnsPolicy":"Default"}"#) == own)
        #expect(
            try text(
                #"""
                {"dnsPolicy":"None","dnsConfig":{"nameservers":["192.0.2.1"],"searches":["a.b"],
                 "options":[{"name":"ndots","value":"2"},{"name":"rotate"}]}}
                """#) == "nameserver 192.0.2.1\nsearch a.b\noptions ndots:2 rotate\n")
    }
}

@Suite struct HostsFileTests {
    @Test func theFullNameHasTheClustersDomain() throws {
        let pod = try WorkerLab.pod(#"{"subdomain":"sub"}"#)
        let text = HostsFile.text(pod, addresses: ["10.0.0.5"], machine: "", domain: "example.test")
        #expect(text.hasSuffix("\n10.0.0.5\tp.sub.n.svc.example.test\tp\n"))
    }
}

@Suite struct AccountTokenTests {
    /// Seconds of life, and when it is made anew.
    @Test(arguments: [(600, 480), (3600, 2880), (1_000_000, 86_400)] as [(Int64, Int64)])
    func tokensAreMadeAnewBeforeTheyEnd(life: Int64, renewal: Int64) {
        let (now, second) = (Int64(5_000_000_000), Int64(1_000_000_000))
        let token = AccountToken("t", expires: now + life * second, now: now)
        #expect(token.isFresh(now + renewal * second - 1) && !token.isFresh(now + renewal * second))
        #expect(token.isValid(now + life * second - 1) && !token.isValid(now + life * second))
    }
}

@Suite struct PodNameTests {
    @Test func theFullNameIsTheHostsWhereThePodWantsIt() throws {
        let spec = #""hostname":"h","subdomain":"db","containers":[]"#
        func name(_ more: String) throws -> String {
            try WorkerLab.pod("{\(spec)\(more)}").kernelHostname(domain: "cluster.local")
        }
        #expect(try name("") == "h")
        #expect(try name(#","setHostnameAsFQDN":true"#) == "h.db.n.svc.cluster.local")
        #expect(
            try WorkerLab.pod(#"{"setHostnameAsFQDN":true,"containers":[]}"#).kernelHostname(domain: "c") == "p")
        let long = String(repeating: "d", count: 50)
        #expect(throws: ConfigurationFailure.self) {
            try WorkerLab.pod(#"{"setHostnameAsFQDN":true,"subdomain":"\#(long)","containers":[]}"#)
                .kernelHostname(domain: "cluster.local")
        }
    }
}

@Suite struct VolumePlanTests {
    @Test func keysBecomeFiles() throws {
        let pod = try WorkerLab.pod("{}")
        var references = PodReferences()
        references.configMaps["c"] = ["a": [1], "b": [2]]
        let volume = try JSONParser.parse(
            #"{"name":"v","configMap":{"name":"c","defaultMode":256,"items":[{"key":"b","path":"x/y","mode":420}]}}"#)
        let plan = try VolumePlan.make(volume, of: pod, references)
        #expect(plan == .files([.init(path: "x/y", content: .bytes([2]), mode: 420)], group: nil))
    }

    @Test(
        arguments: [
            (#""containers":[{"name":"a"}]"#, 0o644),
            (#""securityContext":{"fsGroup":7},"containers":[{"name":"a"}]"#, 0o600),
            (#""securityContext":{"runAsUser":7},"containers":[{"name":"a"}]"#, 0o600),
            (#""containers":[{"name":"a","securityContext":{"runAsUser":7}},{"name":"b"}]"#, 0o644),
            (
                #""containers":[{"name":"a","securityContext":{"runAsUser":7}}],"ephemeralContainers":[{"name":"d"}]"#,
                0o600
            ),
        ] as [(String, UInt32)])
    func tokensCanBeReadByWhoTheContainersRunAs(spec: String, mode: UInt32) throws {
        let volume = try JSONParser.parse(
            #"{"name":"v","projected":{"defaultMode":420,"sources":[{"serviceAccountToken":{"path":"token"}}]}}"#)
        let pod = try WorkerLab.pod("{\(spec)}")
        guard case .files(let files, _) = try VolumePlan.make(volume, of: pod, PodReferences()) else {
            Issue.record("it is no volume of files")
            return
        }
        #expect(files.map(\.mode) == [mode])
    }

    @Test(arguments: ["../x", "/x", "a/../../b", ""])
    func pathsStayInside(path: String) throws {
        #expect(throws: ConfigurationFailure.self) { try VolumePlan.safe(path) }
    }

    @Test func whatAPodRefersToIsFound() throws {
        let pod = try WorkerLab.pod(
            #"""
            {"volumes":[{"name":"v","projected":{"sources":[{"secret":{"name":"s1"}},{"configMap":{"name":"c1"}}]}},
                        {"name":"w","secret":{"secretName":"s2"}}],
             "containers":[{"name":"a","envFrom":[{"configMapRef":{"name":"c2"}}]}]}
            """#)
        let names = VolumePlan.references(of: pod)
        #expect(names.configMaps == ["c1", "c2"])
        #expect(names.secrets == ["s1", "s2"])
    }
}

@Suite struct ContainerPlannerTests {
    private func plan(
        _ container: String, spec: String = "", image: ImageConfig = ImageConfig(entrypoint: ["/e"], cmd: ["c"])
    ) throws -> ContainerPlan {
        let pod = try WorkerLab.pod(#"{\#(spec)"containers":[\#(container)]}"#)
        var input = ContainerPlanner.Input()
        input.image = image
        input.volumes = ["v": "/vol/v"]
        input.imageUser = .init(uid: 5, gid: 6)
        return try ContainerPlanner(pod.containers[0], of: pod, input).plan()
    }

    @Test(arguments: [
        ("{\"name\":\"a\"}", ["/e", "c"]), (#"{"name":"a","args":["x"]}"#, ["/e", "x"]),
        (#"{"name":"a","command":["k"]}"#, ["k"]),
        (
            #"{"name":"a","command":["k","$(V)"],"args":["$$(V)"],"env":[{"name":"V","value":"1"}]}"#,
            ["k", "1", "$(V)"]
        ),
    ])
    func commandsReplaceEntrypoints(container: String, arguments: [String]) throws {
        #expect(try plan(container).arguments == arguments)
    }

    @Test func usersComeFromContainerPodThenImage() throws {
        #expect(try plan(#"{"name":"a"}"#).user == .init(uid: 5, gid: 6))
        let user = try plan(
            #"{"name":"a","securityContext":{"runAsUser":9}}"#,
            spec: #""securityContext":{"runAsUser":8,"runAsGroup":7,"fsGroup":4,"supplementalGroups":[3]},"#
        ).user
        #expect(user == .init(uid: 9, gid: 7, additionalGroups: [3, 4]))
        // The groups that the image gives the declared user stay.
        let declared = try plan(#"{"name":"a","securityContext":{"runAsUser":9}}"#).user
        #expect(declared == .init(uid: 9, gid: 6))
        #expect(throws: ConfigurationFailure.self) {
            _ = try plan(#"{"name":"a","securityContext":{"runAsNonRoot":true,"runAsUser":0}}"#)
        }
    }

    @Test func aSeccompProfileOfTheNodeMustBeThere() throws {
        let pod = try WorkerLab.pod(
            #"""
            {"securityContext":{"seccompProfile":{"type":"Localhost","localhostProfile":"p/strict.json"}},
             "containers":[{"name":"a","command":["x"]},
              {"name":"b","command":["x"],"securityContext":{"seccompProfile":{"type":"RuntimeDefault"}}}]}
            """#)
        var planner = ContainerPlanner(pod.containers[0], of: pod)
        #expect(try planner.seccompFile == "p/strict.json")
        let failure = #expect(throws: ConfigurationFailure.self) { try planner.plan() }
        #expect(failure?.description.contains("p/strict.json") == true)
        planner.input.seccompProfile = "{}"
        #expect(try planner.plan().seccomp == .profile("{}"))
        #expect(try ContainerPlanner(pod.containers[1], of: pod).seccompFile == nil)
    }

    @Test func volumesAreBound() throws {
        let mounts = try plan(
            #"""
            {"name":"a","volumeMounts":[{"name":"v","mountPath":"/deep/er","readOnly":true},
              {"name":"v","mountPath":"/deep","subPath":"p"}]}
            """#
        ).mounts
        #expect(mounts == [.bind("/vol/v/p", at: "/deep"), .bind("/vol/v", at: "/deep/er", isReadOnly: true)])
        #expect(throws: ConfigurationFailure.self) {
            _ = try plan(#"{"name":"a","volumeMounts":[{"name":"none","mountPath":"/x"}]}"#)
        }
    }
}

@Suite struct EvictionTests {
    @Test func thoseOverTheirRequestGoFirstThenTheLessImportant() {
        let ranked = Eviction.ranked([
            .init(uid: "within", priority: 0, usage: 5, request: 10),
            .init(uid: "over-important", priority: 100, usage: 50, request: 10),
            .init(uid: "over-little", priority: 0, usage: 11, request: 10),
            .init(uid: "over-much", priority: 0, usage: 90, request: 10),
        ])
        #expect(ranked.map(\.uid) == ["over-much", "over-little", "over-important", "within"])
    }
}

@Suite struct EvictionThresholdTests {
    @Test func shortagesFollowFromWhatIsLeft() throws {
        let thresholds = try EvictionThresholds("memory.available<100Mi, nodefs.available<10%")
        func short(_ memory: Int64, _ disk: Int64) -> Set<Eviction.Shortage> {
            thresholds.shortages([
                .memory: .init(available: memory << 20, total: 1 << 40), .disk: .init(available: disk, total: 1000),
                .processes: .init(available: 0, total: 10),
            ])
        }
        #expect(short(101, 101).isEmpty)
        #expect(short(99, 101) == [.memory])
        #expect(short(99, 99) == [.memory, .disk])
        #expect(thresholds.least(.memory, of: 1 << 40) == 100 << 20)
        #expect(thresholds.least(.disk, of: 1000) == 100)
        #expect(thresholds.least(.processes, of: 10) == 0)
    }

    @Test(arguments: ["memory.available", "swap.available<1Gi", "memory.available<x", "nodefs.available<120%"])
    func whatIsNotUnderstoodIsNamed(text: String) {
        let failure = #expect(throws: ConfigurationFailure.self) { _ = try EvictionThresholds(text) }
        #expect(failure?.description.contains(text) == true)
    }
}

@Suite struct SysctlPolicyTests {
    private func rejection(
        _ name: String, unsafe: [String] = [], _ more: String = ""
    ) throws -> PodRejection? {
        try SysctlPolicy(unsafe: unsafe).rejection(
            of: WorkerLab.pod(
                #"{"securityContext":{"sysctls":[{"name":"\#(name)","value":"1"}]},"containers":[]\#(more)}"#))
    }

    @Test(arguments: SysctlPolicy.safe)
    func safeOnesAreTheirPodsOwn(name: String) throws {
        #expect(try rejection(name) == nil)
        let isNetwork = name.hasPrefix("net.")
        let with = isNetwork ? #","hostNetwork":true"# : #","hostIPC":true"#
        #expect(
            try rejection(name, with)?.message
                == "forbidden sysctl: \"\(name)\" not allowed with host \(isNetwork ? "Net" : "IPC") enabled")
    }

    @Test(arguments: [
        "vm.swappiness", "kernel.core_pattern", "kernel.core_pipe_limit", "kernel.msgmax", "net.nope",
        "kernel.hostname", "vm/swappiness", "kernel/core_pattern", "", "../../etc/passwd",
        "net.ipv4.ip_local_port_rang",
    ])
    func allOthersAreForbidden(name: String) throws {
        let dotted = name == "../../etc/passwd" ? name : String(name.map { $0 == "/" ? "." : $0 })
        #expect(
            try rejection(name)
                == PodRejection("SysctlForbidden", "forbidden sysctl: \"\(dotted)\" not allowlisted"))
    }

    @Test func theOperatorAllowsNamespacedOnes() throws {
        let unsafe = ["kernel.msg*", "net/core/*", "kernel.sem"]
        for name in ["kernel.msgmax", "net.core.somaxconn", "net/core/somaxconn", "kernel.sem"] {
            #expect(try rejection(name, unsafe: unsafe) == nil)
        }
        #expect(try rejection("net.ipv4.ip_forward", unsafe: unsafe) != nil)
        #expect(try rejection("kernel.core_pattern", unsafe: unsafe) != nil)
        #expect(try rejection("kernel.sem", unsafe: unsafe, #","hostIPC":true"#) != nil)
    }

    @Test(arguments: ["*", "kernel.*", "vm.swappiness", "ne*", "fs.*", "kernel.core_pattern", ""])
    func noOperatorAllowsTheMachines(pattern: String) {
        #expect(throws: SysctlPolicy.UnknownPattern.self) { try SysctlPolicy(unsafe: [pattern]) }
    }
}

@Suite struct StaticPodTests {
    @Test func aFilesPodIsTheNodesAndItsMirrorShowsIt() throws {
        let json = try JSONParser.parse(#"{"metadata":{"name":"web"},"spec":{"containers":[{"name":"a"}]}}"#)
        let pod = try StaticPod.make(json, node: "Node-1", identity: "abc")
        #expect(pod.key == NamespacedName(namespace: "default", name: "web-node-1"))
        #expect(pod.uid == "abc")
        let mirror = try APIObject(json: StaticPod.mirror(of: pod, nodeUID: "nu", node: "Node-1"))
        #expect(StaticPod.isMirror(mirror))
        #expect(!StaticPod.isMirror(pod))
        #expect(StaticPod.isCurrent(mirror, of: pod))
        #expect(mirror.controller?.kind == "Node")
        let other = try StaticPod.make(json, node: "Node-1", identity: "def")
        #expect(!StaticPod.isCurrent(mirror, of: other))
    }
}
