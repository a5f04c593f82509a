import KubeAPI

/// What `make up` shows: three replicas behind a Service with a node port, and a pod to ask from.
public enum SampleObjects {
    public static let replicas = 3
    public static let nodePort: UInt16 = 30080
    public static let service = "echo"
    public static let client = "client"

    static var all: [JSONValue] { [deployment, echoService, clientPod] }

    private static let image: JSONValue = "apus/lab:v1"

    private static var deployment: JSONValue {
        [
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": ["name": .string(service), "namespace": "default"],
            "spec": [
                "replicas": .integer(Int64(replicas)), "selector": ["matchLabels": ["app": .string(service)]],
                "template": [
                    "metadata": ["labels": ["app": .string(service)]],
                    "spec": [
                        "terminationGracePeriodSeconds": 5,
                        "containers": [
                            [
                                "name": "echo", "image": image, "imagePullPolicy": "IfNotPresent",
                                "command": ["/bin/sh", "-c", "exec apus lab echo --ports 8080 --name `hostname`"],
                                "ports": [["containerPort": 8080]],
                                // Proxies hear that it goes before it goes.
                                "lifecycle": ["preStop": ["sleep": ["seconds": 1]]],
                                "readinessProbe": ["tcpSocket": ["port": 8080], "periodSeconds": 1],
                            ]
                        ],
                    ],
                ],
            ],
        ]
    }

    private static var echoService: JSONValue {
        [
            "apiVersion": "v1", "kind": "Service", "metadata": ["name": .string(service), "namespace": "default"],
            "spec": [
                "type": "NodePort", "selector": ["app": .string(service)],
                "ports": [["port": 80, "targetPort": 8080, "nodePort": .integer(Int64(nodePort))]],
            ],
        ]
    }

    private static var clientPod: JSONValue {
        [
            "apiVersion": "v1", "kind": "Pod", "metadata": ["name": .string(client), "namespace": "default"],
            "spec": [
                "terminationGracePeriodSeconds": 0,
                "containers": [
                    [
                        "name": "client", "image": image, "imagePullPolicy": "IfNotPresent",
                        "command": ["sleep", "1000000"],
                    ]
                ],
            ],
        ]
    }
}
