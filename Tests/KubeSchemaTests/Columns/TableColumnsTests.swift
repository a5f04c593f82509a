import KubeAPI
import KubeSchema
import Testing

struct TableColumnsTests {
    /// 2026-01-02T03:04:05Z
    private static let now: Int64 = 1_767_323_045

    private func cells(_ kind: String, _ text: String) throws -> [String] {
        let parts = kind.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let cells = TableColumns.cells(
            of: try JSONParser.parse(text), group: parts[0], version: parts[1], kind: parts[2], now: Self.now)
        #expect(cells.count == TableColumns.columns(group: parts[0], version: parts[1], kind: parts[2]).count)
        return cells.map { $0.string ?? JSONWriter.text($0) }
    }

    @Test(arguments: [
        ("2026-01-02T03:04:06Z", "0s"), ("2026-01-02T03:05:05Z", "<invalid>"), ("2026-01-02T03:02:06Z", "119s"),
        ("2026-01-02T03:02:05Z", "2m"), ("2026-01-02T02:54:55Z", "9m10s"), ("2026-01-02T01:04:05Z", "120m"),
        ("2026-01-01T23:03:05Z", "4h1m"), ("2025-12-31T04:04:05Z", "47h"), ("2025-12-30T02:04:05Z", "3d1h"),
        ("2025-12-01T03:04:05Z", "32d"), ("2023-12-01T03:04:05Z", "2y33d"), ("2010-01-02T03:04:05Z", "16y"),
    ])
    func agesAreHuman(created: String, expected: String) throws {
        #expect(
            try cells("/v1/ServiceAccount", "{\"metadata\":{\"name\":\"a\",\"creationTimestamp\":\"\(created)\"}}") == [
                "a", expected,
            ])
    }

    @Test(arguments: [
        (#"{"type":"Healthy","status":"True","message":"ok"}"#, ["a", "Healthy", "ok", ""]),
        (#"{"type":"Healthy","status":"False","error":"gone"}"#, ["a", "Unhealthy", "", "gone"]),
        (#"{"type":"Other","status":"True"}"#, ["a", "Unknown", "", ""]),
    ])
    func partsAreHealthyOrNot(condition: String, expected: [String]) throws {
        #expect(
            try cells("/v1/ComponentStatus", "{\"metadata\":{\"name\":\"a\"},\"conditions\":[\(condition)]}")
                == expected)
    }

    /// Status and restarts of a Pod with two containers and, where named, init containers.
    @Test(arguments: [
        (#""status":{"phase":"Pending"}"#, "0/2", "Pending", "0"),
        (#""status":{"phase":"Failed","reason":"Evicted"}"#, "0/2", "Evicted", "0"),
        (
            #""status":{"conditions":[{"type":"PodScheduled","status":"False","reason":"SchedulingGated"}],"phase":"Pending"}"#,
            "0/2", "SchedulingGated", "0"
        ),
        (
            #""status":{"phase":"Running","containerStatuses":[{"name":"a","ready":true,"state":{"running":{}},"restartCount":2,"lastState":{"terminated":{"finishedAt":"2026-01-02T03:00:05Z"}}},{"name":"b","ready":true,"state":{"running":{}}}]}"#,
            "2/2", "Running", "2 (4m ago)"
        ),
        (
            #""status":{"phase":"Running","containerStatuses":[{"ready":false,"state":{"waiting":{"reason":"CrashLoopBackOff"}},"restartCount":3}]}"#,
            "0/2", "CrashLoopBackOff", "3"
        ),
        (
            #""status":{"phase":"Running","containerStatuses":[{"state":{"terminated":{"exitCode":3}}}]}"#, "0/2",
            "ExitCode:3", "0"
        ),
        (
            #""status":{"phase":"Running","containerStatuses":[{"state":{"terminated":{"signal":9}}}]}"#, "0/2",
            "Signal:9", "0"
        ),
        (
            #""status":{"phase":"Running","containerStatuses":[{"state":{"terminated":{"reason":"Completed"}}},{"ready":true,"state":{"running":{}}}]}"#,
            "1/2", "NotReady", "0"
        ),
        (
            #""status":{"phase":"Pending","initContainerStatuses":[{"name":"i","state":{"waiting":{"reason":"ImagePullBackOff"}}}]}"#,
            "0/2", "Init:ImagePullBackOff", "0"
        ),
        (
            #""status":{"phase":"Pending","initContainerStatuses":[{"name":"i","state":{"terminated":{"exitCode":1}},"restartCount":4}]}"#,
            "0/2", "Init:ExitCode:1", "4"
        ),
        (
            #""status":{"phase":"Pending","initContainerStatuses":[{"name":"i","state":{"running":{}}}]}"#, "0/2",
            "Init:0/0", "0"
        ),
    ])
    func podsHaveOneWord(rest: String, ready: String, status: String, restarts: String) throws {
        let pod = #"{"metadata":{"name":"p"},"spec":{"containers":[{"name":"a"},{"name":"b"}]},"# + rest + "}"
        #expect(Array(try cells("/v1/Pod", pod)[1...3]) == [ready, status, restarts])
    }

    @Test func deletedPodsTerminate() throws {
        let pod =
            #"{"metadata":{"name":"p","deletionTimestamp":"2026-01-02T03:04:05Z"},"spec":{"nodeName":"n"},"status":{"phase":"Running","podIPs":[{"ip":"10.0.0.1"}]}}"#
        #expect(
            try cells("/v1/Pod", pod) == [
                "p", "0/0", "Terminating", "0", "<unknown>", "10.0.0.1", "n", "<none>", "<none>",
            ])
    }

    @Test(arguments: [
        (
            "/v1/Service",
            #"{"metadata":{"name":"s"},"spec":{"type":"NodePort","clusterIPs":["10.0.0.1"],"ports":[{"port":80,"nodePort":30000,"protocol":"TCP"},{"port":53,"protocol":"UDP"}],"selector":{"b":"2","a":"1"}}}"#,
            ["s", "NodePort", "10.0.0.1", "<none>", "80:30000/TCP,53/UDP", "<unknown>", "a=1,b=2"]
        ),
        (
            "/v1/Service",
            #"{"metadata":{"name":"s"},"spec":{"type":"LoadBalancer","clusterIPs":["10.0.0.1"]},"status":{"loadBalancer":{}}}"#,
            ["s", "LoadBalancer", "10.0.0.1", "<pending>", "<none>", "<unknown>", "<none>"]
        ),
        (
            "/v1/Node",
            #"{"metadata":{"name":"n","labels":{"node-role.kubernetes.io/control-plane":"","kubernetes.io/role":"x"}},"spec":{"unschedulable":true},"status":{"conditions":[{"type":"Ready","status":"True"}],"addresses":[{"type":"InternalIP","address":"10.1.1.1"}],"nodeInfo":{"kubeletVersion":"v1.36.0","osImage":"Linux"}}}"#,
            [
                "n", "Ready,SchedulingDisabled", "control-plane,x", "<unknown>", "v1.36.0", "10.1.1.1", "<none>",
                "Linux", "<unknown>", "<unknown>",
            ]
        ),
        (
            "apps/v1/Deployment",
            #"{"metadata":{"name":"d"},"spec":{"replicas":3,"selector":{"matchLabels":{"a":"b"},"matchExpressions":[{"key":"A","operator":"In","values":["y","x"]}]},"template":{"spec":{"containers":[{"name":"c","image":"i"},{"name":"e","image":"j"}]}}},"status":{"readyReplicas":1,"updatedReplicas":2}}"#,
            ["d", "1/3", "2", "0", "<unknown>", "c,e", "i,j", "A in (x,y),a=b"]
        ),
        (
            "batch/v1/Job",
            #"{"metadata":{"name":"j"},"spec":{"completions":2,"template":{"spec":{"containers":[]}}},"status":{"succeeded":1,"startTime":"2026-01-02T03:00:05Z"}}"#,
            ["j", "Running", "1/2", "4m", "<unknown>", "", "", "<none>"]
        ),
        (
            "discovery.k8s.io/v1/EndpointSlice",
            #"{"metadata":{"name":"e"},"addressType":"IPv4","ports":[{"port":80},{}],"endpoints":[{"addresses":["1","2"]},{"addresses":["3"]},{"addresses":["4"]}]}"#,
            ["e", "IPv4", "80,*", "1,2,3 + 1 more...", "<unknown>"]
        ),
        (
            "/v1/Event",
            #"{"metadata":{"name":"x"},"involvedObject":{"kind":"Pod","name":"p"},"lastTimestamp":"2026-01-02T03:04:00Z","firstTimestamp":null,"type":"Normal","reason":"R","message":" m\n","source":{"component":"kubelet","host":"n"}}"#,
            ["5s", "Normal", "R", "pod/p", "", "kubelet, n", "m", "<unknown>", "1", "x"]
        ),
        (
            "autoscaling/v2/HorizontalPodAutoscaler",
            #"{"metadata":{"name":"h"},"spec":{"scaleTargetRef":{"kind":"Deployment","name":"d"},"minReplicas":1,"maxReplicas":5,"metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":80}}}]},"status":{"currentReplicas":2}}"#,
            ["h", "Deployment/d", "cpu: <unknown>/80%", "1", "5", "2", "<unknown>"]
        ),
        (
            "/v1/PersistentVolumeClaim",
            #"{"metadata":{"name":"c"},"spec":{"volumeName":"v","storageClassName":"s","volumeMode":"Filesystem"},"status":{"phase":"Bound","capacity":{"storage":"1Gi"},"accessModes":["ReadWriteMany","ReadWriteOnce"]}}"#,
            ["c", "Bound", "v", "1Gi", "RWO,RWX", "s", "<unset>", "<unknown>", "Filesystem"]
        ),
        (
            "rbac.authorization.k8s.io/v1/RoleBinding",
            #"{"metadata":{"name":"b"},"roleRef":{"kind":"Role","name":"r"},"subjects":[{"kind":"User","name":"u"},{"kind":"User","name":"w"},{"kind":"ServiceAccount","namespace":"n","name":"s"}]}"#,
            ["b", "Role/r", "<unknown>", "u, w", "", "n/s"]
        ),
        (
            "/v1/ResourceQuota",
            #"{"metadata":{"name":"q"},"status":{"hard":{"pods":"4","limits.cpu":"2"},"used":{"pods":"1"}}}"#,
            ["q", "pods: 1/4", "limits.cpu: 0/2", "<unknown>"]
        ),
        (
            "networking.k8s.io/v1/Ingress",
            #"{"metadata":{"name":"i"},"spec":{"rules":[{"host":"a"},{}],"tls":[{}]},"status":{"loadBalancer":{"ingress":[{"ip":"1.2.3.4"}]}}}"#,
            ["i", "<none>", "a", "1.2.3.4", "80, 443", "<unknown>"]
        ),
    ])
    func rowsAreUpstreams(kind: String, object: String, expected: [String]) throws {
        #expect(try cells(kind, object) == expected)
    }

    /// Also for an object with nothing in it.
    @Test func everyResourceHasACellPerColumn() {
        for resource in APICatalog.builtin.resources
        where !resource.listKind.isEmpty && resource.kind != "ComponentStatus" {
            let columns = TableColumns.columns(group: resource.group, version: resource.version, kind: resource.kind)
            let cells = TableColumns.cells(
                of: .emptyObject, group: resource.group, version: resource.version, kind: resource.kind, now: 0)
            #expect(cells.count == columns.count, "\(resource.kind)")
        }
    }
}
